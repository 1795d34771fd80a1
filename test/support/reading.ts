/** Reads captures through the room and keeps what its sink was told, as plain records that tests can compare. */
import { readCaptures } from '../../src/capture/index.ts';
import { formatAddress } from '../../src/model/address.ts';
import type { CaptureSummary, IcmpError, Interest, PacketSink, SegmentView } from '../../src/model/packet.ts';
import type { Source } from '../../src/model/source.ts';
import { memorySource } from './captures.ts';

/** A segment as the sink saw it, with the texts and octets that its offsets point at. */
export interface SeenSegment {
  readonly input: number;
  readonly packet: number;
  readonly atUs: number;
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly ttl: number;
  readonly ipId: number;
  readonly dontFragment: boolean;
  readonly tos: number;
  readonly options: string;
  readonly payload: string;
  readonly payloadLength: number;
  readonly checksumState: number;
  readonly vlan: number;
  readonly mac: string | null;
  readonly interfaceId: number;
}

export interface Reading {
  readonly segments: SeenSegment[];
  readonly icmp: IcmpError[];
  readonly summaries: CaptureSummary[];
  /** `kind` or `kind x N` of the first source. */
  readonly anomalies: string[];
}

/** Marks the given ports, 25 unless said otherwise. */
export function interestIn(ports: readonly number[] = [25], smtpElsewhere: Interest['smtpElsewhere'] = () => {}): Interest {
  const marked = new Uint8Array(65_536);
  for (const port of ports) marked[port] = 1;
  return { ports: marked, smtpElsewhere };
}

/** A sink that copies what it is shown. */
export function recordingSink(): PacketSink & { readonly segments: SeenSegment[]; readonly icmpErrors: IcmpError[] } {
  const segments: SeenSegment[] = [];
  const icmpErrors: IcmpError[] = [];
  return { segments, icmpErrors, segment: (view) => void segments.push(copyOf(view)), icmp: (error) => void icmpErrors.push(error) };
}

/** Reads the octets of one file, or several sources, with port 25 of interest. */
export async function read(content: Uint8Array | readonly Source[], interest: Interest = interestIn(), chunk?: number): Promise<Reading> {
  const sources = content instanceof Uint8Array ? [memorySource(content, chunk === undefined ? {} : { chunk })] : content;
  const sink = recordingSink();
  const summaries = await readCaptures(sources, sink, interest);
  const anomalies = sources[0]?.anomalies.list().map(({ kind, count }) => (count === 1 ? kind : `${kind} x ${count}`)) ?? [];
  return { segments: sink.segments, icmp: sink.icmpErrors, summaries, anomalies };
}

function copyOf(view: SegmentView): SeenSegment {
  const { bytes, addressAt, family } = view;
  const hex = (at: number, length: number): string => Buffer.from(bytes.subarray(at, at + length)).toString('hex');
  return {
    input: view.input,
    packet: view.packet,
    atUs: view.atUs,
    src: formatAddress(bytes, addressAt, family),
    dst: formatAddress(bytes, addressAt + (family === 4 ? 4 : 16), family),
    srcPort: view.srcPort,
    dstPort: view.dstPort,
    seq: view.seq,
    ack: view.ack,
    flags: view.flags,
    window: view.window,
    ttl: view.ttl,
    ipId: view.ipId,
    dontFragment: view.dontFragment,
    tos: view.tos,
    options: hex(view.optionsAt, view.optionsLength),
    payload: Buffer.from(bytes.subarray(view.payloadAt, view.payloadAt + view.payloadCaptured)).toString('latin1'),
    payloadLength: view.payloadLength,
    checksumState: view.checksumState,
    vlan: view.vlan,
    mac: view.macAt < 0 ? null : hex(view.macAt, 6),
    interfaceId: view.interfaceId,
  };
}

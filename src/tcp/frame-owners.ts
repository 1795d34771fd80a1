import { formatAddress } from '../model/address.ts';
import type { FrameView, IpLayer, TcpLayer } from '../model/frame.ts';
import type { TcpConnection } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';

/** Which connection a frame belongs to, and where its payload stands in the stream of its side. */
export interface Ownership {
  readonly connection: TcpConnection;
  readonly side: Side;
  /** Octets of the stream in the frame: from `payloadAt` to `payloadEnd`, the first of them `seq` as `Segment.seq` counts. */
  readonly payloadAt: number;
  readonly payloadEnd: number;
  readonly seq: number;
  /** The header that names the connection, and the packet around it; null in an ICMP error and in all but the first fragment. */
  readonly tcp: TcpLayer | null;
  readonly ip: IpLayer;
}

interface Known {
  readonly connection: TcpConnection;
  readonly side: Side;
}

/** The first octets of a packet in pieces tell for all of them; `seq` is that of the octet behind the TCP header, which is `headerLength` long. */
interface FirstFragment extends Known {
  readonly seq: number;
  readonly headerLength: number;
}

/** Finds the frames of connections by addresses, ports and time. Frames come in the order in which the connections were followed. */
export class FrameOwners {
  readonly #byTuple = new Map<string, TcpConnection[]>();
  readonly #byIcmp = new Map<string, TcpConnection>();
  readonly #fragments = new Map<string, FirstFragment>();
  /** Last relative number of each side: numbers of 32 bits are taken for the nearest to it. */
  readonly #last = new Map<TcpConnection, [number, number]>();

  constructor(connections: Iterable<TcpConnection>) {
    for (const connection of connections) {
      const { originator, responder } = connection;
      const key = tupleOf(originator.ip, originator.port, responder.ip, responder.port);
      this.#byTuple.set(key, [...(this.#byTuple.get(key) ?? []), connection]);
      for (const { input, packet } of connection.icmp) this.#byIcmp.set(`${input} ${packet}`, connection);
    }
  }

  /** Remembers the beginnings of packets in pieces, which may come behind other pieces. For a first pass over captures that hold any. */
  learn(frame: FrameView): void {
    const { ip, tcp } = innermost(frame);
    if (ip?.fragment && ip.fragment.offset === 0 && tcp) this.#ofSegment(frame, ip, tcp);
  }

  ownerOf(frame: FrameView): Ownership | null {
    const { ip, tcp } = innermost(frame);
    if (!ip) return null;
    if (tcp) return this.#ofSegment(frame, ip, tcp);
    const quoting = this.#byIcmp.get(`${frame.input} ${frame.number}`);
    if (quoting) return { connection: quoting, side: 0, payloadAt: frame.bytes.length, payloadEnd: frame.bytes.length, seq: 0, tcp: null, ip };
    const first = ip.fragment ? this.#fragments.get(fragmentKey(frame, ip)) : undefined;
    if (!first || !ip.fragment) return null;
    const { connection, side, seq, headerLength } = first;
    return { connection, side, payloadAt: ip.contentAt, payloadEnd: ip.end, seq: seq + ip.fragment.offset - headerLength, tcp: null, ip };
  }

  #ofSegment(frame: FrameView, ip: IpLayer, tcp: TcpLayer): Ownership | null {
    const known = this.#find(frame, ip, tcp);
    if (!known) return null;
    const { connection, side } = known;
    const isSyn = ((frame.bytes[tcp.at + 13] ?? 0) & 0x02) !== 0;
    const seq = this.#relative(connection, side, frame.view.getUint32(tcp.at + 4)) + (isSyn ? 1 : 0);
    if (ip.fragment) this.#fragments.set(fragmentKey(frame, ip), { ...known, seq, headerLength: tcp.payloadAt - tcp.at });
    return { connection, side, payloadAt: tcp.payloadAt, payloadEnd: tcp.end, seq, tcp, ip };
  }

  #find({ bytes, view, atUs }: FrameView, ip: IpLayer, tcp: TcpLayer): Known | null {
    const source = formatAddress(bytes, ip.addressAt, ip.family);
    const target = formatAddress(bytes, ip.addressAt + (ip.family === 4 ? 4 : 16), ip.family);
    const sourcePort = view.getUint16(tcp.at);
    const candidates = this.#byTuple.get(tupleOf(source, sourcePort, target, view.getUint16(tcp.at + 2))) ?? [];
    const connection = candidates.find(({ firstUs, lastUs }) => atUs >= firstUs && atUs <= lastUs);
    if (!connection) return null;
    return { connection, side: connection.originator.ip === source && connection.originator.port === sourcePort ? 0 : 1 };
  }

  #relative(connection: TcpConnection, side: Side, wire: number): number {
    const base = (side === 0 ? connection.originator : connection.responder).baseSeq;
    if (base === null) return 1;
    const last = this.#last.get(connection) ?? [0, 0];
    const before = last[side];
    const relative = before + ((wire - ((base + before) >>> 0)) | 0);
    last[side] = relative;
    this.#last.set(connection, last);
    return relative;
  }
}

/** The packet that carries the segment: of tunnels the inner one. What an ICMP error quotes is none. */
function innermost({ layers }: FrameView): { ip: IpLayer | null; tcp: TcpLayer | null } {
  let ip: IpLayer | null = null;
  let tcp: TcpLayer | null = null;
  for (const layer of layers) {
    if (layer.kind === 'ip' && !layer.quoted) ip = layer;
    else if (layer.kind === 'tcp' && !layer.quoted) tcp = layer;
  }
  return { ip, tcp };
}

function fragmentKey({ input, bytes }: FrameView, ip: IpLayer): string {
  const octets = ip.family === 4 ? 8 : 32;
  return `${input} ${ip.fragment?.id} ${Buffer.from(bytes.buffer, bytes.byteOffset + ip.addressAt, octets).toString('latin1')}`;
}

function tupleOf(ip: string, port: number, otherIp: string, otherPort: number): string {
  const [a, b] = [`${ip} ${port}`, `${otherIp} ${otherPort}`];
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

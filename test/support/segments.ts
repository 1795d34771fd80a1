/**
 * Segments for the tests of `tcp`, made without any capture file: a conversation is written as calls, each gives the tracker one segment.
 * Numbers are relative (the SYN is 0, the first octet 1) and wrap onto the wire through the initial numbers.
 */
import { parseAddress } from '../../src/model/address.ts';
import { type PacketSink, type SegmentView, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../../src/model/packet.ts';
import type { StreamGap, StreamSink, TcpConnection } from '../../src/model/tcp.ts';
import type { Side } from '../../src/model/units.ts';
import { type StreamOpening, type TcpBudget, trackConnections } from '../../src/tcp/index.ts';
import { BlockStore } from '../../src/vault/index.ts';

/** What may be said about one segment; everything else follows from what was sent before. */
export interface SegmentFields {
  /** Relative sequence number; what the end would send next. */
  readonly seq?: number;
  /** Relative acknowledgement; what the other end has sent. */
  readonly ack?: number;
  readonly text?: string | Uint8Array;
  readonly window?: number;
  readonly ttl?: number;
  /** Type of service; 0. */
  readonly tos?: number;
  /** IPv4 identification; counts up. */
  readonly ipId?: number;
  readonly vlan?: number;
  readonly mac?: string;
  readonly checksum?: number;
  readonly checksumState?: 1 | 0 | -1;
  readonly options?: readonly number[];
  /** Octets stored, when the snap length cut. */
  readonly captured?: number;
  /** Microseconds since the segment before; 1,000. */
  readonly afterUs?: number;
  /** The segment is lost before the capture: its numbers count, but the tracker does not see it. */
  readonly lost?: boolean;
}

export interface EndFields {
  readonly ip: string;
  readonly port: number;
  readonly isn: number;
  readonly ttl?: number;
}

const SYN_OPTIONS = [2, 4, 5, 180, 4, 2, 3, 3, 7, 1];
const encoder = new TextEncoder();
const START_US = 1_700_000_000_000_000;

/** MSS, SACK permitted, window scale: the options of a SYN by default. */
export function synOptions(mss = 1460, scale = 7): number[] {
  return [2, 4, mss >> 8, mss & 255, 4, 2, 3, 3, scale, 1];
}

/** Time stamps, padded as Linux does. */
export function timestamps(value: number, echo: number): number[] {
  return [1, 1, 8, 10, ...word(value), ...word(echo)];
}

/** SACK blocks by wire numbers. */
export function sackBlocks(...edges: number[]): number[] {
  return [1, 1, 5, 2 + edges.length * 4, ...edges.flatMap(word)];
}

function word(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** Time and packet number shared by the conversations of one capture. */
export class Clock {
  atUs = START_US;
  packet = 0;
}

/** Two ends that talk. `client` and `server` send; nothing is checked, so that any stack can be imitated. */
export class Wire {
  readonly ends: readonly [EndFields, EndFields];
  readonly clock: Clock;
  readonly next: [number, number] = [0, 0];
  #ids: [number, number] = [100, 7000];
  readonly #sink: PacketSink;

  constructor(sink: PacketSink, client: Partial<EndFields> = {}, server: Partial<EndFields> = {}, clock = new Clock()) {
    this.#sink = sink;
    this.clock = clock;
    this.ends = [
      { ip: '198.51.100.7', port: 40_000, isn: 1_000_000, ttl: 52, ...client },
      { ip: '192.0.2.25', port: 25, isn: 4_000_000_000, ttl: 64, ...server },
    ];
  }

  client(flags: number, fields: SegmentFields = {}): this {
    return this.#send(0, flags, fields);
  }

  server(flags: number, fields: SegmentFields = {}): this {
    return this.#send(1, flags, fields);
  }

  handshake(): this {
    return this.client(TCP_SYN, { options: SYN_OPTIONS })
      .server(TCP_SYN | TCP_ACK, { options: SYN_OPTIONS })
      .client(TCP_ACK);
  }

  /** The client says a line, with CR and LF. */
  says(line: string, fields: SegmentFields = {}): this {
    return this.client(TCP_PSH | TCP_ACK, { text: `${line}\r\n`, ...fields });
  }

  answers(line: string, fields: SegmentFields = {}): this {
    return this.server(TCP_PSH | TCP_ACK, { text: `${line}\r\n`, ...fields });
  }

  /** FIN of both, each acknowledged. */
  close(): this {
    return this.client(TCP_FIN | TCP_ACK)
      .server(TCP_FIN | TCP_ACK)
      .client(TCP_ACK);
  }

  reset(side: Side = 0, fields: SegmentFields = {}): this {
    return this.#send(side, TCP_RST | TCP_ACK, fields);
  }

  wait(us: number): this {
    this.clock.atUs += us;
    return this;
  }

  #send(side: Side, flags: number, fields: SegmentFields): this {
    const other: Side = side === 0 ? 1 : 0;
    const payload = typeof fields.text === 'string' ? encoder.encode(fields.text) : (fields.text ?? new Uint8Array(0));
    const seq = fields.seq ?? this.next[side];
    const ack = fields.ack ?? this.next[other];
    const { isn } = this.ends[side];
    const length = flags & TCP_RST ? 0 : payload.length + (flags & TCP_SYN ? 1 : 0) + (flags & TCP_FIN ? 1 : 0);
    if (!(flags & TCP_RST) && seq + length > this.next[side]) this.next[side] = seq + length;
    const ipId = fields.ipId ?? this.#ids[side]++;
    if (fields.lost) return this;
    this.clock.atUs += fields.afterUs ?? 1_000;
    this.clock.packet++;
    const view = segmentView({
      source: this.ends[side],
      destination: this.ends[other],
      flags,
      seq: (isn + seq) >>> 0,
      ack: flags & TCP_ACK ? (this.ends[other].isn + ack) >>> 0 : 0,
      payload,
      fields: { ttl: this.ends[side].ttl ?? 64, mac: side === 0 ? '020000000001' : '020000000002', ...fields, ipId },
      atUs: this.clock.atUs,
      packet: this.clock.packet,
    });
    this.#sink.segment(view);
    // Borrowed means borrowed: whoever kept a reference finds rubbish.
    view.bytes.fill(0xee);
    return this;
  }
}

interface ViewParts {
  readonly source: Pick<EndFields, 'ip' | 'port'>;
  readonly destination: Pick<EndFields, 'ip' | 'port'>;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly payload: Uint8Array;
  readonly fields: SegmentFields;
  readonly atUs: number;
  readonly packet: number;
}

/** A described segment over octets of its own: MAC, addresses, options, payload. */
export function segmentView(parts: ViewParts): SegmentView {
  const { fields, payload } = parts;
  const source = parseAddress(parts.source.ip) ?? new Uint8Array(4);
  const destination = parseAddress(parts.destination.ip) ?? new Uint8Array(4);
  const options = fields.options ?? [];
  const captured = Math.min(fields.captured ?? payload.length, payload.length);
  const addressAt = 6;
  const optionsAt = addressAt + 2 * source.length;
  const payloadAt = optionsAt + options.length;
  const bytes = new Uint8Array(payloadAt + captured);
  const mac = fields.mac ?? '020000000001';
  for (let i = 0; i < 6; i++) bytes[i] = Number.parseInt(mac.slice(i * 2, i * 2 + 2), 16);
  bytes.set(source, addressAt);
  bytes.set(destination, addressAt + source.length);
  bytes.set(options, optionsAt);
  bytes.set(payload.subarray(0, captured), payloadAt);
  const family = source.length === 4 ? 4 : 6;
  return {
    input: 0,
    packet: parts.packet,
    atUs: parts.atUs,
    bytes,
    view: new DataView(bytes.buffer),
    macAt: 0,
    vlan: fields.vlan ?? -1,
    interfaceId: 0,
    family,
    addressAt,
    ttl: fields.ttl ?? 64,
    ipId: family === 6 ? -1 : (fields.ipId ?? 0) & 0xffff,
    dontFragment: true,
    tos: fields.tos ?? 0,
    srcPort: parts.source.port,
    dstPort: parts.destination.port,
    seq: parts.seq,
    ack: parts.ack,
    flags: parts.flags,
    window: fields.window ?? 500,
    optionsAt,
    optionsLength: options.length,
    payloadAt,
    payloadLength: payload.length,
    payloadCaptured: captured,
    checksum: fields.checksum ?? checksumOf(parts),
    checksumState: fields.checksumState ?? 1,
  };
}

function checksumOf({ seq, ack, flags, payload, fields }: ViewParts): number {
  let sum = seq ^ Math.imul(ack, 31) ^ Math.imul(flags, 1_000_003) ^ (fields.window ?? 500);
  for (const octet of payload) sum = (Math.imul(sum, 33) + octet) | 0;
  for (const octet of fields.options ?? []) sum = (Math.imul(sum, 33) + octet) | 0;
  return (sum ^ (sum >>> 16)) & 0xffff;
}

/** What a stream received, in order, as text: `C:` and `S:` octets, `<gap …>`, `<fin>`. */
export class Heard implements StreamSink {
  readonly info: StreamOpening;
  readonly events: string[] = [];
  readonly octetsOf: [number[], number[]] = [[], []];
  readonly gaps: { side: Side; length: number; kind: StreamGap['kind'] }[] = [];
  readonly packets: number[] = [];
  readonly fins: Side[] = [];
  /** Octets and gaps in the order in which they came. */
  readonly order: { side: Side; octets: number; gap: number }[] = [];

  constructor(info: StreamOpening) {
    this.info = info;
  }

  octets(side: Side, bytes: Uint8Array, start: number, end: number, at: { packet: number }): void {
    const part = bytes.subarray(start, end);
    this.octetsOf[side].push(...part);
    this.packets.push(at.packet);
    this.order.push({ side, octets: end - start, gap: 0 });
    this.events.push(`${name(side)}:${new TextDecoder('latin1').decode(part).trimEnd()}`);
  }

  gap(side: Side, length: number, kind: StreamGap['kind']): void {
    this.gaps.push({ side, length, kind });
    this.order.push({ side, octets: 0, gap: length });
    this.events.push(`${name(side)}<gap ${length} ${kind}>`);
  }

  fin(side: Side): void {
    this.fins.push(side);
    this.events.push(`${name(side)}<fin>`);
  }

  text(side: Side): string {
    return new TextDecoder('latin1').decode(Uint8Array.from(this.octetsOf[side]));
  }
}

function name(side: Side): string {
  return side === 0 ? 'C' : 'S';
}

/** A tracker that remembers everything it said. */
export function listen(
  budget: Partial<TcpBudget> = {},
  ports: readonly number[] = [25],
  also: { readonly countAttempt?: () => boolean; readonly onConnection?: () => void } = {},
) {
  const serverPorts = new Uint8Array(65_536);
  for (const port of ports) serverPorts[port] = 1;
  const sealed: { connection: TcpConnection; heard: Heard }[] = [];
  const opened: Heard[] = [];
  const tracker = trackConnections({
    vantage: 'appliance',
    store: new BlockStore(),
    serverPorts,
    budget,
    openStream(info) {
      const heard = new Heard(info);
      opened.push(heard);
      return heard;
    },
    onConnection(connection, stream) {
      const heard = opened.find((one) => one === stream);
      if (heard) sealed.push({ connection, heard });
      also.onConnection?.();
    },
    ...(also.countAttempt ? { countAttempt: also.countAttempt } : {}),
  });
  return { tracker, sealed, opened };
}

/** Plays a conversation to the end and gives the first connection that was sealed with what its stream heard. */
export function play(story: (wire: Wire) => unknown, budget: Partial<TcpBudget> = {}, ends: { client?: Partial<EndFields>; server?: Partial<EndFields> } = {}) {
  const { tracker, sealed } = listen(budget);
  story(new Wire(tracker, ends.client, ends.server));
  tracker.finish();
  const connections = sealed.map(({ connection }) => connection).sort((a, b) => a.stream - b.stream);
  const first = sealed.find(({ connection }) => connection.stream === 0);
  if (!first) throw new Error('no connection came out');
  return { ...first, connections, all: sealed };
}

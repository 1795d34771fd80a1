import type { IcmpError } from '../model/packet.ts';
import type { PackedLog, SegmentLog, StreamGap, SynOptions, TcpConnection, TcpEndpoint } from '../model/tcp.ts';
import type { EpochUs } from '../model/units.ts';
import { MomentCodec } from './moments.ts';
import { OctetReader, OctetWriter } from './octets.ts';
import type { TextStore } from './texts.ts';

const STATES = ['inactive', 'syn-sent', 'syn-ack-sent', 'partial', 'established', 'closed', 'reset'] as const satisfies readonly TcpEndpoint['state'][];
const GAPS = ['capture', 'network', 'snap', 'budget'] as const satisfies readonly StreamGap['kind'][];

/** Stands for segments that are not in the store. */
const ELSEWHERE: PackedLog = { address: -1, length: 0, dropped: 0, originator: 0 };

/** Packs sealed connections into octets and back, all but their segments. */
export class ConnectionCodec {
  readonly #out = new OctetWriter();
  readonly #in = new OctetReader();
  readonly #moments = new MomentCodec(this.#out, this.#in);
  readonly #texts: TextStore;
  /** What the streams are called that were numbered in a lane; null where they keep their numbers. */
  streams: Uint32Array | null = null;

  constructor(texts: TextStore) {
    this.#texts = texts;
  }

  /** The octets are valid until the next call. */
  pack(connection: TcpConnection): Uint8Array {
    const out = this.#out;
    out.clear();
    this.#moments.begin();
    const log = connection.segments.packed ?? ELSEWHERE;
    out.count(bit(connection.family === 6, 0) | bit(connection.sawSyn, 1) | bit(connection.bothDirections, 2) | bit(log.originator === 1, 3));
    out.number(log.address);
    out.number(log.length);
    out.number(log.dropped);
    out.count(connection.stream);
    this.#texts.put(out, connection.vantage);
    this.#moments.putTime(connection.firstUs);
    this.#moments.putTime(connection.lastUs);
    this.#timeOrNull(connection.establishedUs);
    this.#numberOrNull(connection.originatorRttUs);
    this.#numberOrNull(connection.responderRttUs);
    this.#texts.put(out, connection.connState);
    this.#texts.put(out, connection.history);
    this.#putEndpoint(connection.originator);
    this.#putEndpoint(connection.responder);
    out.count(connection.gaps.length);
    for (const gap of connection.gaps) this.#putGap(gap);
    out.count(connection.icmp.length);
    for (const error of connection.icmp) this.#putIcmp(error);
    this.#texts.putAll(this.#out, connection.macs);
    out.count(connection.duplicateFrames);
    this.#texts.putAll(this.#out, connection.caveats);
    return out.octets.subarray(0, out.length);
  }

  /** `open`: gives the segments, which stand elsewhere. */
  unpack(octets: Buffer, at: number, open: (log: PackedLog) => SegmentLog): TcpConnection {
    const from = this.#in;
    from.octets = octets;
    from.at = at;
    this.#moments.begin();
    const flags = from.count();
    return {
      family: flags & 1 ? 6 : 4,
      sawSyn: (flags & 2) !== 0,
      bothDirections: (flags & 4) !== 0,
      segments: open({ address: from.number(), length: from.number(), dropped: from.number(), originator: flags & 8 ? 1 : 0 }),
      stream: this.#streamOf(from.count()),
      vantage: this.#texts.get(from),
      firstUs: this.#moments.getTime(),
      lastUs: this.#moments.getTime(),
      establishedUs: this.#getTimeOrNull(),
      originatorRttUs: this.#getNumberOrNull(),
      responderRttUs: this.#getNumberOrNull(),
      connState: this.#texts.get(from),
      history: this.#texts.get(from),
      originator: this.#getEndpoint(),
      responder: this.#getEndpoint(),
      gaps: this.#in.list(() => this.#getGap()),
      icmp: this.#in.list(() => this.#getIcmp()),
      macs: this.#texts.getAll(from),
      duplicateFrames: from.count(),
      caveats: this.#texts.getAll(from),
    };
  }

  #streamOf(number: number): number {
    return this.streams === null ? number : (this.streams[number] ?? number);
  }

  #putEndpoint(end: TcpEndpoint): void {
    const out = this.#out;
    this.#texts.put(out, end.ip);
    out.count(end.port);
    out.count(STATES.indexOf(end.state));
    this.#numberOrNull(end.isn);
    this.#numberOrNull(end.baseSeq);
    out.count(end.syn ? 1 : 0);
    if (end.syn) this.#putSyn(end.syn);
    out.number(end.packets);
    out.number(end.octets);
    out.number(end.contiguousTo);
    out.number(end.sentTo);
    out.number(end.ackedTo);
    out.count(end.fin ? (end.fin.inOrder ? 2 : 1) : 0);
    if (end.fin) this.#putFin(end.fin);
    out.count(end.rsts.length);
    for (const index of end.rsts) out.number(index);
  }

  #getEndpoint(): TcpEndpoint {
    const from = this.#in;
    return {
      ip: this.#texts.get(from),
      port: from.count(),
      state: STATES[from.count()] ?? 'inactive',
      isn: this.#getNumberOrNull(),
      baseSeq: this.#getNumberOrNull(),
      syn: from.count() === 1 ? this.#getSyn() : null,
      packets: from.number(),
      octets: from.number(),
      contiguousTo: from.number(),
      sentTo: from.number(),
      ackedTo: from.number(),
      fin: this.#getFin(),
      rsts: this.#in.list(() => from.number()),
    };
  }

  #putFin({ segment, atUs, seq }: NonNullable<TcpEndpoint['fin']>): void {
    this.#out.number(segment);
    this.#moments.putTime(atUs);
    this.#out.number(seq);
  }

  #getFin(): TcpEndpoint['fin'] {
    const from = this.#in;
    const mark = from.count();
    return mark === 0 ? null : { segment: from.number(), atUs: this.#moments.getTime(), seq: from.number(), inOrder: mark === 2 };
  }

  #putSyn(syn: SynOptions): void {
    const out = this.#out;
    out.count(bit(syn.sackPermitted, 0) | bit(syn.timestamps, 1));
    this.#numberOrNull(syn.mss);
    this.#numberOrNull(syn.windowScale);
    this.#texts.put(out, syn.layout);
    out.number(syn.window);
    out.number(syn.ttl);
  }

  #getSyn(): SynOptions {
    const from = this.#in;
    const flags = from.count();
    return {
      mss: this.#getNumberOrNull(),
      windowScale: this.#getNumberOrNull(),
      sackPermitted: (flags & 1) !== 0,
      timestamps: (flags & 2) !== 0,
      layout: this.#texts.get(from),
      window: from.number(),
      ttl: from.number(),
    };
  }

  #putGap(gap: StreamGap): void {
    this.#out.count(GAPS.indexOf(gap.kind) * 2 + gap.side);
    for (const value of [gap.from, gap.length, gap.segment]) this.#out.number(value);
  }

  #getGap(): StreamGap {
    const from = this.#in;
    const mark = from.count();
    return { side: mark & 1 ? 1 : 0, kind: GAPS[mark >>> 1] ?? 'budget', from: from.number(), length: from.number(), segment: from.number() };
  }

  #putIcmp(error: IcmpError): void {
    const out = this.#out;
    const { quoted } = error;
    for (const value of [error.input, error.packet, error.atUs, error.ttl, error.family, error.type, error.code, quoted.srcPort, quoted.dstPort])
      out.number(value);
    this.#numberOrNull(error.mtu);
    this.#numberOrNull(quoted.seq);
    for (const ip of [error.fromIp, error.toIp, quoted.srcIp, quoted.dstIp]) this.#texts.put(out, ip);
  }

  #getIcmp(): IcmpError {
    const from = this.#in;
    const [input, packet, atUs, ttl, family] = [from.number(), from.number(), from.number(), from.number(), from.number()];
    const [type, code, srcPort, dstPort] = [from.number(), from.number(), from.number(), from.number()];
    const [mtu, seq] = [this.#getNumberOrNull(), this.#getNumberOrNull()];
    const [fromIp, toIp] = [this.#texts.get(from), this.#texts.get(from)];
    const quoted = { srcIp: this.#texts.get(from), srcPort, dstIp: this.#texts.get(from), dstPort, seq };
    return { input, packet, atUs, fromIp, toIp, ttl, family: family === 6 ? 6 : 4, type, code, mtu, quoted };
  }

  #timeOrNull(atUs: EpochUs | null): void {
    this.#out.count(atUs === null ? 0 : 1);
    if (atUs !== null) this.#moments.putTime(atUs);
  }

  #getTimeOrNull(): EpochUs | null {
    return this.#in.count() === 0 ? null : this.#moments.getTime();
  }

  #numberOrNull(value: number | null): void {
    this.#out.count(value === null ? 0 : 1);
    if (value !== null) this.#out.number(value);
  }

  #getNumberOrNull(): number | null {
    return this.#in.count() === 0 ? null : this.#in.number();
  }
}

function bit(value: boolean, place: number): number {
  return value ? 1 << place : 0;
}

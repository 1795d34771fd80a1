/**
 * A path with a capture point at either end: a story is played into it once, and both captures come out, with what the path and the captures
 * did to each packet. Times of the right point run by a clock of their own.
 */
import type { CaptureContext } from '../../src/model/judgement.ts';
import type { PacketSink, SegmentView } from '../../src/model/packet.ts';
import type { CapturedSession } from '../../src/model/pairing.ts';
import type { DialogueFollower } from '../../src/model/smtp.ts';
import { followDialogue } from '../../src/smtp/index.ts';
import { tlsFollowers } from '../../src/tls/index.ts';
import { trackConnections } from '../../src/tcp/index.ts';
import { BlockStore } from '../../src/vault/index.ts';
import type { Point } from '../../src/vantage/index.ts';
import { contextOf } from '../support/trial.ts';
import { Clock, type EndFields, Wire, segmentView } from '../support/segments.ts';

/** One packet as it stands at a point. */
export interface Raw {
  /** The same at both points; negative for packets that a box made. */
  readonly id: number;
  readonly from: 'client' | 'server';
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly ttl: number;
  readonly ipId: number;
  readonly window: number;
  readonly options: readonly number[];
  readonly payload: Uint8Array;
  readonly atUs: number;
}

export interface PathOptions {
  /** Address and port of the client behind the path. */
  readonly translated?: { readonly ip: string; readonly port: number };
  /** Added to the numbers of either side on the way from left to right. */
  readonly shift?: { readonly client: number; readonly server: number };
  readonly rewritesIpIds?: boolean;
  /** With which the client sends; as from 12 hops behind the left point unless told. */
  readonly clientTtl?: number;
  readonly hops?: number;
  readonly delayUs?: number;
  readonly clockUs?: number;
  /** What the path does to a packet; null swallows it. Sees each packet as the near point has it. */
  readonly meddle?: (raw: Raw) => Raw | null;
  /** Whether a capture misses a packet. */
  readonly misses?: (point: 'left' | 'right', raw: Raw) => boolean;
  /** Octets of a payload that the capture at a point keeps; all unless told. */
  readonly kept?: { readonly left?: number; readonly right?: number };
  /** How a capturing host cuts or joins what it sees at a point, in order of time. */
  readonly regroup?: (point: 'left' | 'right', list: readonly Raw[]) => readonly Raw[];
  /** Packets that a box makes: seen at one point only. */
  readonly inject?: readonly { readonly point: 'left' | 'right'; readonly raw: Omit<Raw, 'id'> }[];
}

export interface Seen {
  readonly left: Point;
  readonly right: Point;
  /** Identities of the packets at a point, by packet number; several where segments were joined. */
  readonly ids: { readonly left: ReadonlyMap<number, readonly number[]>; readonly right: ReadonlyMap<number, readonly number[]> };
}

const CLIENT = { ip: '198.51.100.7', port: 40_000, isn: 1_000_000 };
const SERVER = { ip: '192.0.2.25', port: 25, isn: 4_000_000_000 };

/** Plays a story over the path and gives both captures. */
export function travel(story: (wire: Wire) => unknown, options: PathOptions = {}): Seen {
  const sent: Raw[] = [];
  const sink: PacketSink = {
    segment: (view) => sent.push(copyOf(view, sent.length)),
    icmp: () => undefined,
  };
  const clock = new Clock();
  story(new Wire(sink, options.clientTtl === undefined ? CLIENT : { ...CLIENT, ttl: options.clientTtl }, SERVER, clock));
  const atPoint: { left: Raw[]; right: Raw[] } = { left: [], right: [] };
  const { delayUs = 300, hops = 3, clockUs = 0, shift = { client: 0, server: 0 } } = options;
  for (const raw of sent) {
    const [near, far] = raw.from === 'client' ? (['left', 'right'] as const) : (['right', 'left'] as const);
    const passed = options.meddle ? options.meddle(raw) : raw;
    const arrival = passed && {
      ...passed,
      atUs: raw.atUs + delayUs,
      ttl: passed.ttl - hops,
      ipId: options.rewritesIpIds ? (passed.ipId * 7 + 911) & 0xffff : passed.ipId,
    };
    atPoint[near].push(raw);
    if (arrival) atPoint[far].push(arrival);
  }
  for (const [index, { point, raw }] of (options.inject ?? []).entries()) atPoint[point].push({ ...raw, id: -1 - index });
  const change = (raw: Raw): Raw => ({
    ...raw,
    seq: (raw.seq + shift[raw.from]) >>> 0,
    ack: raw.ack === 0 ? 0 : (raw.ack + shift[raw.from === 'client' ? 'server' : 'client']) >>> 0,
    atUs: raw.atUs + clockUs,
  });
  const client = options.translated ? { ...CLIENT, ...options.translated } : CLIENT;
  const left = capture('left', atPoint.left, CLIENT, options);
  const right = capture('right', atPoint.right.map(change), client, options);
  return { left: left.point, right: right.point, ids: { left: left.ids, right: right.ids } };
}

function copyOf(view: SegmentView, id: number): Raw {
  return {
    id,
    from: view.srcPort === 25 ? 'server' : 'client',
    seq: view.seq,
    ack: view.ack,
    flags: view.flags,
    ttl: view.ttl,
    ipId: view.ipId,
    window: view.window,
    options: [...view.bytes.subarray(view.optionsAt, view.optionsAt + view.optionsLength)],
    payload: view.bytes.slice(view.payloadAt, view.payloadAt + view.payloadLength),
    atUs: view.atUs,
  };
}

function capture(name: 'left' | 'right', list: readonly Raw[], client: EndFields, { misses, kept, regroup }: PathOptions) {
  const ordered = [...list].sort((a, b) => a.atUs - b.atUs);
  const ids = new Map<number, number[]>();
  const point = recordPoint(name === 'left' ? 'client' : 'appliance', (sink) => {
    let packet = 0;
    for (const raw of (regroup?.(name, ordered) ?? ordered).filter((one) => !misses?.(name, one))) {
      packet++;
      ids.set(packet, mergedIds(raw));
      const [source, destination] = raw.from === 'client' ? [client, SERVER] : [SERVER, client];
      const { flags, seq, ack, payload, atUs, ttl, ipId, window, options } = raw;
      const captured = kept?.[name] ?? payload.length;
      sink.segment(segmentView({ source, destination, flags, seq, ack, payload, fields: { ttl, ipId, window, options, captured }, atUs, packet }));
    }
  });
  return { point, ids };
}

const EMPTY: CaptureContext = {
  firstUs: 0,
  lastUs: 0,
  reportedDrops: 0,
  snapLength: null,
};

/** Plays a story into one capture point; payloads are kept as a second reading of the file would give them. */
export function recordPoint(name: string, play: (sink: PacketSink) => unknown): Point {
  const payloads = new Map<number, Uint8Array>();
  const ports = new Uint8Array(65_536);
  ports[25] = 1;
  const sessions: CapturedSession[] = [];
  const tracker = trackConnections({
    vantage: name,
    store: new BlockStore(),
    serverPorts: ports,
    openStream: (info) => followDialogue({ clientSide: info.sawSyn ? 0 : null, serverPort: info.responderPort, openTls: tlsFollowers() }),
    onConnection: (connection, stream) => sessions.push({ connection, dialogue: (stream as DialogueFollower).finish() }),
  });
  play({
    segment: (view) => {
      payloads.set(view.packet, view.bytes.slice(view.payloadAt, view.payloadAt + view.payloadLength));
      tracker.segment(view);
    },
    icmp: () => undefined,
  });
  tracker.finish();
  return {
    name,
    captured: sessions[0] ?? null,
    context: sessions.length > 0 ? contextOf(sessions) : EMPTY,
    octetsOf: ({ number }) => payloads.get(number) ?? null,
  };
}

/** Identities of joined packets, kept beside the packet. */
const merged = new WeakMap<Raw, number[]>();

function mergedIds(raw: Raw): number[] {
  return merged.get(raw) ?? [raw.id];
}

/** Joins neighbouring data segments of one sender that continue one another, as receive offload does. */
export function joinSegments(list: readonly Raw[], most: number): Raw[] {
  const joined: Raw[] = [];
  for (const raw of list) {
    const last = joined.at(-1);
    const follows = last && last.from === raw.from && last.payload.length > 0 && raw.payload.length > 0 && (last.seq + last.payload.length) >>> 0 === raw.seq;
    if (!last || !follows || mergedIds(last).length >= most || (last.flags & 1) !== 0) {
      joined.push(raw);
      continue;
    }
    const both = { ...last, flags: last.flags | raw.flags, payload: Uint8Array.from([...last.payload, ...raw.payload]), atUs: raw.atUs };
    merged.set(both, [...mergedIds(last), ...mergedIds(raw)]);
    joined[joined.length - 1] = both;
  }
  return joined;
}

import { clearTrailer, Concealment, formatLog, isChecksumRight, overwriteQuote, PcapngWriter, renewChecksum } from '../extract/index.ts';
import type { PacketRef } from '../model/evidence.ts';
import type { FrameView, IcmpLayer } from '../model/frame.ts';
import type { LogFileSummary, LogLine } from '../model/maillog.ts';
import type { Session } from '../model/pairing.ts';
import { LONGEST_SILENCE_US } from '../model/settings.ts';
import type { Takeout, TakeoutSession, TakeoutVantage } from '../model/takeout.ts';
import type { TcpConnection } from '../model/tcp.ts';
import type { Disguise } from '../share/index.ts';
import type { Ownership } from '../tcp/index.ts';
import { readOwnFrames, readSpeech } from './second-pass.ts';

/** What the caller decides: the words are made where words are made. */
export interface ExtractPlan {
  /** `whohungup 0.1.0`. */
  readonly application: string;
  /** On the section header. */
  readonly comments: readonly string[];
  /** On packets. */
  readonly commentsOf: (packet: PacketRef) => readonly string[];
  /** Said of a packet of which this many octets were overwritten; its checksum was computed anew or, for another reason, no longer fits. */
  readonly overwritten: (octets: number, isRenewed: boolean) => string;
  /** Every octet is kept. */
  readonly raw: boolean;
  /** Names are replaced, and the names of files and interfaces left out; null: they stay. */
  readonly disguise: Pick<Disguise, 'frames' | 'speech'> | null;
  readonly write: (octets: Uint8Array) => void;
}

/** What was written. */
export interface ExtractSummary {
  readonly packets: number;
  readonly commented: number;
  readonly overwrittenPackets: number;
  readonly overwrittenOctets: number;
  readonly vantages: readonly string[];
}

/** The mark by which the vantage points of an extract are found again: their names are those of its interfaces. */
export function vantageComment(names: readonly string[]): string {
  return `vantage points: ${names.map(plainName).join(', ')}`;
}

function plainName(vantage: string): string {
  return vantage.replaceAll(',', ' ');
}

/** Writes the packets of the sessions, one vantage point after the other. */
export async function writeExtract(takeout: Takeout, plan: ExtractPlan): Promise<ExtractSummary> {
  const writer = new PcapngWriter(plan.write, plan.application, plan.comments);
  const summary = { packets: 0, commented: 0, overwrittenPackets: 0, overwrittenOctets: 0, vantages: [] as string[] };
  for (const vantage of takeout.vantages) {
    const wanted = connectionsAt(takeout.sessions, vantage.name);
    if (wanted.length === 0) continue;
    summary.vantages.push(vantage.name);
    const concealments = plan.raw ? new Map<number, Concealment>() : await conceal(vantage, takeout.ports, wanted, plan.disguise);
    const interfaces = new Interfaces(writer, vantage, plan.disguise !== null);
    await readOwnFrames(vantage, wanted, (frame, owner) => {
      const written = plan.disguise ? disguise(frame, owner, concealments, plan.disguise) : plan.raw ? asIs(frame) : rewrite(frame, owner, concealments);
      if (!written) return;
      const { bytes, octets, isRenewed, linkNumber, wireLength } = written;
      const said = plan.commentsOf(frame);
      const comments = octets > 0 && !plan.disguise ? [...said, plan.overwritten(octets, isRenewed)] : said;
      writer.addPacket({ interfaceId: interfaces.of(frame, linkNumber), atUs: frame.atUs, bytes, wireLength, comments });
      summary.packets++;
      if (said.length > 0) summary.commented++;
      if (octets > 0) summary.overwrittenPackets++;
      summary.overwrittenOctets += octets;
    });
    interfaces.finish();
  }
  return summary;
}

/** The sessions' lines, a text a log. */
export function extractLogs({ log, sessions }: Takeout): { readonly file: LogFileSummary; readonly text: string }[] {
  if (!log) return [];
  const lines = sessions.flatMap(({ session }) => linesOf(session));
  return log.files.map((file) => ({ file, text: formatLog(file, lines) })).filter(({ text }) => text !== '');
}

function linesOf({ injection, delivery, messages }: Session): LogLine[] {
  const debug = injection?.debug.map(({ line }) => line) ?? [];
  return [...(injection?.lines ?? []), ...(delivery?.lines ?? []), ...messages.map((message) => message.lines).flat(), ...debug];
}

export function connectionsAt(sessions: readonly TakeoutSession[], vantage: string): TcpConnection[] {
  return sessions.flatMap(({ connections }) => connections.get(vantage) ?? []);
}

async function conceal(
  vantage: TakeoutVantage,
  ports: Uint8Array,
  wanted: readonly TcpConnection[],
  disguise: ExtractPlan['disguise'],
): Promise<Map<number, Concealment>> {
  const speeches = await readSpeech(vantage, ports, wanted);
  return new Map([...speeches].map(([stream, speech]) => [stream, new Concealment(speech, disguise?.speech ?? null)]));
}

interface Rewritten {
  readonly bytes: Uint8Array;
  readonly linkNumber: number;
  readonly wireLength: number;
  readonly octets: number;
  readonly isRenewed: boolean;
}

function asIs({ bytes, linkNumber, wireLength }: FrameView): Rewritten {
  return { bytes, linkNumber, wireLength, octets: 0, isRenewed: false };
}

function disguise(
  frame: FrameView,
  { connection, side, seq, payloadAt, payloadEnd }: Ownership,
  concealments: ReadonlyMap<number, Concealment>,
  { frames }: NonNullable<ExtractPlan['disguise']>,
): Rewritten | null {
  const concealment = concealments.get(connection.stream);
  const written = frames.rewrite(frame, (bytes) => {
    if (payloadEnd <= payloadAt) return;
    if (concealment) concealment.apply(bytes, payloadAt, payloadEnd, side, seq);
    else bytes.fill(0, payloadAt, payloadEnd);
  });
  return written && { ...written, octets: 0, isRenewed: false };
}

function rewrite(frame: FrameView, owner: Ownership, concealments: ReadonlyMap<number, Concealment>): Rewritten {
  const { connection, ip, tcp, side, seq, payloadAt, payloadEnd } = owner;
  const icmp = frame.layers.find((layer): layer is IcmpLayer => layer.kind === 'icmp') ?? null;
  const bytes = new Uint8Array(frame.bytes);
  clearTrailer(frame, bytes);
  if (payloadEnd <= payloadAt && !icmp) return { ...asIs(frame), bytes };
  const summed = tcp ?? icmp;
  const wasRight = summed !== null && isChecksumRight(bytes, ip, summed);
  const octets = icmp ? overwriteQuote(frame, bytes, icmp) : (concealments.get(connection.stream)?.apply(bytes, payloadAt, payloadEnd, side, seq) ?? 0);
  if (octets > 0 && summed && wasRight) renewChecksum(bytes, ip, summed);
  return { ...asIs(frame), bytes, octets, isRenewed: octets > 0 && wasRight };
}

/** The interfaces of one vantage point: one for each of each file, described when its first packet comes. */
class Interfaces {
  readonly #writer: PcapngWriter;
  readonly #vantage: TakeoutVantage;
  readonly #isAnonymous: boolean;
  readonly #numbers = new Map<string, number>();
  #firstUs = Number.POSITIVE_INFINITY;
  #lastUs = Number.NEGATIVE_INFINITY;

  constructor(writer: PcapngWriter, vantage: TakeoutVantage, isAnonymous: boolean) {
    this.#writer = writer;
    this.#vantage = vantage;
    this.#isAnonymous = isAnonymous;
  }

  of({ input, interfaceId, interfaceName, snapLength, atUs }: FrameView, linkNumber: number): number {
    this.#firstUs = Math.min(this.#firstUs, atUs);
    this.#lastUs = Math.max(this.#lastUs, atUs);
    const key = `${input} ${interfaceId} ${linkNumber}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const path = this.#vantage.sources.find((source) => source.input === input)?.path ?? '';
    const file = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    const description = this.#isAnonymous ? '' : `${file}, interface ${interfaceName ?? interfaceId}`;
    const number = this.#writer.addInterface({ linkNumber, name: plainName(this.#vantage.name), description, snapLength });
    this.#numbers.set(key, number);
    return number;
  }

  /** When the captures ran, as far as that is believed of a capture with these packets alone, and what they lost. */
  finish(): void {
    const { context, summaries } = this.#vantage;
    const drops = summaries.some(({ reportedDrops }) => reportedDrops !== null) ? (context?.reportedDrops ?? 0) : null;
    const [first] = this.#numbers.values();
    if (!context || first === undefined) return;
    const firstUs = Math.max(context.firstUs, this.#firstUs - LONGEST_SILENCE_US + 1);
    const lastUs = Math.min(context.lastUs, this.#lastUs + LONGEST_SILENCE_US - 1);
    this.#writer.addStatistics({ interfaceId: first, firstUs, lastUs, drops });
  }
}

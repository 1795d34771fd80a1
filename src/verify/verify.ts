import type { PacketRef } from '../model/evidence.ts';
import type { Report, ReportSession } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import type { ReadingResult, Verification, VerifiedInput, VerifiedPacket, VerifiedVerdict } from '../model/verification.ts';
import { whyNotApplicable } from './applicability.ts';
import { type Fingerprint, type RecordReader, describeDifference, fingerprint } from './record.ts';
import { readIndependently } from './second-reader.ts';

/** Both readers' view of one capture's cited packets. */
interface Reading {
  readonly input: VerifiedInput;
  readonly own: ReadonlyMap<number, Fingerprint>;
  readonly other: ReadonlyMap<number, Fingerprint>;
}

/**
 * Reads every packet that a verdict cites a second time, with our reader and with `pcap-parser`, and compares time, lengths and octets.
 * Captures that the second reader cannot read are `not-applicable`, with the reason.
 */
export async function verifyCitations(report: Report, sources: readonly Source[], readOwn: RecordReader): Promise<Verification> {
  const cited = citedByInput(report);
  const readings = new Map<number, Reading>();
  for (const source of sources) {
    if (source.kind === 'capture') readings.set(source.input, await readTwice(source, report, cited.get(source.input) ?? new Set(), readOwn));
  }
  const verdicts = report.sessions.map((session) => verifySession(session, readings));
  return { inputs: [...readings.values()].map(({ input }) => input), verdicts, packets: countDistinct(verdicts) };
}

/** Every packet that a session names, in order, each once. */
function citationsOf(session: ReportSession): PacketRef[] {
  const groups = [...session.evidence, ...session.consequences, ...session.interference];
  const unique = new Map<string, PacketRef>();
  for (const ref of groups.flatMap((group) => group.packets)) unique.set(`${ref.input} ${ref.number}`, ref);
  return [...unique.values()].sort((a, b) => a.input - b.input || a.number - b.number);
}

function citedByInput(report: Report): Map<number, Set<number>> {
  const cited = new Map<number, Set<number>>();
  for (const session of report.sessions) {
    for (const { input, number } of citationsOf(session)) {
      const numbers = cited.get(input) ?? new Set();
      numbers.add(number);
      cited.set(input, numbers);
    }
  }
  return cited;
}

async function readTwice(source: Source, report: Report, wanted: ReadonlySet<number>, readOwn: RecordReader): Promise<Reading> {
  const why = await whyNotApplicable(source, report.inputs[source.input] ?? { anomalies: [] });
  const input = { input: source.input, path: source.path, format: source.format, applicable: why === null, why };
  if (why !== null || wanted.size === 0) return { input, own: new Map(), other: new Map() };
  const own = new Map<number, Fingerprint>();
  await readOwn(source, wanted, (record) => own.set(record.number, fingerprint(record)));
  try {
    return { input, own, other: await readIndependently(source.path, wanted) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { input: { ...input, applicable: false, why: `pcap-parser gave up: ${message}` }, own, other: new Map() };
  }
}

function verifySession(session: ReportSession, readings: ReadonlyMap<number, Reading>): VerifiedVerdict {
  const { id, icid, dcid, verdict } = session;
  const packets = citationsOf(session).map((ref) => verifyPacket(ref, readings.get(ref.input)));
  return { session: id, icid, dcid, cause: verdict.cause, actor: verdict.actor, result: worstOf(packets), packets };
}

function verifyPacket(ref: PacketRef, reading: Reading | undefined): VerifiedPacket {
  const own = reading?.own.get(ref.number);
  const answer = (result: ReadingResult, why: string | null): VerifiedPacket => ({ ...ref, result, octets: own?.capturedLength ?? null, why });
  if (!reading) return answer('not-applicable', 'the input is no capture');
  if (!reading.input.applicable) return answer('not-applicable', reading.input.why);
  const other = reading.other.get(ref.number);
  if (!own && !other) return answer('not-applicable', 'neither reader reaches it again');
  if (!other) return answer('not-applicable', 'pcap-parser does not reach it: the file is cut there');
  if (!own) return answer('different', 'only pcap-parser finds this packet');
  const difference = describeDifference(own, other);
  return answer(difference === null ? 'same' : 'different', difference);
}

function worstOf(packets: readonly VerifiedPacket[]): ReadingResult {
  if (packets.some(({ result }) => result === 'different')) return 'different';
  return packets.some(({ result }) => result === 'same') ? 'same' : 'not-applicable';
}

function countDistinct(verdicts: readonly VerifiedVerdict[]): Verification['packets'] {
  const results = new Map<string, ReadingResult>();
  for (const { packets } of verdicts) for (const { input, number, result } of packets) results.set(`${input} ${number}`, result);
  const count = (wanted: ReadingResult): number => [...results.values()].filter((result) => result === wanted).length;
  return { same: count('same'), different: count('different'), notApplicable: count('not-applicable') };
}

import type { PacketRef } from '../model/evidence.ts';
import type { Report, ReportSession } from '../model/report.ts';
import type { TakeoutSession } from '../model/takeout.ts';
import { escapeText } from './escape.ts';
import { nameConfidence, nameEnds, nameSession, nameVerdict } from './words.ts';

/** What is written beside packets in a capture: on its section, and on each packet that a verdict rests on. Escaped, because terminals show it. */
export interface Annotations {
  readonly section: readonly string[];
  readonly of: (packet: PacketRef) => readonly string[];
}

/** `hashes`: SHA-256 of each input, by its index; null where it cannot be had. */
export function annotate(
  sessions: readonly TakeoutSession[],
  { inputs, tool }: Pick<Report, 'inputs' | 'tool'>,
  hashes: readonly (string | null)[],
): Annotations {
  const notes = new Map<string, string[]>();
  const note = ({ input, number }: PacketRef, text: string): void => {
    const key = `${input} ${number}`;
    const known = notes.get(key) ?? [];
    if (!known.includes(text)) notes.set(key, [...known, text]);
  };
  for (const { report, ending } of sessions) {
    const lead = sessions.length > 1 ? `${escapeText(nameSession(report))}: ` : '';
    if (ending) note(ending.packet, `${lead}ended here: ${escapeText(ending.words)} (${nameVerdict(report.verdict)}, ${nameConfidence(report.verdict)})`);
    for (const { side, statement, packets } of report.evidence) {
      for (const packet of packets) note(packet, `${lead}${SIDES[side]}: ${escapeText(statement)}`);
    }
    for (const { statement, packets } of report.interference) for (const packet of packets) note(packet, `${lead}interference: ${escapeText(statement)}`);
    for (const { statement, packets } of report.consequences) {
      for (const packet of packets) note(packet, `${lead}after the end, not its cause: ${escapeText(statement)}`);
    }
  }
  const files = inputs.map(({ path, bytes, vantage }, index) => {
    const point = vantage === null ? '' : `, taken at: ${escapeText(vantage)}`;
    return `input [${index}] ${escapeText(path)}, ${bytes} octets${point}, SHA-256 ${hashes[index] ?? 'not known'}`;
  });
  return {
    section: [[`${tool.name} ${tool.version}`, ...sessions.map(({ report }) => describe(report)), ...files].join('\n')],
    of: ({ input, number }) => notes.get(`${input} ${number}`) ?? [],
  };
}

const SIDES = { for: 'carries the verdict', against: 'speaks against the verdict', neutral: 'seen' } as const;

function describe(session: ReportSession): string {
  const { verdict } = session;
  const head = `${nameSession(session)} ${nameEnds(session)}: ${nameVerdict(verdict)} at stage ${verdict.stage}, confidence ${nameConfidence(verdict)}`;
  return escapeText(`${head}. ${verdict.statement}`);
}

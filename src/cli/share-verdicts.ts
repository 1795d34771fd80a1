import type { ReportSession } from '../model/report.ts';
import type { TakeoutSession } from '../model/takeout.ts';
import { nameSession, nameVerdict } from '../render/index.ts';

/** A session whose verdict would be another one without names. */
export interface Differing {
  readonly session: TakeoutSession;
  readonly words: string;
}

/** Verdicts that were reached again, in words, and those that were not. */
export function compareVerdicts(sessions: readonly TakeoutSession[], again: Iterable<ReportSession>): { readonly kept: string[]; readonly lost: Differing[] } {
  const left = new Map<string, number>();
  for (const after of again) left.set(essenceOf(after), (left.get(essenceOf(after)) ?? 0) + 1);
  const kept: string[] = [];
  const lost: Differing[] = [];
  for (const session of sessions) {
    const { report } = session;
    const count = left.get(essenceOf(report)) ?? 0;
    left.set(essenceOf(report), count - 1);
    if (count > 0) kept.push(`${nameSession(report)} ${nameVerdict(report.verdict)}`);
    else lost.push({ session, words: `${nameSession(report)} ${wordsOf(report)} before, ${nowOf(report, again)} after` });
  }
  return { kept, lost };
}

function essenceOf({ icid, dcid, clientPort, serverPort, impact, verdict }: ReportSession): string {
  return JSON.stringify([icid, dcid, clientPort, serverPort, impact, verdict.cause, verdict.actor, verdict.stage, verdict.confidence]);
}

function wordsOf({ verdict }: ReportSession): string {
  return `${nameVerdict(verdict)} at stage ${verdict.stage} (${verdict.confidence})`;
}

function nowOf(before: ReportSession, again: Iterable<ReportSession>): string {
  const near = [...again].find((after) => after.icid === before.icid && after.dcid === before.dcid && after.clientPort === before.clientPort);
  return near ? wordsOf(near) : 'missing';
}

import type { ReportSession, ReportTransaction, ReportVerdict, TranscriptRow } from '../model/report.ts';
import { counted } from './times.ts';

/** How a session is named: by the appliance's own number where one is known. */
export function nameSession(session: Pick<ReportSession, 'id' | 'icid' | 'dcid'>): string {
  if (session.icid !== null) return `ICID ${session.icid}`;
  if (session.dcid !== null) return `DCID ${session.dcid}`;
  return session.id;
}

/** `198.51.100.7:60846 -> 192.0.2.25:25`; what is not known is left out. */
export function nameEnds(session: Pick<ReportSession, 'clientIp' | 'clientPort' | 'serverIp' | 'serverPort'>): string {
  return `${nameEnd(session.clientIp, session.clientPort)} -> ${nameEnd(session.serverIp, session.serverPort)}`;
}

/** One end: `198.51.100.7:60846`, `[2001:db8::7]:25`. */
export function nameEnd(ip: string | null, port: number | null): string {
  if (ip === null) return '?';
  if (port === null) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** A session counts as interrupted unless it was completed and nothing was lost. */
export function isInterrupted(session: Pick<ReportSession, 'impact' | 'verdict'>): boolean {
  return session.impact !== 'none' || session.verdict.cause !== 'completed';
}

/** Cause and actor in the contract's words. */
export function nameVerdict(verdict: Pick<ReportVerdict, 'cause' | 'actor'>): string {
  return verdict.actor === 'undetermined' ? `${verdict.cause}, actor undetermined` : `${verdict.cause} by ${verdict.actor}`;
}

/** `rst by middlebox, at stage rcpt; silent: client`. */
export function nameEnding(verdict: Pick<ReportVerdict, 'cause' | 'actor' | 'stage' | 'silentSide'>): string {
  return `${nameVerdict(verdict)}, at stage ${verdict.stage}${verdict.silentSide === null ? '' : `; silent: ${verdict.silentSide}`}`;
}

/** How sure, and of what: one word where cause and actor stand alike. */
export function nameConfidence(verdict: Pick<ReportVerdict, 'causeConfidence' | 'actorConfidence' | 'confidence'>): string {
  if (verdict.causeConfidence === verdict.actorConfidence) return verdict.confidence;
  return `${verdict.confidence} (what ended it: ${verdict.causeConfidence}; who did: ${verdict.actorConfidence})`;
}

/** Beyond this the number says no more than "certain". */
const MAX_LOG10_ODDS = 4;

/** `about 250:1 against premature-fin by client`: the best reading that was weighed and found too light; null where there was none. */
export function nameOdds({ cause, actor, hypotheses }: Pick<ReportVerdict, 'cause' | 'actor' | 'hypotheses'>): string | null {
  const best = hypotheses.find((one) => one.cause !== cause || one.actor !== actor);
  if (!best || best.log10Odds <= 0) return null;
  const odds = best.log10Odds >= MAX_LOG10_ODDS ? 'more than 10,000' : `about ${Number((10 ** best.log10Odds).toPrecision(1)).toLocaleString('en')}`;
  return `${odds}:1 against ${nameVerdict(best)}`;
}

const IMPACTS: Readonly<Record<ReportSession['impact'], string>> = {
  'message-lost': 'message lost',
  'duplicate-likely': 'duplicate likely',
  none: 'no harm',
  unknown: 'harm unknown',
};

export function nameImpact(impact: ReportSession['impact']): string {
  return IMPACTS[impact];
}

/** So many transactions of a session are named; those that came to nothing before those that were accepted. */
const TRANSACTIONS_NAMED = 20;

/** `MID 1404 aborted at rcpt (1 recipient)`, one a transaction. */
export function nameTransactions({ transactions }: Pick<ReportSession, 'transactions'>): string[] {
  if (transactions.length <= TRANSACTIONS_NAMED) return transactions.map(nameTransaction);
  const [failed, accepted]: [string[], string[]] = [[], []];
  for (const transaction of transactions) {
    const list = transaction.outcome === 'accepted' ? accepted : failed;
    if (list.length < TRANSACTIONS_NAMED) list.push(nameTransaction(transaction));
  }
  const named = [...failed, ...accepted].slice(0, TRANSACTIONS_NAMED);
  return [...named, `… and ${transactions.length - named.length} more in --json`];
}

function nameTransaction(transaction: ReportTransaction): string {
  const name = transaction.mid === null ? 'message' : `MID ${transaction.mid}`;
  const size = transaction.octets === null ? '' : `, ${counted(transaction.octets, 'octet')}`;
  return `${name} ${transaction.outcome} at ${transaction.stage} (${counted(transaction.recipients, 'recipient')}${size})`;
}

/** Octets of the largest message; null where none is known. */
export function largestOctets({ transactions }: Pick<ReportSession, 'transactions'>): number | null {
  let most: number | null = null;
  for (const { octets } of transactions) if (octets !== null) most = Math.max(octets, most ?? 0);
  return most;
}

/** How what a row says came to be known: empty for what was read, `decrypted`, or `inferred` with its confidence. */
export function nameBasis({ basis, confidence }: Pick<TranscriptRow, 'basis' | 'confidence'>): string {
  if (basis === 'read') return '';
  return confidence === null ? basis : `${basis}, ${confidence}`;
}

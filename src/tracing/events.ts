import type { LineRef } from '../model/evidence.ts';
import type { LogEntry } from '../model/log-entry.ts';
import type { DeliveryHistory, InjectionHistory, LogLine, MailLog } from '../model/maillog.ts';
import type { ReportEvent } from '../model/report.ts';
import type { TracedDelivery } from './deliveries.ts';
import { type EventWords, type NameRids, namerOf, wordsOf } from './event-words.ts';
import { type Fact, factsOf } from './facts.ts';
import { type TraceInput, instantOf, isoInstant } from './input.ts';
import { CARRYING, type Lineage } from './lineage.ts';
import { findOverload } from './load.ts';

interface Placed extends Fact {
  readonly mid: number | null;
  readonly key: number;
  readonly wallUs: number;
}

/** Everything that happened to a message, in order of time: each line once, neighbouring words of the scanners together, and what packets add. */
export function listEvents(
  lineage: Lineage,
  injections: readonly InjectionHistory[],
  deliveries: readonly TracedDelivery[],
  { log, clock, decodeHeader }: Pick<TraceInput, 'log' | 'clock' | 'decodeHeader'>,
): ReportEvent[] {
  const placed = new Map<number, Placed>();
  for (const { history, facts } of lineage.members) {
    for (const fact of facts) {
      const key = numberOf(fact.line);
      const known = placed.get(key);
      const mid = known?.mid ?? ownerOf(fact.entry) ?? history.mid;
      placed.set(key, { line: fact.line, entry: fact.entry, mid, key, wallUs: fact.line.atUs });
    }
  }
  const outward = new Map(deliveries.flatMap(({ history }) => (history ? [[history.order, history] as const] : [])));
  for (const connection of [...injections, ...outward.values()]) {
    for (const fact of ownFactsOf(log, connection)) {
      const key = numberOf(fact.line);
      if (!placed.has(key)) placed.set(key, { line: fact.line, entry: fact.entry, mid: null, key, wallUs: fact.line.atUs });
    }
  }
  const inOrder = [...placed.values()].sort((a, b) => a.wallUs - b.wallUs || a.key - b.key);
  const tidied = findTidied(inOrder);
  const unanswered = findUnanswered(inOrder);
  const namers = namersOf(lineage);
  const told: Draft[] = [];
  for (const { line, entry, mid, key } of inOrder) {
    const words = tidied.has(key) ? TIDIED : (sayCounted(entry, unanswered) ?? wordsOf(entry, line.text, namers(mid)));
    if (words === null) continue;
    const text = words.kind === 'subject' ? decodeHeader(words.text) : words.text;
    const before = told.at(-1);
    const atUs = instantOf(clock, line);
    if (before?.kind === 'scan' && words.kind === 'scan' && before.mid === mid && before.atUs === atUs) {
      if (!before.texts.includes(text)) before.texts.push(text);
      before.lines.push(line.ref);
      continue;
    }
    // An extract pasted beside the log that it was taken from says the same again.
    const same = findSame(told, atUs, words.kind, text, mid);
    if (same) same.lines.push(line.ref);
    else told.push({ atUs, kind: words.kind, texts: [text], lines: [line.ref], mid, packets: [] });
  }
  for (const { from, to, line, evidence, confidence } of lineage.edges) {
    if (evidence === null) continue;
    const text = `MID ${to.mid} is most likely MID ${from.mid}, released elsewhere (${confidence}): ${evidence}`;
    told.push({ atUs: instantOf(clock, line), kind: 'released-as', texts: [text], lines: [line.ref], mid: to.mid, packets: [] });
  }
  for (const { line, text } of findOverload(log, lineage)) {
    told.push({ atUs: instantOf(clock, line), kind: 'overload', texts: [text], lines: [line.ref], mid: null, packets: [] });
  }
  for (const { view, report } of deliveries) {
    if (!view?.reply) continue;
    const text = `the capture shows the answer to MID ${report.mid} over DCID ${report.dcid}: ${view.reply.text}`;
    told.push({ atUs: view.reply.atUs, kind: 'captured-reply', texts: [text], lines: [], mid: report.mid, packets: [view.reply.packet] });
  }
  return told
    .sort((a, b) => a.atUs - b.atUs)
    .map(({ atUs, kind, texts, lines, mid, packets }) => ({ at: isoInstant(atUs), kind, text: texts.join('; '), lines, mid, packets }));
}

interface OwnFacts {
  readonly log: MailLog;
  readonly connection: InjectionHistory | DeliveryHistory;
  readonly facts: readonly Fact[];
}

/** The last connections that were asked for: thousands of messages of one connection follow one another, and each of them asks for it. */
const recent: OwnFacts[] = [];
const RECENT = 8;

/** Lines of the connection itself. */
function ownFactsOf(log: MailLog, connection: InjectionHistory | DeliveryHistory): readonly Fact[] {
  const known = recent.find((one) => one.connection === connection && one.log === log);
  if (known) return known.facts;
  const facts = factsOf(log, connection.lines).filter(({ entry }) => isOwnLine(entry));
  recent.push({ log, connection, facts });
  if (recent.length > RECENT) recent.shift();
  return facts;
}

function findSame(told: readonly Draft[], atUs: number, kind: string, text: string, mid: number | null): Draft | null {
  for (let at = told.length - 1; at >= 0; at--) {
    const draft = told[at];
    if (!draft || draft.atUs !== atUs) return null;
    if (draft.kind === kind && draft.mid === mid && draft.texts.length === 1 && draft.texts[0] === text) return draft;
  }
  return null;
}

/** Names recipients by the MID under which they are counted. */
function namersOf({ members, edges }: Lineage): (mid: number | null) => NameRids {
  const namers = new Map<number, NameRids>();
  return (mid) => {
    const known = namers.get(mid ?? -1);
    if (known) return known;
    const own = members.flatMap(({ history }) => (history.mid === mid ? history : []));
    // What was rewritten without naming anybody has the recipients of the MID before.
    const named = own.some(({ recipients }) => recipients.length > 0);
    const histories = named ? own : edges.flatMap(({ relation, from, to }) => (to.mid === mid && relation !== 'split' && CARRYING.has(relation) ? from : []));
    const addresses = histories.flatMap(({ recipients }) => recipients.flatMap(({ rid, address }) => (rid === null ? [] : [[rid, address] as const])));
    const namer = namerOf(new Map(addresses));
    namers.set(mid ?? -1, namer);
    return namer;
  };
}

/** Connections over which a message went whose end was never answered. */
function findUnanswered(facts: readonly Fact[]): Set<string> {
  const found = new Set<string>();
  for (const { entry } of facts) if (entry?.kind === 'dcid-possible') found.add(`${entry.dcid} ${entry.mid}`);
  return found;
}

/** The line `Message done` behind `Possible Delivery` does not say that anybody took it. */
function sayCounted(entry: LogEntry | null, unanswered: ReadonlySet<string>): EventWords | null {
  if (entry?.kind !== 'dcid-done' || !unanswered.has(`${entry.dcid} ${entry.mid}`)) return null;
  return { kind: 'counted', text: `the appliance counts it as delivered over DCID ${entry.dcid}` };
}

const TIDIED = { kind: 'tidied', text: 'the copy in the spam quarantine is deleted after the release' } as const;

/** Deletions from the spam quarantine that only tidy up behind a release. */
function findTidied(facts: readonly Fact[]): Set<number> {
  const released = new Set<string>();
  for (const { entry } of facts) {
    if (entry?.kind === 'spam-quarantine' && entry.step === 'releasing') released.add(`${entry.mid} ${entry.recipient ?? ''}`);
  }
  if (released.size === 0) return new Set();
  const tidied = facts.filter(
    ({ entry }) =>
      entry?.kind === 'spam-quarantine' && (entry.step === 'deleting' || entry.step === 'deleted') && released.has(`${entry.mid} ${entry.recipient ?? ''}`),
  );
  return new Set(tidied.map(({ line }) => numberOf(line)));
}

/** Names a line across all logs, more quickly than a text. */
function numberOf({ ref }: LogLine): number {
  return ref.input * 2 ** 40 + ref.line;
}

interface Draft {
  readonly atUs: number;
  readonly kind: string;
  readonly texts: string[];
  readonly lines: LineRef[];
  readonly mid: number | null;
  readonly packets: ReportEvent['packets'];
}

/** An edge stands in the lines of both of its MIDs: it belongs to the older. */
function ownerOf(entry: LogEntry | null): number | null {
  if (entry === null) return null;
  if (entry.kind === 'mid-relation') return entry.from;
  return 'mid' in entry ? entry.mid : null;
}

/** Lines of a connection that speak of no message. */
function isOwnLine(entry: LogEntry | null): boolean {
  if (entry === null || entry.kind === 'injection-debug' || entry.kind === 'domain-debug' || entry.kind === 'consolidated') return false;
  return !('mid' in entry && entry.mid !== null) && entry.kind !== 'mid-relation';
}

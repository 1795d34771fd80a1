import type { LineRef } from '../model/evidence.ts';
import type { LogEntry } from '../model/log-entry.ts';
import type { DeliveryHistory, InjectionHistory, LogLine, MailLog } from '../model/maillog.ts';
import { putInOrder } from '../model/put-in-order.ts';
import type { ReportEvent } from '../model/report.ts';
import type { WallUs } from '../model/units.ts';
import type { TracedDelivery } from './deliveries.ts';
import { type EventWords, type NameRids, namerOf, wordsOf } from './event-words.ts';
import { type Fact, factsOf } from './facts.ts';
import { type TraceInput, instantOf, instantOfWall, isoInstant } from './input.ts';
import { CARRYING, type Lineage } from './lineage.ts';
import { findOverload } from './load.ts';

/** A line of the story in its place. */
class Placed implements Fact {
  readonly line: LogLine;
  readonly entry: LogEntry | null;
  readonly ref: LineRef;
  readonly wallUs: WallUs;
  readonly mid: number | null;
  readonly key: number;

  constructor({ line, entry }: Fact, ref: LineRef, mid: number | null) {
    this.line = line;
    this.entry = entry;
    this.ref = ref;
    this.wallUs = line.atUs;
    this.mid = mid;
    this.key = numberOf(ref);
  }
}

/** Everything that happened to a message, in order of time: each line once, neighbouring words of the scanners together, and what packets add. */
export function listEvents(
  lineage: Lineage,
  injections: readonly InjectionHistory[],
  deliveries: readonly TracedDelivery[],
  { log, clock, decodeHeader }: Pick<TraceInput, 'log' | 'clock' | 'decodeHeader'>,
): ReportEvent[] {
  const inOrder = placeLines(lineage, injections, deliveries, log);
  const tidied = findTidied(inOrder);
  const unanswered = findUnanswered(inOrder);
  const namers = namersOf(lineage);
  const told: Draft[] = [];
  for (const { line, ref, entry, mid, key, wallUs } of inOrder) {
    const words = tidied.has(key) ? TIDIED : (sayCounted(entry, unanswered) ?? wordsOf(entry, line, namers(mid)));
    if (words === null) continue;
    const text = words.kind === 'subject' ? decodeHeader(words.text) : words.text;
    const before = told.at(-1);
    const atUs = instantOfWall(clock, wallUs, ref.input);
    if (before?.kind === 'scan' && words.kind === 'scan' && before.mid === mid && before.atUs === atUs) {
      if (before.text !== text && before.more?.includes(text) !== true) (before.more ??= []).push(text);
      before.lines.push(ref);
      continue;
    }
    // An extract pasted beside the log that it was taken from says the same again.
    const same = findSame(told, atUs, words.kind, text, mid);
    if (same) same.lines.push(ref);
    else told.push({ atUs, kind: words.kind, text, more: null, lines: [ref], mid, packets: NO_PACKETS });
  }
  for (const { from, to, line, evidence, confidence } of lineage.edges) {
    if (evidence === null) continue;
    const text = `MID ${to.mid} is most likely MID ${from.mid}, released elsewhere (${confidence}): ${evidence}`;
    told.push({ atUs: instantOf(clock, line), kind: 'released-as', text, more: null, lines: [line.ref], mid: to.mid, packets: NO_PACKETS });
  }
  for (const { line, text } of findOverload(log, lineage)) {
    told.push({ atUs: instantOf(clock, line), kind: 'overload', text, more: null, lines: [line.ref], mid: null, packets: NO_PACKETS });
  }
  for (const { view, report } of deliveries) {
    if (!view?.reply) continue;
    const text = `the capture shows the answer to MID ${report.mid} over DCID ${report.dcid}: ${view.reply.text}`;
    told.push({ atUs: view.reply.atUs, kind: 'captured-reply', text, more: null, lines: [], mid: report.mid, packets: [view.reply.packet] });
  }
  // Clocks of several logs may turn the order round.
  return putInOrder(told, (a, b) => a.atUs - b.atUs).map(({ atUs, kind, text, more, lines, mid, packets }) => ({
    at: isoInstant(atUs),
    kind,
    text: more === null ? text : [text, ...more].join('; '),
    lines,
    mid,
    packets,
  }));
}

const NO_PACKETS: ReportEvent['packets'] = [];

/** All lines of the story, each once, in order of time. */
function placeLines(lineage: Lineage, injections: readonly InjectionHistory[], deliveries: readonly TracedDelivery[], log: MailLog): Placed[] {
  const known = new Set<number>();
  const placed: Placed[] = [];
  const place = (fact: Fact, mid: number | null): void => {
    const one = new Placed(fact, fact.line.ref, mid);
    if (known.has(one.key)) return;
    known.add(one.key);
    placed.push(one);
  };
  for (const { history, facts } of lineage.members) for (const fact of facts) place(fact, ownerOf(fact.entry) ?? history.mid);
  const outward = new Map<number, DeliveryHistory>();
  for (const { history } of deliveries) if (history) outward.set(history.order, history);
  for (const connection of [...injections, ...outward.values()]) for (const fact of ownFactsOf(log, connection, known)) place(fact, null);
  return placed.sort((a, b) => a.wallUs - b.wallUs || a.key - b.key);
}

interface OwnFacts {
  readonly log: MailLog;
  readonly connection: InjectionHistory | DeliveryHistory;
  readonly facts: readonly Fact[];
}

/** The last connections that were asked for: thousands of messages of one connection follow one another, and each of them asks for it. */
const recent: OwnFacts[] = [];
const RECENT = 8;

/** Lines of the connection itself; `placed`: those of its messages that need not be read again. */
function ownFactsOf(log: MailLog, connection: InjectionHistory | DeliveryHistory, placed: ReadonlySet<number>): readonly Fact[] {
  if (connection.mids.length < 2) {
    const others = connection.lines.filter(({ ref }) => !placed.has(numberOf(ref)));
    return factsOf(log, others).filter(isOwn);
  }
  const known = recent.find((one) => one.connection === connection && one.log === log);
  if (known) return known.facts;
  const facts = factsOf(log, connection.lines).filter(isOwn);
  recent.push({ log, connection, facts });
  if (recent.length > RECENT) recent.shift();
  return facts;
}

function findSame(told: readonly Draft[], atUs: number, kind: string, text: string, mid: number | null): Draft | null {
  for (let at = told.length - 1; at >= 0; at--) {
    const draft = told[at];
    if (!draft || draft.atUs !== atUs) return null;
    if (draft.mid === mid && draft.kind === kind && draft.more === null && draft.text === text) return draft;
  }
  return null;
}

/** Names recipients by the MID under which they are counted; their addresses are looked up when a line asks for them. */
function namersOf(lineage: Lineage): (mid: number | null) => NameRids {
  const namers = new Map<number, NameRids>();
  return (mid) => {
    const known = namers.get(mid ?? -1);
    if (known) return known;
    let named: NameRids | null = null;
    const namer: NameRids = (rids) => (named ??= namerOf(addressesUnder(mid, lineage)))(rids);
    namers.set(mid ?? -1, namer);
    return namer;
  };
}

function addressesUnder(mid: number | null, { members, edges }: Lineage): Map<number, string> {
  const own = members.flatMap(({ history }) => (history.mid === mid ? history : []));
  // What was rewritten without naming anybody has the recipients of the MID before.
  const named = own.some(({ recipients }) => recipients.length > 0);
  const histories = named ? own : edges.flatMap(({ relation, from, to }) => (to.mid === mid && relation !== 'split' && CARRYING.has(relation) ? from : []));
  return new Map(histories.flatMap(({ recipients }) => recipients.flatMap(({ rid, address }) => (rid === null ? [] : [[rid, address] as const]))));
}

const NONE: ReadonlySet<never> = new Set<never>();

/** Connections over which a message went whose end was never answered. */
function findUnanswered(facts: readonly Fact[]): ReadonlySet<string> {
  let found: Set<string> | null = null;
  for (const { entry } of facts) if (entry?.kind === 'dcid-possible') (found ??= new Set()).add(`${entry.dcid} ${entry.mid}`);
  return found ?? NONE;
}

/** The line `Message done` behind `Possible Delivery` does not say that anybody took it. */
function sayCounted(entry: LogEntry | null, unanswered: ReadonlySet<string>): EventWords | null {
  if (entry?.kind !== 'dcid-done' || !unanswered.has(`${entry.dcid} ${entry.mid}`)) return null;
  return { kind: 'counted', text: `the appliance counts it as delivered over DCID ${entry.dcid}` };
}

const TIDIED = { kind: 'tidied', text: 'the copy in the spam quarantine is deleted after the release' } as const;

/** Deletions from the spam quarantine that only tidy up behind a release. */
function findTidied(facts: readonly Placed[]): ReadonlySet<number> {
  let released: Set<string> | null = null;
  for (const { entry } of facts) {
    if (entry?.kind === 'spam-quarantine' && entry.step === 'releasing') (released ??= new Set()).add(`${entry.mid} ${entry.recipient ?? ''}`);
  }
  if (released === null) return NONE;
  const tidied = new Set<number>();
  for (const { entry, key } of facts) {
    const deletes = entry?.kind === 'spam-quarantine' && (entry.step === 'deleting' || entry.step === 'deleted');
    if (deletes && released.has(`${entry.mid} ${entry.recipient ?? ''}`)) tidied.add(key);
  }
  return tidied;
}

/** Names a line across all logs, more quickly than a text. */
function numberOf({ input, line }: LineRef): number {
  return input * 2 ** 40 + line;
}

interface Draft {
  readonly atUs: number;
  readonly kind: string;
  readonly text: string;
  /** What neighbouring lines say besides. */
  more: string[] | null;
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
function isOwn({ entry }: Fact): boolean {
  if (entry === null || entry.kind === 'injection-debug' || entry.kind === 'domain-debug' || entry.kind === 'consolidated') return false;
  return !('mid' in entry && entry.mid !== null) && entry.kind !== 'mid-relation';
}

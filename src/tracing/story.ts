import type { InjectionHistory, LogLine } from '../model/maillog.ts';
import type { RecipientOutcome, ReportMessage, ReportReception } from '../model/report.ts';
import { type Border, describeBorders } from './borders.ts';
import { viewReception } from './captured.ts';
import { describeInjection } from './connection-words.ts';
import { listDeliveries, type TracedDelivery } from './deliveries.ts';
import { listEvents } from './events.ts';
import type { TracedMid } from './facts.ts';
import type { Fate } from './fates.ts';
import { type TraceInput, isoOf } from './input.ts';
import { measureLegs } from './legs.ts';
import { bracketOpenings, bracketStarts } from './load.ts';
import { type Lineage, compareLines } from './lineage.ts';
import { fateWithoutRecipients, type ResolvedRecipient, resolveRecipients } from './recipients.ts';
import type { Registry } from './registry.ts';

/** A story as the report tells it. Its parts are told when they are looked at: a list of millions looks at few of them. */
export function tellStory(lineage: Lineage, registry: Registry, input: TraceInput): ReportMessage | null {
  const [root] = lineage.members;
  if (!root) return null;
  const { clock } = input;
  const border = { registry };
  const deliveries = once(() => lineage.members.flatMap((member) => listDeliveries(member, registry, input)));
  const injections = once(() => injectionsOf(lineage));
  const { resolved, fallback, outcomes } = resolveAll(lineage, root, border);
  // Without sessions no capture can say anything else.
  const recipients = once(() => resolved.map((recipient) => reportRecipient(recipient, input.sessions.length === 0 ? [] : deliveries())));
  const events = once(() =>
    listEvents(
      lineage,
      injections().map(({ injection }) => injection),
      deliveries(),
      input,
    ),
  );
  const legs = once(() =>
    measureLegs(
      lineage,
      resolved.flatMap(({ lines }) => lines),
    ),
  );
  return {
    mid: root.history.mid,
    serial: root.history.appliance === '' ? null : root.history.appliance,
    get lineage() {
      return lineageOf(lineage);
    },
    sender: firstOf(lineage, ({ history }) => history.sender),
    subject: firstOf(lineage, ({ history }) => (history.subject === null ? null : input.decodeHeader(history.subject))),
    messageId: firstOf(lineage, ({ history }) => history.messageId),
    get recipients() {
      return recipients();
    },
    get events() {
      return events();
    },
    get deliveries() {
      return deliveries()
        .map(({ report }) => report)
        .sort((one, other) => compare(one.started ?? one.ended ?? '9', other.started ?? other.ended ?? '9'));
    },
    get receptions() {
      return injections().map((one) => receptionOf(one, registry));
    },
    get legs() {
      return legs().map(({ kind, mid, from, to, seconds }) => ({ kind, mid, from: isoOf(clock, from), to: isoOf(clock, to), seconds }));
    },
    outcome: sumUp(outcomes),
    octets: firstOf(lineage, ({ history }) => history.ready?.octets ?? null),
    get first() {
      return isoOf(clock, firstLine(lineage) ?? root.history.first);
    },
    get last() {
      return isoOf(clock, lastLine(lineage) ?? root.history.last);
    },
    get caveats() {
      const caveats = [
        ...describeBorders(lineage, border),
        ...bracketStarts(input, lineage),
        ...bracketOpenings(
          input,
          injections().map(({ injection }) => injection),
        ),
      ];
      if (fallback) caveats.push(`no line names a recipient; the message itself: ${fallback.outcome}, ${fallback.why}`);
      return caveats;
    },
  };
}

interface Resolution {
  readonly resolved: readonly ResolvedRecipient[];
  /** Of the message itself, where no recipient is known. */
  readonly fallback: Fate | null;
  readonly outcomes: ReadonlySet<RecipientOutcome>;
}

function resolveAll(lineage: Lineage, root: TracedMid, border: Border): Resolution {
  const resolved = resolveRecipients(lineage, border);
  const fallback = resolved.length > 0 ? null : fateWithoutRecipients(root, border);
  const own = resolved.filter(({ isMade }) => !isMade);
  return { resolved, fallback, outcomes: new Set(fallback ? [fallback.outcome] : (own.length > 0 ? own : resolved).map(({ outcome }) => outcome)) };
}

/** What became of a story's recipients, without a word on it. */
export function outcomesOf(lineage: Lineage, registry: Registry): ReadonlySet<RecipientOutcome> {
  const [root] = lineage.members;
  return root ? resolveAll(lineage, root, { registry }).outcomes : new Set();
}

/** The outcome that all share; `mixed` where they differ. */
export function sumUp(outcomes: ReadonlySet<RecipientOutcome>): ReportMessage['outcome'] {
  const [only] = outcomes;
  return outcomes.size === 1 && only !== undefined ? only : 'mixed';
}

/** Told at the first look, then remembered. */
function once<T>(tell: () => T): () => T {
  let told: { readonly value: T } | null = null;
  return () => (told ??= { value: tell() }).value;
}

function reportRecipient(recipient: ResolvedRecipient, deliveries: readonly TracedDelivery[]): ReportMessage['recipients'][number] {
  return {
    rid: recipient.rid,
    address: recipient.address,
    outcome: recipient.outcome,
    why: `${recipient.why}${calledOut(recipient, deliveries)}`,
    mid: recipient.mid,
    lines: recipient.lines.map(({ ref }) => ref),
  };
}

/** What a capture says against the log's word on a recipient. */
function calledOut(recipient: ResolvedRecipient, deliveries: readonly TracedDelivery[]): string {
  const last = deliveries.findLast(({ report }) => report.mid === recipient.mid && (recipient.rid === null || report.rids.includes(recipient.rid)));
  if (!last?.report.contradiction || !last.view) return '';
  const { reply, accepted } = last.view;
  const packet = reply ? ` (${reply.text}, packet ${reply.packet.number})` : '';
  if (!accepted) return `. But the capture shows that the receiver refused it over DCID ${last.report.dcid}${packet}`;
  const took = `. But the capture shows that the receiver took it over DCID ${last.report.dcid}${packet}`;
  return recipient.outcome === 'delivered' ? took : `${took}: what the appliance sends again comes twice`;
}

interface Injected {
  readonly injection: InjectionHistory;
  readonly member: TracedMid;
}

function injectionsOf(lineage: Lineage): Injected[] {
  const found: Injected[] = [];
  for (const member of lineage.members) {
    const { injection } = member.history;
    if (injection && !found.some((one) => one.injection.order === injection.order)) found.push({ injection, member });
  }
  return found;
}

function receptionOf({ injection, member }: Injected, registry: Registry): ReportReception {
  const session = registry.session(injection);
  const aborted = member.history.aborted;
  const abort = aborted && aborted.how !== 'policy' ? `; receiving aborted${aborted.how === 'by-sender' ? ' by sender' : ''}` : '';
  return {
    icid: injection.icid,
    mid: member.history.mid,
    client: injection.peerIp,
    session: session?.id ?? null,
    logView: `${describeInjection(injection)}${abort}`,
    captureView: session ? (viewReception(session, member.history)?.text ?? null) : null,
  };
}

function lineageOf(lineage: Lineage): ReportMessage['lineage'] {
  return lineage.members.flatMap(({ history }): ReportMessage['lineage'][number][] => {
    const edges = lineage.edges.filter((edge) => edge.to.order === history.order);
    if (edges.length === 0)
      return [
        { mid: history.mid, relation: 'origin', line: (history.started ?? history.first).ref, from: null, by: null, confidence: 'proven', evidence: null },
      ];
    return edges.map(({ relation, from, by, line, confidence, evidence }) => ({
      mid: history.mid,
      relation,
      line: line.ref,
      from: from.mid,
      by,
      confidence,
      evidence,
    }));
  });
}

function firstOf<T>(lineage: Lineage, read: (member: TracedMid) => T | null): T | null {
  for (const member of lineage.members) {
    const value = read(member);
    if (value !== null) return value;
  }
  return null;
}

/** The connection that it came in on begins before it does. */
function firstLine(lineage: Lineage): LogLine | null {
  const lines = lineage.members.flatMap(({ history }) => [history.first, ...(history.injection?.opened ? [history.injection.opened] : [])]);
  return lines.toSorted(compareLines)[0] ?? null;
}

function lastLine(lineage: Lineage): LogLine | null {
  return (
    lineage.members
      .map(({ history }) => history.last)
      .toSorted(compareLines)
      .at(-1) ?? null
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

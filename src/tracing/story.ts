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
import { type Lineage, earliestOf, latestOf } from './lineage.ts';
import { fateWithoutRecipients, type ResolvedRecipient, resolveRecipients } from './recipients.ts';
import type { Registry } from './registry.ts';

/** A story as the report tells it; null for a lineage without members. */
export function tellStory(lineage: Lineage, registry: Registry, input: TraceInput): ReportMessage | null {
  const [root] = lineage.members;
  return root ? new Story(lineage, root, registry, input) : null;
}

/** Its parts are told when they are looked at, and the costly ones once: a list of millions looks at few of them. */
class Story implements ReportMessage {
  readonly #members: Lineage;
  readonly #registry: Registry;
  readonly #input: TraceInput;
  readonly #root: TracedMid;
  readonly #resolution: Resolution;
  #traced: readonly TracedDelivery[] | null = null;
  #injected: readonly Injected[] | null = null;
  #recipients: ReportMessage['recipients'] | null = null;
  #events: ReportMessage['events'] | null = null;
  #legs: ReportMessage['legs'] | null = null;

  constructor(lineage: Lineage, root: TracedMid, registry: Registry, input: TraceInput) {
    this.#members = lineage;
    this.#registry = registry;
    this.#input = input;
    this.#root = root;
    this.#resolution = resolveAll(lineage, root, { registry });
  }

  /** For JSON, which does not ask a class. */
  toJSON(): ReportMessage {
    return {
      mid: this.mid,
      serial: this.serial,
      lineage: this.lineage,
      sender: this.sender,
      subject: this.subject,
      messageId: this.messageId,
      recipients: this.recipients,
      events: this.events,
      deliveries: this.deliveries,
      receptions: this.receptions,
      legs: this.legs,
      outcome: this.outcome,
      octets: this.octets,
      first: this.first,
      last: this.last,
      caveats: this.caveats,
    };
  }

  get #deliveries(): readonly TracedDelivery[] {
    return (this.#traced ??= this.#members.members.flatMap((member) => listDeliveries(member, this.#registry, this.#input)));
  }

  get #injections(): readonly Injected[] {
    return (this.#injected ??= injectionsOf(this.#members));
  }

  get mid(): number {
    return this.#root.history.mid;
  }

  get serial(): string | null {
    const { appliance } = this.#root.history;
    return appliance === '' ? null : appliance;
  }

  get lineage(): ReportMessage['lineage'] {
    return lineageOf(this.#members);
  }

  get sender(): string | null {
    return firstOf(this.#members, ({ history }) => history.sender);
  }

  get subject(): string | null {
    return firstOf(this.#members, ({ history }) => (history.subject === null ? null : this.#input.decodeHeader(history.subject)));
  }

  get messageId(): string | null {
    return firstOf(this.#members, ({ history }) => history.messageId);
  }

  get recipients(): ReportMessage['recipients'] {
    // Without sessions no capture can say anything else.
    const deliveries = this.#input.sessions.length === 0 ? [] : this.#deliveries;
    return (this.#recipients ??= this.#resolution.resolved.map((recipient) => reportRecipient(recipient, deliveries)));
  }

  get events(): ReportMessage['events'] {
    const injections = this.#injections.map(({ injection }) => injection);
    return (this.#events ??= listEvents(this.#members, injections, this.#deliveries, this.#input));
  }

  get deliveries(): ReportMessage['deliveries'] {
    return this.#deliveries.map(({ report }) => report).sort((one, other) => compare(one.started ?? one.ended ?? '9', other.started ?? other.ended ?? '9'));
  }

  get receptions(): ReportMessage['receptions'] {
    return this.#injections.map((one) => receptionOf(one, this.#registry));
  }

  get legs(): ReportMessage['legs'] {
    return (this.#legs ??= this.#measureLegs());
  }

  #measureLegs(): ReportMessage['legs'] {
    const { clock } = this.#input;
    const settled = this.#resolution.resolved.flatMap(({ lines }) => lines);
    return measureLegs(this.#members, settled).map(({ kind, mid, from, to, seconds }) => ({
      kind,
      mid,
      from: isoOf(clock, from),
      to: isoOf(clock, to),
      seconds,
    }));
  }

  get outcome(): ReportMessage['outcome'] {
    return sumUp(this.#resolution.outcomes);
  }

  get octets(): number | null {
    return firstOf(this.#members, ({ history }) => history.ready?.octets ?? null);
  }

  get first(): string {
    return isoOf(this.#input.clock, firstLine(this.#members) ?? this.#root.history.first);
  }

  get last(): string {
    return isoOf(this.#input.clock, lastLine(this.#members) ?? this.#root.history.last);
  }

  get caveats(): string[] {
    const { fallback } = this.#resolution;
    const injections = this.#injections.map(({ injection }) => injection);
    const caveats = [
      ...describeBorders(this.#members, { registry: this.#registry }),
      ...bracketStarts(this.#input, this.#members),
      ...bracketOpenings(this.#input, injections),
    ];
    if (fallback) caveats.push(`no line names a recipient; the message itself: ${fallback.outcome}, ${fallback.why}`);
    return caveats;
  }
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
  const lines: LogLine[] = [];
  for (const { history } of lineage.members) {
    lines.push(history.first);
    const opened = history.injection?.opened;
    if (opened) lines.push(opened);
  }
  return earliestOf(lines) ?? null;
}

function lastLine(lineage: Lineage): LogLine | null {
  return latestOf(lineage.members.map(({ history }) => history.last)) ?? null;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import type { DeliveryHistory, InjectionHistory, LogLine, MailLog, MessageHistory } from '../model/maillog.ts';
import type { WallUs } from '../model/units.ts';
import type { TraceInput, TracedSession } from './input.ts';
import { Copies, type CopyEdges } from './copies.ts';
import { lineKey } from './facts.ts';

interface Spanned {
  readonly appliance: string;
  readonly first: LogLine;
  readonly last: LogLine;
  readonly lines: readonly LogLine[];
}

/** Finds histories by their numbers. A number that was used again after a reset of the counters has several: the line that names it decides. */
export class Registry {
  readonly log: MailLog;
  /** Messages that came back from a quarantine on another box. */
  readonly copies: CopyEdges;
  #messages: Map<string, Map<number, MessageHistory[]>> | null = null;
  #deliveries: Map<string, Map<number, DeliveryHistory[]>> | null = null;
  readonly #sessions = new Map<InjectionHistory | DeliveryHistory, TracedSession>();
  readonly #spans = new Map<string, LogSpan>();
  #byMessageId: Map<string, MessageHistory[]> | null = null;
  #oldest: Map<string, number> | null = null;

  constructor({ log, sessions }: Pick<TraceInput, 'log' | 'sessions'>, copies: CopyEdges = new Copies(log)) {
    this.log = log;
    this.copies = copies;
    for (const traced of sessions) {
      const history = traced.session.injection ?? traced.session.delivery;
      if (history) this.#sessions.set(history, traced);
    }
  }

  /** All uses of a MID. */
  messages(mid: number): MessageHistory[] {
    this.#messages ??= group(this.log.messages, (message) => message.mid);
    return [...this.#messages.values()].flatMap((byMid) => byMid.get(mid) ?? []);
  }

  message(appliance: string, mid: number, near: LogLine): MessageHistory | null {
    const youngest = this.log.message(appliance, mid);
    if (youngest && holds(youngest, near)) return youngest;
    if (this.log.uses) return nearest(this.log.uses(appliance, mid), near);
    this.#messages ??= group(this.log.messages, (message) => message.mid);
    return nearest(this.#messages.get(appliance)?.get(mid) ?? [], near);
  }

  delivery(appliance: string, dcid: number, near: LogLine): DeliveryHistory | null {
    this.#deliveries ??= group(this.log.deliveries, (delivery) => delivery.dcid);
    return nearest(this.#deliveries.get(appliance)?.get(dcid) ?? [], near);
  }

  session(history: InjectionHistory | DeliveryHistory): TracedSession | null {
    return this.#sessions.get(history) ?? null;
  }

  /** Messages with the same Message-ID, in order of their first line. */
  namesakes(messageId: string): readonly MessageHistory[] {
    if (this.#byMessageId === null) {
      this.#byMessageId = new Map();
      for (const message of this.log.messages) {
        if (message.messageId === null) continue;
        const known = this.#byMessageId.get(message.messageId);
        if (known) known.push(message);
        else this.#byMessageId.set(message.messageId, [message]);
      }
    }
    return this.#byMessageId.get(messageId) ?? [];
  }

  /** The time that the logs of an appliance cover. */
  span(appliance: string): LogSpan {
    const known = this.#spans.get(appliance);
    if (known) return known;
    const files = this.log.files.filter((file) => file.appliances.length === 0 || file.appliances.includes(appliance));
    const span = {
      firstUs: Math.min(...files.map((file) => file.firstUs ?? Number.POSITIVE_INFINITY)),
      lastUs: Math.max(...files.map((file) => file.lastUs ?? Number.NEGATIVE_INFINITY)),
    };
    this.#spans.set(appliance, span);
    return span;
  }

  /** The lowest MID whose start stands in the appliance's logs: lower ones began before. Infinite where no start is there. */
  firstStarted(appliance: string): number {
    if (this.#oldest === null) {
      this.#oldest = new Map();
      // The first starts of a log are its lowest numbers, but for what interleaves; a reset of the counters comes later.
      for (const message of this.log.messages) {
        if (message.started !== null && !this.#oldest.has(message.appliance)) this.#oldest.set(message.appliance, message.mid);
      }
    }
    return this.#oldest.get(appliance) ?? Number.POSITIVE_INFINITY;
  }
}

export interface LogSpan {
  readonly firstUs: WallUs;
  readonly lastUs: WallUs;
}

function group<T extends Spanned>(histories: readonly T[], numberOf: (history: T) => number): Map<string, Map<number, T[]>> {
  const groups = new Map<string, Map<number, T[]>>();
  for (const history of histories) {
    let byNumber = groups.get(history.appliance);
    if (!byNumber) {
      byNumber = new Map();
      groups.set(history.appliance, byNumber);
    }
    const known = byNumber.get(numberOf(history));
    if (known) known.push(history);
    else byNumber.set(numberOf(history), [history]);
  }
  return groups;
}

function holds(history: Spanned, line: LogLine): boolean {
  return history.first.atUs <= line.atUs && line.atUs <= history.last.atUs;
}

/** Of several uses of a number the one that has the line; else the one next to it in time. */
function nearest<T extends Spanned>(uses: readonly T[], near: LogLine): T | null {
  const [only] = uses;
  if (uses.length < 2) return only ?? null;
  const key = lineKey(near);
  const owner = uses.find((use) => holds(use, near) && use.lines.some((line) => lineKey(line) === key));
  if (owner) return owner;
  return uses.reduce((best, use) => (distance(use, near) < distance(best, near) ? use : best));
}

function distance(history: Spanned, line: LogLine): number {
  return Math.max(0, history.first.atUs - line.atUs, line.atUs - history.last.atUs);
}

import type { DeliveryHistory, InjectionHistory, LogLine, MailLog, MessageHistory } from '../model/maillog.ts';
import { TextIndex } from '../model/text-index.ts';
import type { WallUs } from '../model/units.ts';
import type { TraceInput, TracedSession, TracedSessions } from './input.ts';
import { Copies, type CopyEdges } from './copies.ts';
import { lineKey } from './facts.ts';
import { type MessageSurvey, surveyMessages } from './message-survey.ts';

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
  #deliveries: TextIndex | null = null;
  readonly #sessions: TracedSessions;
  /** By the order of the ICID or DCID, its session; counted from 1. */
  #byOrder: { readonly injections: Uint32Array; readonly deliveries: Uint32Array } | null = null;
  readonly #spans = new Map<string, LogSpan>();
  #survey: MessageSurvey | null = null;

  constructor({ log, sessions }: Pick<TraceInput, 'log' | 'sessions'>, copies: CopyEdges | null = null) {
    this.log = log;
    this.copies = copies ?? new Copies(log, () => this.#messages.handedOver);
    this.#sessions = sessions;
  }

  get #messages(): MessageSurvey {
    return (this.#survey ??= surveyMessages(this.log));
  }

  message(appliance: string, mid: number, near: LogLine): MessageHistory | null {
    const youngest = this.log.message(appliance, mid);
    return youngest && holds(youngest, near) ? youngest : nearest(this.log.uses(appliance, mid), near);
  }

  delivery(appliance: string, dcid: number, near: LogLine): DeliveryHistory | null {
    const { deliveries } = this.log;
    if (this.#deliveries === null) {
      this.#deliveries = new TextIndex();
      let at = 0;
      for (const delivery of deliveries) this.#deliveries.add(`${delivery.appliance} ${delivery.dcid}`, at++);
    }
    const found: DeliveryHistory[] = [];
    for (const at of this.#deliveries.find(`${appliance} ${dcid}`)) {
      const delivery = deliveries.at(at);
      if (delivery?.dcid === dcid && delivery.appliance === appliance) found.push(delivery);
    }
    return nearest(found, near);
  }

  session(history: InjectionHistory | DeliveryHistory): TracedSession | null {
    this.#byOrder ??= this.#listSessions();
    const at = 'icid' in history ? this.#byOrder.injections[history.order] : this.#byOrder.deliveries[history.order];
    return at === undefined || at === 0 ? null : (this.#sessions.at(at - 1) ?? null);
  }

  #listSessions(): { readonly injections: Uint32Array; readonly deliveries: Uint32Array } {
    const { log } = this;
    const injections = new Uint32Array(log.injections.length + 1);
    const deliveries = new Uint32Array(log.deliveries.length + 1);
    for (let at = 0; at < this.#sessions.length; at++) {
      const logged = this.#sessions.at(at)?.session.logged;
      if (logged) (logged.kind === 'icid' ? injections : deliveries)[logged.order] = at + 1;
    }
    return { injections, deliveries };
  }

  /** Messages with the same Message-ID, in order of their first line. */
  namesakes(messageId: string): readonly MessageHistory[] {
    const found: MessageHistory[] = [];
    for (const at of this.#messages.byMessageId.find(messageId)) {
      const message = this.log.messages.at(at);
      if (message?.messageId === messageId) found.push(message);
    }
    return found;
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
    return this.#messages.firstStarted.get(appliance) ?? Number.POSITIVE_INFINITY;
  }
}

export interface LogSpan {
  readonly firstUs: WallUs;
  readonly lastUs: WallUs;
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

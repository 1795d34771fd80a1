import type { DeliveryHistory, DeliveryProblem } from '../model/maillog.ts';
import { type ApplianceState, MAX_HISTORY_LINES } from './appliance-state.ts';
import type { Line } from './line.ts';

/** One message on one delivery connection. */
export interface DeliveryAttempt {
  readonly mid: number;
  rids: readonly number[];
  started: Line | null;
  done: Line | null;
  response: string | null;
  responseLine: Line | null;
}

/** A delivery history while it grows. */
export class DeliveryRecord implements DeliveryHistory {
  readonly #appliance: ApplianceState;
  readonly dcid: number;
  opened: Line | null = null;
  closed: Line | null = null;
  localIp: string | null = null;
  remoteIp: string | null = null;
  remotePort: number | null = null;
  tls: DeliveryHistory['tls'] = null;
  readonly mids: number[] = [];
  readonly deliveries: DeliveryAttempt[] = [];
  readonly problems: DeliveryProblem[] = [];
  readonly first: Line;
  last: Line;
  readonly lines: Line[] = [];

  constructor(appliance: ApplianceState, dcid: number, line: Line) {
    this.#appliance = appliance;
    this.dcid = dcid;
    this.first = line;
    this.last = line;
  }

  get appliance(): string {
    return this.#appliance.key;
  }

  add(line: Line): void {
    this.last = line;
    if (this.lines.length < MAX_HISTORY_LINES) this.lines.push(line);
  }

  addMid(mid: number): void {
    if (this.mids.at(-1) !== mid && !this.mids.includes(mid)) this.mids.push(mid);
  }

  problem(problem: DeliveryProblem): void {
    if (this.problems.length < MAX_HISTORY_LINES) this.problems.push(problem);
  }

  /** The unfinished attempt of a message that has `rids`, or a new one where the log begins after its start. */
  attempt(mid: number, rids: readonly number[]): DeliveryAttempt {
    const open = this.deliveries.findLast((one) => one.mid === mid && one.done === null && rids.some((rid) => one.rids.includes(rid)));
    return open ?? this.begin(mid, rids, null);
  }

  begin(mid: number, rids: readonly number[], started: Line | null): DeliveryAttempt {
    this.addMid(mid);
    const attempt: DeliveryAttempt = { mid, rids, started, done: null, response: null, responseLine: null };
    this.deliveries.push(attempt);
    return attempt;
  }
}

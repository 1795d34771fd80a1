import type { DeliveryHistory, DeliveryProblem, LogLine } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { DeliveryEntry } from './entry.ts';
import { type LineId, NO_LINE } from './line-table.ts';
import { HistoryLines, type LineStore, MAX_HISTORY_LINES, type PackedLines } from './store.ts';

/** One message on one delivery connection. */
export interface DeliveryAttempt {
  readonly mid: number;
  readonly rids: readonly number[];
  readonly started: LineId;
  done: LineId;
  response: string | null;
  responseLine: LineId;
}

type ProblemRecord = Omit<DeliveryProblem, 'line'> & { readonly line: LineId };
type Tls = Pick<Extract<DeliveryEntry, { kind: 'dcid-tls' }>, 'ok' | 'protocol' | 'cipher' | 'reason'>;

/** As it lies on a shelf. */
export type PackedDelivery = readonly [
  lines: PackedLines,
  marks: readonly [opened: LineId, closed: LineId, tls: LineId],
  localIp: string | null,
  remoteIp: string | null,
  remotePort: number | null,
  tls: Tls | null,
  mids: readonly number[],
  attempts: readonly DeliveryAttempt[] | null,
  problems: readonly ProblemRecord[] | null,
];

/** Where an SMA takes in messages for its quarantines: spam (the default by the SMA's help), policy, virus and outbreak (customary, no source). */
const QUARANTINE_PORTS: ReadonlySet<number> = new Set([6025, 7025]);

/** Whether what a line begins goes to a quarantine on another box. */
export function goesToQuarantine(entry: DeliveryEntry, remotePort: number | null): boolean {
  return ('quarantine' in entry && entry.quarantine) || QUARANTINE_PORTS.has(remotePort ?? 0);
}

/** A delivery history while it grows. Lines are named by number and shown on demand. */
export class DeliveryRecord extends HistoryLines implements DeliveryHistory {
  readonly dcid: number;
  #opened: LineId = NO_LINE;
  #closed: LineId = NO_LINE;
  localIp: string | null = null;
  remoteIp: string | null = null;
  remotePort: number | null = null;
  #tls: Tls | null = null;
  #tlsLine: LineId = NO_LINE;
  #mids = new Set<number>();
  #attempts: DeliveryAttempt[] | null = null;
  #problems: ProblemRecord[] | null = null;

  constructor(store: LineStore, appliance: ApplianceState, dcid: number, line: LineId, order: number) {
    super(store, appliance, order, line);
    this.dcid = dcid;
  }

  static unpack(store: LineStore, order: number, packed: PackedDelivery): DeliveryRecord | null {
    const [lines, marks, localIp, remoteIp, remotePort, tls, mids, attempts, problems] = packed;
    const [index, dcid, first] = lines;
    const appliance = store.appliances[index];
    if (!appliance) return null;
    const record = new DeliveryRecord(store, appliance, dcid, first, order);
    record.unpackLines(lines);
    [record.#opened, record.#closed, record.#tlsLine] = marks;
    record.localIp = localIp;
    record.remoteIp = remoteIp;
    record.remotePort = remotePort;
    record.#tls = tls;
    record.#mids = new Set(mids);
    record.#attempts = attempts && [...attempts];
    record.#problems = problems && [...problems];
    return record;
  }

  pack(): PackedDelivery {
    return [
      this.packLines(this.dcid),
      [this.#opened, this.#closed, this.#tlsLine],
      this.localIp,
      this.remoteIp,
      this.remotePort,
      this.#tls,
      this.mids,
      this.#attempts,
      this.#problems,
    ];
  }

  get isOpenedOrClosed(): boolean {
    return this.#opened !== NO_LINE || this.#closed !== NO_LINE;
  }

  get opened(): LogLine | null {
    return this.lineOrNull(this.#opened);
  }

  get closed(): LogLine | null {
    return this.lineOrNull(this.#closed);
  }

  get tls(): DeliveryHistory['tls'] {
    if (this.#tls === null) return null;
    return { ...this.#tls, line: this.line(this.#tlsLine) };
  }

  get mids(): readonly number[] {
    return [...this.#mids];
  }

  get deliveries(): DeliveryHistory['deliveries'] {
    return (this.#attempts ?? []).map(({ mid, rids, started, done, response, responseLine }) => ({
      mid,
      rids,
      started: this.lineOrNull(started),
      done: this.lineOrNull(done),
      response,
      responseLine: this.lineOrNull(responseLine),
    }));
  }

  get problems(): readonly DeliveryProblem[] {
    return (this.#problems ?? []).map((problem) => ({ ...problem, line: this.line(problem.line) }));
  }

  addMid(mid: number): void {
    if (this.#mids.size < MAX_HISTORY_LINES) this.#mids.add(mid);
  }

  #problem(line: LineId, kind: DeliveryProblem['kind'], rest: Partial<Omit<ProblemRecord, 'line' | 'kind'>>): void {
    const problem = { mid: null, details: null, code: null, reason: null, ...rest, kind, line };
    if (this.#problems === null) this.#problems = [problem];
    else if (this.#problems.length < MAX_HISTORY_LINES) this.#problems.push(problem);
  }

  #begin(mid: number, rids: readonly number[], started: LineId): DeliveryAttempt {
    this.addMid(mid);
    const attempt: DeliveryAttempt = { mid, rids, started, done: NO_LINE, response: null, responseLine: NO_LINE };
    if (this.#attempts === null) this.#attempts = [attempt];
    else if (this.#attempts.length < MAX_HISTORY_LINES) this.#attempts.push(attempt);
    return attempt;
  }

  /** Where an attempt stands among those of the connection; -1 for one beyond those that are kept. */
  placeOf(attempt: DeliveryAttempt): number {
    return this.#attempts?.lastIndexOf(attempt) ?? -1;
  }

  attempt(place: number): DeliveryAttempt | null {
    return this.#attempts?.[place] ?? null;
  }

  #unfinished(mid: number, rids: readonly number[]): DeliveryAttempt | undefined {
    return this.#attempts?.findLast((one) => one.mid === mid && one.done === NO_LINE && rids.some((rid) => one.rids.includes(rid)));
  }

  /** What a line of the connection says; gives the attempt that it began, if so. */
  apply(entry: DeliveryEntry, line: LineId): DeliveryAttempt | null {
    switch (entry.kind) {
      case 'dcid-open':
        this.#opened = line;
        this.localIp = /^[\da-f:]*[.:][\da-f.:]+$/i.test(entry.interfaceName) ? entry.interfaceName : null;
        this.remoteIp = entry.remoteIp;
        this.remotePort = entry.remotePort;
        break;
      case 'dcid-tls':
        this.#tls = { ok: entry.ok, protocol: entry.protocol, cipher: entry.cipher, reason: entry.reason };
        this.#tlsLine = line;
        if (!entry.ok) this.#problem(line, 'tls-failed', { details: entry.reason });
        break;
      case 'dcid-tls-required':
        this.remoteIp ??= entry.remoteIp;
        this.#problem(line, 'tls-required', {});
        break;
      case 'dcid-start':
        return this.#begin(entry.mid, entry.rids, line);
      case 'dcid-done': {
        const known = this.#unfinished(entry.mid, entry.rids);
        const attempt = known ?? this.#begin(entry.mid, entry.rids, NO_LINE);
        attempt.done = line;
        return known ? null : attempt;
      }
      case 'dcid-connection-error':
        this.remoteIp ??= entry.remoteIp;
        this.remotePort ??= entry.remotePort;
        this.localIp ??= entry.localIp;
        this.#problem(line, 'connection-error', { details: entry.details, reason: entry.reason });
        break;
      case 'bounced':
      case 'delayed':
        this.addMid(entry.mid);
        this.#problem(line, entry.kind, { mid: entry.mid, details: entry.reply, code: entry.code, reason: entry.reason });
        break;
      case 'dcid-possible':
        this.addMid(entry.mid);
        this.#problem(line, 'possible-delivery', { mid: entry.mid });
        break;
      case 'dcid-close':
        this.#closed = line;
        break;
      case 'dcid-killed':
        this.#problem(line, 'killed', { reason: entry.reason });
        break;
      case 'mid-response':
      case 'double-bounce':
      case 'mid-pending':
      case 'delivery-deleted':
        break;
    }
    return null;
  }
}

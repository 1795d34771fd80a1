import type { LogEntry } from '../model/log-entry.ts';
import type { LogLine } from '../model/maillog.ts';
import type { RecipientOutcome } from '../model/report.ts';
import type { TracedMid } from './facts.ts';
import { sayAge, sayAttempt, sayReply } from './words.ts';

/** What a MID's own lines say became of a recipient, or of the whole message. */
export interface Fate {
  readonly outcome: RecipientOutcome;
  readonly why: string;
  readonly lines: readonly LogLine[];
}

/** Fates under one MID: a line for some recipients holds until a later one for all, and the other way round. */
export interface Fates {
  /** Of a recipient by number; null where no line tells. `address`: for lines that name the recipient by address. */
  of(rid: number | null, address: string | null): Fate | null;
  /** Recipients that lines name by number, and their addresses where told. */
  readonly rids: ReadonlyMap<number, string | null>;
  /** An attempt was begun whose end no line tells, by recipient. */
  openAttempt(rid: number | null): number | null;
}

interface State {
  fate: Fate | null;
  order: number;
}

class FateBook implements Fates {
  readonly rids = new Map<number, string | null>();
  readonly #byRid = new Map<number, State>();
  #byAddress: Map<string, State> | null = null;
  readonly #all: State = { fate: null, order: -1 };
  #open: Map<number, number> | null = null;
  #delays: Map<number, number> | null = null;
  #offbox: Set<number> | null = null;
  #possible: Set<number> | null = null;
  #held: Map<string, LogLine> | null = null;
  /** What a consolidated event says: it holds where no other line says anything. */
  #summed: Fate | null = null;
  #inSpamQuarantine: LogLine | null = null;
  #rpcStarted: LogLine | null = null;
  #released = false;
  #order = 0;

  of(rid: number | null, address: string | null): Fate | null {
    const states = [this.#all, rid === null ? undefined : this.#byRid.get(rid), address === null ? undefined : this.#byAddress?.get(address.toLowerCase())];
    let latest: State | null = null;
    for (const state of states) if (state?.fate && (latest === null || state.order > latest.order)) latest = state;
    return latest?.fate ?? this.#summed;
  }

  openAttempt(rid: number | null): number | null {
    return rid === null ? null : (this.#open?.get(rid) ?? null);
  }

  /** What goes over this connection goes to a quarantine, whatever its lines call it. */
  handedOver(dcid: number): void {
    (this.#offbox ??= new Set()).add(dcid);
  }

  #set(state: State, outcome: RecipientOutcome, why: string, lines: readonly LogLine[]): void {
    state.fate = { outcome, why, lines };
    state.order = this.#order;
  }

  #clear(state: State): void {
    state.fate = null;
    state.order = this.#order;
  }

  #forAll(outcome: RecipientOutcome, why: string, line: LogLine): void {
    this.#set(this.#all, outcome, why, [line]);
  }

  #rid(rid: number): State {
    if (!this.rids.has(rid)) this.rids.set(rid, null);
    let state = this.#byRid.get(rid);
    if (!state) {
      state = { fate: null, order: -1 };
      this.#byRid.set(rid, state);
    }
    return state;
  }

  #address(address: string): State {
    const key = address.toLowerCase();
    let state = this.#byAddress?.get(key);
    if (!state) {
      state = { fate: null, order: -1 };
      (this.#byAddress ??= new Map()).set(key, state);
    }
    return state;
  }

  add(line: LogLine, entry: LogEntry): void {
    this.#order++;
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- most kinds of line say nothing of this
    switch (entry.kind) {
      case 'mid-aborted':
        if (entry.how === 'policy') this.#forAll(/^bounced/i.test(entry.by ?? '') ? 'bounced' : 'dropped', entry.by ?? 'by policy', line);
        else this.#forAll('aborted', entry.how === 'by-sender' ? 'the client withdrew it before it was complete' : 'its reception was aborted', line);
        return;
      case 'spam-quarantine':
        this.#spamQuarantine(line, entry);
        return;
      case 'rpc':
        if (entry.step === 'start') this.#rpcStarted = line;
        if (entry.step === 'done' && this.#inSpamQuarantine === null && this.#rpcStarted !== null) {
          this.#inSpamQuarantine = line;
          this.#forAll('quarantined', 'it lies in the local spam quarantine', line);
        }
        return;
      case 'quarantine-in':
        (this.#held ??= new Map()).set(entry.quarantine, line);
        this.#forAll('quarantined', this.#sayHeld(entry.centralized), line);
        return;
      case 'quarantine-out':
        this.#quarantineOut(line, entry);
        return;
      case 'dcid-start':
        for (const rid of entry.rids) {
          this.#rid(rid);
          (this.#open ??= new Map()).set(rid, entry.dcid);
        }
        if (entry.quarantine) (this.#offbox ??= new Set()).add(entry.dcid);
        return;
      case 'dcid-done':
        this.#done(line, entry);
        return;
      case 'mid-response':
        this.#response(line, entry);
        return;
      case 'bounced':
      case 'delayed':
        this.#problem(line, entry);
        return;
      case 'mid-pending':
        this.#forRids(entry.rids, (state) => {
          if (state.fate?.outcome === 'delayed')
            this.#set(state, 'delayed', `${state.fate.why}; next attempt at ${entry.until} (log time)`, [...state.fate.lines, line]);
          else if (state.fate === null) this.#set(state, 'delayed', `next attempt at ${entry.until} (log time)`, [line]);
        });
        return;
      case 'dcid-possible':
        for (const rid of entry.rids) (this.#possible ??= new Set()).add(rid);
        this.#forRids(entry.rids, (state) => this.#set(state, 'delivered', POSSIBLE, [line]));
        return;
      case 'delivery-deleted':
        this.#forRids(entry.rids, (state) => this.#set(state, 'dropped', 'it was deleted from the delivery queue', [line]));
        return;
      case 'consolidated': {
        const outcome = ACTIONS[(entry.action ?? '').toUpperCase()];
        const details = entry.actionDetails === null ? '' : `, ${entry.actionDetails}`;
        if (outcome) this.#summed = { outcome, why: `the consolidated event says ${entry.action}${details}`, lines: [line] };
        return;
      }
      case 'double-bounce':
        this.#forAll('dropped', `a bounce that could not be delivered itself is given up: ${entry.reason}`, line);
        return;
      default:
    }
  }

  #forRids(rids: readonly number[], change: (state: State, rid: number) => void): void {
    for (const rid of rids) change(this.#rid(rid), rid);
  }

  #spamQuarantine(line: LogLine, entry: Extract<LogEntry, { kind: 'spam-quarantine' }>): void {
    const who = entry.recipient;
    switch (entry.step) {
      case 'quarantined':
        this.#inSpamQuarantine = line;
        this.#forAll('quarantined', 'it lies in the spam quarantine', line);
        return;
      case 'releasing':
      case 'delivering':
      case 'released': {
        if (who === null) this.#released = true;
        const state = who === null ? this.#all : this.#address(who);
        this.#set(state, 'unknown', RELEASED_UNSEEN, [line]);
        return;
      }
      case 'deleting':
      case 'deleted': {
        // A released message is deleted from the quarantine afterwards: that is tidying up.
        if (this.#released || (who !== null && this.#byAddress?.has(who.toLowerCase()))) return;
        if (who === null && [...(this.#byAddress?.values() ?? [])].some((state) => state.fate?.outcome === 'unknown')) return;
        const why = `it was deleted from the spam quarantine, by hand or because its time was over${sayAge(this.#inSpamQuarantine, line)}`;
        this.#set(who === null ? this.#all : this.#address(who), 'dropped', why, [line]);
        return;
      }
      case 'tagged':
        return;
    }
  }

  #sayHeld(centralized: boolean): string {
    const names = [...(this.#held?.keys() ?? [])].map((name) => `"${name}"`).join(' and ');
    return centralized ? `it was handed to the centralised quarantine ${names} on the SMA` : `it lies in the quarantine ${names}`;
  }

  #quarantineOut(line: LogLine, entry: Extract<LogEntry, { kind: 'quarantine-out' }>): void {
    const entered = entry.quarantine === null ? ([...(this.#held?.values() ?? [])][0] ?? null) : (this.#held?.get(entry.quarantine) ?? null);
    if (entry.quarantine === null) this.#held?.clear();
    else this.#held?.delete(entry.quarantine);
    if (this.#held && this.#held.size > 0) {
      this.#forAll('quarantined', this.#sayHeld(false), line);
      return;
    }
    if (entry.step.startsWith('released')) {
      this.#clear(this.#all);
      return;
    }
    // The line `deleted from all quarantines` follows the one that names quarantine and reason.
    if (entry.quarantine === null && this.#all.fate?.outcome === 'dropped') return;
    const name = entry.quarantine === null ? 'all quarantines' : `the quarantine "${entry.quarantine}"`;
    const reason = entry.reason === null ? '' : ` (${entry.reason})`;
    this.#forAll('dropped', `it was deleted from ${name}${reason}${sayAge(entered, line)}`, line);
  }

  #done(line: LogLine, entry: Extract<LogEntry, { kind: 'dcid-done' }>): void {
    const isQuarantine = entry.quarantine || this.#offbox?.has(entry.dcid) === true;
    this.#forRids(entry.rids, (state, rid) => {
      this.#open?.delete(rid);
      if (isQuarantine) {
        this.#set(state, 'quarantined', `it was handed to the off-box spam quarantine over DCID ${entry.dcid}`, [line]);
        return;
      }
      const delays = this.#delays?.get(rid) ?? 0;
      const possible = this.#possible?.has(rid) === true;
      const why = `${possible ? POSSIBLE : `DCID ${entry.dcid} delivered it`}${delays > 0 ? ` after ${sayAttempt(delays)}` : ''}`;
      this.#set(state, 'delivered', why, [line]);
    });
  }

  #response(line: LogLine, entry: Extract<LogEntry, { kind: 'mid-response' }>): void {
    this.#forRids(entry.rids, (state, rid) => {
      if (state.fate?.outcome === 'quarantined') return;
      this.#open?.delete(rid);
      const why = state.fate?.outcome === 'delivered' ? state.fate.why : 'the receiver took it';
      const before = state.fate?.outcome === 'delivered' ? state.fate.lines : [];
      this.#set(state, 'delivered', `${why}; the receiver answered ${sayReply(entry.response)}`, [...before, line]);
    });
  }

  #problem(line: LogLine, entry: Extract<LogEntry, { kind: 'bounced' | 'delayed' }>): void {
    this.#forRids(entry.rids, (state, rid) => {
      this.#open?.delete(rid);
      if (entry.to !== null) this.rids.set(rid, entry.to);
      if (entry.kind === 'delayed') this.#delays = (this.#delays ?? new Map<number, number>()).set(rid, (this.#delays?.get(rid) ?? 0) + 1);
      // bounce_logs tell the same a second time.
      if (state.fate?.outcome === entry.kind && entry.dcid === null) return;
      const answer =
        entry.reply === null ? '' : entry.code === '000' || entry.code === null ? `: ${entry.reply}` : `: ${sayReply(`${entry.code} ${entry.reply}`)}`;
      const by = entry.dcid === null ? '' : entry.dcid === 0 ? ', without a connection' : ` over DCID ${entry.dcid}`;
      this.#set(state, entry.kind, `${entry.reason ?? 'no reason is given'}${by}${answer}`, [line]);
    });
  }
}

/** Final actions of consolidated events (AsyncOS 13 and later). */
const ACTIONS: Readonly<Record<string, RecipientOutcome>> = {
  DELIVERED: 'delivered',
  DROPPED: 'dropped',
  BOUNCED: 'bounced',
  QUARANTINED: 'quarantined',
  ABORTED: 'aborted',
};

/** AsyncOS counts a message as delivered whose end of data was never answered (Cisco TechNote 118601). */
const POSSIBLE = 'the appliance counts it as delivered, although the receiver never answered the end of the message (possible delivery)';
const RELEASED_UNSEEN =
  'it was released from the spam quarantine; under which MID it went on, and what the receiver answered, stands in mail_logs, but not in these';

/** Reads the fates of one MID out of its lines. */
export function fatesOf({ telling, history }: TracedMid): Fates {
  const book = new FateBook();
  const { handedOver } = history;
  if (handedOver?.dcid) book.handedOver(handedOver.dcid);
  for (const { line, entry } of telling) {
    if (entry === null || !('mid' in entry) || entry.mid !== history.mid) continue;
    book.add(line, entry);
  }
  return book;
}

import { canonicalAddress } from '../model/address.ts';
import type { InjectionDebugRecord } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { OtherLogEntry } from './entry.ts';
import type { InjectionRecord } from './injection-record.ts';
import type { LineId, LineTable } from './line-table.ts';

type DebugEntry = Extract<OtherLogEntry, { kind: 'injection-debug' }>;

interface Held {
  readonly appliance: ApplianceState;
  readonly icid: number | null;
  readonly record: InjectionDebugRecord;
  readonly seconds: number;
}

/** Debug records beyond this are dropped: the appliance records a fixed, small number of sessions. */
const MAX_RECORDS = 500_000;
/** A log writes the opening of a connection after the name service answered, the debug log as octets pass. */
const SLACK_SECONDS = 2;

const VERB = /^(?:EHLO|HELO|LHLO|MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|STARTTLS|VRFY|EXPN|HELP|XCLIENT|XFORWARD)\b/i;
const REMOVED = '[credentials removed]';

/** Injection debug records, held until all logs are read, then given to their connections. */
export class DebugLogs {
  readonly #table: LineTable;
  readonly #held: Held[] = [];
  /** Conversations in which credentials may follow. */
  readonly #authenticating = new Set<string>();

  constructor(table: LineTable) {
    this.#table = table;
  }

  injection(appliance: ApplianceState, entry: DebugEntry, line: LineId): void {
    const key = `${appliance.key} ${entry.icid ?? entry.peer}`;
    const text = this.#withoutCredentials(key, entry.direction, entry.text);
    // The raw line would still show what was removed.
    if (text !== entry.text) this.#table.replaceText(line, `${entry.direction === 'sent' ? 'Sent to' : 'Rcvd from'} '${entry.peer}': '${text}'`);
    if (this.#held.length >= MAX_RECORDS) return;
    const record = { line: this.#table.line(line), direction: entry.direction, peer: entry.peer, text };
    this.#held.push({ appliance, icid: entry.icid, seconds: this.#table.seconds(line), record });
  }

  /** Domain debug logs show what the appliance itself sends: its credentials for a relay, too. */
  delivery(appliance: ApplianceState, entry: Extract<OtherLogEntry, { kind: 'domain-debug' }>, line: LineId): void {
    // There the appliance is the client.
    const direction = entry.direction === 'sent' ? 'received' : 'sent';
    const text = this.#withoutCredentials(`${appliance.key} D${entry.dcid}`, direction, entry.text);
    if (text !== entry.text) this.#table.replaceText(line, `${entry.dcid} ${entry.direction === 'sent' ? 'Sent' : 'Rcvd'}: '${text}'`);
  }

  #withoutCredentials(key: string, direction: 'sent' | 'received', text: string): string {
    if (direction === 'sent') {
      if (/^(?:235|[45]\d\d)/.test(text)) this.#authenticating.delete(key);
      return text;
    }
    const auth = /^(AUTH +[\w-]+)(.*)$/is.exec(text);
    if (auth) {
      this.#authenticating.add(key);
      return auth[2]?.trim() ? `${auth[1]} ${REMOVED}` : text;
    }
    return this.#authenticating.has(key) && !VERB.test(text) ? REMOVED : text;
  }

  /** Gives each record to the connection of its number, or, without number, of its peer at that time. */
  attach(injections: readonly InjectionRecord[]): void {
    if (this.#held.length === 0) return;
    const byPeer = new Map<string, InjectionRecord[]>();
    for (const injection of injections) {
      const key = `${injection.appliance} ${injection.peerIp ?? ''}`;
      const known = byPeer.get(key);
      if (known) known.push(injection);
      else byPeer.set(key, [injection]);
    }
    const current = new Map<string, InjectionRecord>();
    for (const held of this.#held) {
      if (held.icid !== null) {
        held.appliance.injections.get(held.icid)?.addDebug(held.record);
        continue;
      }
      const key = `${held.appliance.key} ${canonicalAddress(held.record.peer)}`;
      let owner = current.get(key);
      if (!owner || greets(held.record, owner) || !covers(owner, held.seconds)) {
        const candidates = byPeer.get(key) ?? [];
        owner = candidates.find((one) => one.debug.length === 0 && covers(one, held.seconds)) ?? owner;
      }
      if (!owner) continue;
      current.set(key, owner);
      owner.addDebug(held.record);
    }
  }
}

/** A greeting begins the next connection of a peer; the 220 that answers STARTTLS does not. */
function greets(record: InjectionDebugRecord, owner: InjectionRecord): boolean {
  const last = owner.debug.at(-1);
  if (record.direction !== 'sent' || !/^220[ -]/.test(record.text) || !last) return false;
  return !(last.direction === 'received' && /^STARTTLS\b/i.test(last.text));
}

function covers(injection: InjectionRecord, seconds: number): boolean {
  const end = injection.isClosed ? injection.secondsOf(injection.closedId) : Number.POSITIVE_INFINITY;
  return injection.secondsOf(injection.firstId) - SLACK_SECONDS <= seconds && seconds <= end + SLACK_SECONDS;
}

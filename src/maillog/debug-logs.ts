import { canonicalAddress } from '../model/address.ts';
import type { HistoryList, InjectionDebugRecord } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import { HIDDEN, hideCredentials, hideEncoded, hideInCommand, OPEN_VERB } from './credentials.ts';
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

/** Commands of one conversation that may yet prove to be credentials. */
const MAX_UNKNOWN = 8;

/** A line of a client, as far as it may have to be changed later. */
interface Said {
  readonly line: LineId;
  record: { -readonly [K in keyof InjectionDebugRecord]: InjectionDebugRecord[K] } | null;
  readonly show: (text: string) => string;
}

interface Talk {
  authenticating: boolean;
  readonly unknown: Said[];
}

/** Injection debug records, held until all logs are read, then given to their connections. */
export class DebugLogs {
  readonly #table: LineTable;
  readonly #held: Held[] = [];
  /** Conversations in which anything but the verbs of SMTP was said. */
  readonly #talks = new Map<string, Talk>();

  constructor(table: LineTable) {
    this.#table = table;
  }

  injection(appliance: ApplianceState, entry: DebugEntry, line: LineId): void {
    const show = (text: string): string => `${entry.direction === 'sent' ? 'Sent to' : 'Rcvd from'} '${entry.peer}': '${text}'`;
    const said: Said = { line, record: null, show };
    const text = this.#withoutCredentials(`${appliance.key} ${entry.icid ?? entry.peer}`, entry.direction, entry.text, said);
    // The raw line would still show what was removed.
    if (text !== entry.text) this.#table.replaceText(line, show(text));
    if (this.#held.length >= MAX_RECORDS) return;
    said.record = { line: this.#table.line(line), direction: entry.direction, peer: entry.peer, text };
    this.#held.push({ appliance, icid: entry.icid, seconds: this.#table.seconds(line), record: said.record });
  }

  /** Domain debug logs show what the appliance itself sends: its credentials for a relay, too. */
  delivery(appliance: ApplianceState, entry: Extract<OtherLogEntry, { kind: 'domain-debug' }>, line: LineId): void {
    // There the appliance is the client.
    const direction = entry.direction === 'sent' ? 'received' : 'sent';
    const show = (text: string): string => `${entry.dcid} ${entry.direction === 'sent' ? 'Sent' : 'Rcvd'}: '${text}'`;
    const text = this.#withoutCredentials(`${appliance.key} D${entry.dcid}`, direction, entry.text, { line, record: null, show });
    if (text !== entry.text) this.#table.replaceText(line, show(text));
  }

  #withoutCredentials(key: string, direction: 'sent' | 'received', text: string, said: Said): string {
    return direction === 'sent' ? this.#reply(key, text) : this.#command(key, text, said);
  }

  /** A reply may prove that what it answers was a credential, whatever its verb looked like; and it may repeat it. */
  #reply(key: string, text: string): string {
    const talk = this.#talks.get(key);
    const code = /^\d{3}(?!-)/.exec(text)?.[0] ?? '';
    if (code === '334') {
      for (const unknown of talk?.unknown.splice(0) ?? []) this.#conceal(unknown);
      this.#talk(key).authenticating = true;
      // The challenge of LOGIN is well known; others may carry what the client said.
      return /^334 ?(?:VXNlcm5hbWU6|UGFzc3dvcmQ6)?\s*$/.test(text) ? text : `334 ${HIDDEN}`;
    }
    if (!talk) return text;
    if (/^(?:235|432|53[458])$/.test(code)) for (const unknown of talk.unknown.splice(0)) this.#conceal(unknown);
    if (/^(?:235|[45]\d\d)/.test(text)) talk.authenticating = false;
    else if (code !== '') talk.unknown.shift();
    return hideEncoded(hideCredentials(text));
  }

  #command(key: string, text: string, said: Said): string {
    const isOpen = OPEN_VERB.test(text);
    if (/^\S{0,4}AUTH\b/i.test(text)) this.#talk(key).authenticating = true;
    else if (!isOpen && this.#talks.get(key)?.authenticating) return HIDDEN;
    if (isOpen) return text;
    const { unknown } = this.#talk(key);
    unknown.push(said);
    if (unknown.length > MAX_UNKNOWN) unknown.shift();
    const end = /\s*$/.exec(text)?.[0] ?? '';
    return hideInCommand(text.slice(0, text.length - end.length)) + end;
  }

  #conceal({ line, record, show }: Said): void {
    const text = this.#table.text(line);
    if (/'\S{0,4}AUTH(?: [\w-]+)?(?: \*\*\*)?\s*(?:\\.*)?'?$/i.test(text)) return;
    this.#table.replaceText(line, show(HIDDEN));
    if (record) record.text = HIDDEN;
  }

  #talk(key: string): Talk {
    const known = this.#talks.get(key);
    if (known) return known;
    const made: Talk = { authenticating: false, unknown: [] };
    this.#talks.set(key, made);
    return made;
  }

  /** Gives each record to the connection of its number, or, without number, of its peer at that time. */
  attach(injections: HistoryList<InjectionRecord>): void {
    if (this.#held.length === 0) return;
    const byPeer = new Map<string, number[]>();
    for (let at = 0; at < injections.length; at++) {
      const injection = injections.at(at);
      if (!injection) continue;
      const key = `${injection.appliance} ${injection.peerIp ?? ''}`;
      const known = byPeer.get(key);
      if (known) known.push(at);
      else byPeer.set(key, [at]);
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
        owner = findFree(byPeer.get(key) ?? [], injections, held.seconds) ?? owner;
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

/** The first connection in that time that has no record yet. */
function findFree(candidates: readonly number[], injections: HistoryList<InjectionRecord>, seconds: number): InjectionRecord | undefined {
  for (const at of candidates) {
    const one = injections.at(at);
    if (one && one.debug.length === 0 && covers(one, seconds)) return one;
  }
  return undefined;
}

function covers(injection: InjectionRecord, seconds: number): boolean {
  const end = injection.isClosed ? injection.secondsOf(injection.closedId) : Number.POSITIVE_INFINITY;
  return injection.secondsOf(injection.firstId) - SLACK_SECONDS <= seconds && seconds <= end + SLACK_SECONDS;
}

import type { InjectionDebugRecord, InjectionEnd, InjectionHistory, LogLine } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { InjectionEntry } from './entry.ts';
import { type LineId, NO_LINE } from './line-table.ts';
import { HistoryLines, type LineStore } from './store.ts';

interface EndRecord {
  readonly kind: InjectionEnd['kind'];
  readonly reason: string | null;
  readonly line: LineId;
}

type TlsEntry = Extract<InjectionEntry, { kind: 'icid-tls' }>;

/** An injection history while it grows. Lines are named by number and shown on demand. */
export class InjectionRecord extends HistoryLines implements InjectionHistory {
  readonly #appliance: ApplianceState;
  readonly icid: number;
  #opened: LineId = NO_LINE;
  interfaceName: string | null = null;
  localIp: string | null = null;
  peerIp: string | null = null;
  reverseDns: string | null = null;
  policy: InjectionHistory['policy'] = null;
  #lost: LineId = NO_LINE;
  #closed: LineId = NO_LINE;
  #ends: EndRecord[] | null = null;
  #tls: TlsEntry | null = null;
  #tlsLine: LineId = NO_LINE;
  #authOk = false;
  #authLine: LineId = NO_LINE;
  heloName: string | null = null;
  #mid = 0;
  /** All of them, where there are several. */
  #moreMids: number[] | null = null;
  ownLines = false;
  #debug: InjectionDebugRecord[] | null = null;

  constructor(store: LineStore, appliance: ApplianceState, icid: number, line: LineId) {
    super(store, line);
    this.#appliance = appliance;
    this.icid = icid;
  }

  get state(): ApplianceState {
    return this.#appliance;
  }

  get appliance(): string {
    return this.#appliance.key;
  }

  get isOpened(): boolean {
    return this.#opened !== NO_LINE;
  }

  get isClosed(): boolean {
    return this.#closed !== NO_LINE;
  }

  get openedId(): LineId | null {
    return this.#opened === NO_LINE ? null : this.#opened;
  }

  get closedId(): LineId {
    return this.#closed;
  }

  get opened(): LogLine | null {
    return this.lineOrNull(this.#opened);
  }

  get lost(): LogLine | null {
    return this.lineOrNull(this.#lost);
  }

  get closed(): LogLine | null {
    return this.lineOrNull(this.#closed);
  }

  get ends(): readonly InjectionEnd[] {
    return (this.#ends ?? []).map(({ kind, reason, line }) => ({ kind, reason, line: this.line(line) }));
  }

  get tls(): InjectionHistory['tls'] {
    if (this.#tls === null) return null;
    const { ok, protocol, cipher, reason } = this.#tls;
    return { ok, protocol, cipher, reason, line: this.line(this.#tlsLine) };
  }

  get auth(): InjectionHistory['auth'] {
    return this.#authLine === NO_LINE ? null : { ok: this.#authOk, line: this.line(this.#authLine) };
  }

  get mids(): readonly number[] {
    return this.#moreMids ?? (this.#mid === 0 ? [] : [this.#mid]);
  }

  get debug(): readonly InjectionDebugRecord[] {
    return this.#debug ?? [];
  }

  addDebug(record: InjectionDebugRecord): void {
    (this.#debug ??= []).push(record);
  }

  /** A message that came in on it; told once for each message. */
  addMid(mid: number): void {
    if (this.#mid === 0) this.#mid = mid;
    else (this.#moreMids ??= [this.#mid]).push(mid);
  }

  #end(kind: InjectionEnd['kind'], reason: string | null, line: LineId): void {
    const end = { kind, reason, line };
    if (this.#ends === null) this.#ends = [end];
    else if (this.#ends.length < MAX_ENDS) this.#ends.push(end);
  }

  /** What a line of the connection itself says. */
  apply(entry: InjectionEntry, line: LineId): void {
    this.ownLines = true;
    switch (entry.kind) {
      case 'icid-open':
        this.#opened = line;
        this.interfaceName = entry.interfaceName;
        this.localIp = entry.localIp ?? this.localIp;
        this.peerIp = entry.peerIp ?? this.peerIp;
        this.reverseDns = entry.reverseDns;
        return;
      case 'icid-policy':
        this.policy = { action: entry.action, group: entry.group, match: entry.match, score: entry.score };
        if (entry.action === 'REJECT') this.#end('rejected', `sender group ${entry.group}`, line);
        if (entry.action === 'TCPREFUSE') this.#end('tcp-refused', `sender group ${entry.group}`, line);
        return;
      case 'icid-delayed-reject':
        this.policy = { action: 'DELAYED REJECT', group: this.policy?.group ?? '', match: this.policy?.match ?? null, score: this.policy?.score ?? null };
        this.peerIp ??= entry.peerIp;
        this.#end('rejected', 'the session went on only to record its recipients', line);
        return;
      case 'icid-tls':
        this.#tls = entry;
        this.#tlsLine = line;
        if (!entry.ok) this.#end('tls-failed', entry.reason, line);
        return;
      case 'icid-tls-required':
        this.#end('tls-required', null, line);
        return;
      case 'icid-auth':
        this.#authOk = entry.ok;
        this.#authLine = line;
        return;
      case 'icid-auth-trouble':
        this.#end('other', entry.reason, line);
        return;
      case 'icid-lost':
        this.#lost = line;
        this.#end('lost', null, line);
        return;
      case 'icid-close':
        this.#closed = line;
        this.#end('close', null, line);
        return;
      case 'icid-lost-early':
        this.#lost = line;
        this.interfaceName ??= entry.interfaceName;
        this.localIp ??= entry.localIp;
        this.peerIp ??= entry.peerIp;
        this.#end('lost-early', `after ${entry.seconds} s, of which ${entry.dnsSeconds} s waiting for DNS`, line);
        return;
      case 'icid-timeout':
        this.peerIp ??= entry.peerIp;
        this.#end(entry.total ? 'timeout-total' : 'timeout-no-injection', null, line);
        return;
      case 'icid-killed':
        this.#end('killed', null, line);
        return;
      case 'icid-limit':
        this.peerIp ??= entry.peerIp;
        this.#end('limit', `at most ${entry.max} connections of one address on listener ${entry.listener}`, line);
        return;
      case 'icid-receiving-failed':
        this.#end('receiving-failed', entry.reason, line);
        return;
      case 'directory-harvest':
        this.#end('dhap', `more than ${entry.limit} unknown recipients`, line);
        return;
      case 'icid-complaint':
      case 'icid-reputation':
      case 'icid-tls-read':
        return;
    }
  }
}

/** More ways to end than a log of sense can tell of one connection. */
const MAX_ENDS = 100;

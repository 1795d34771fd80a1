import type { InjectionDebugRecord, InjectionEnd, InjectionHistory } from '../model/maillog.ts';
import type { InjectionEntry } from './entry.ts';
import type { Line } from './line.ts';
import { MAX_HISTORY_LINES, type ApplianceState } from './appliance-state.ts';

/** An injection history while it grows. */
export class InjectionRecord implements InjectionHistory {
  readonly #appliance: ApplianceState;
  readonly icid: number;
  opened: Line | null = null;
  interfaceName: string | null = null;
  localIp: string | null = null;
  peerIp: string | null = null;
  reverseDns: string | null = null;
  policy: InjectionHistory['policy'] = null;
  readonly first: Line;
  last: Line;
  readonly ends: InjectionEnd[] = [];
  lost: Line | null = null;
  closed: Line | null = null;
  tls: InjectionHistory['tls'] = null;
  auth: InjectionHistory['auth'] = null;
  heloName: string | null = null;
  readonly mids: number[] = [];
  readonly lines: Line[] = [];
  ownLines = false;
  readonly debug: InjectionDebugRecord[] = [];

  constructor(appliance: ApplianceState, icid: number, line: Line) {
    this.#appliance = appliance;
    this.icid = icid;
    this.first = line;
    this.last = line;
  }

  get appliance(): string {
    return this.#appliance.key;
  }

  /** A line that mentions it, its own or one of its messages'. */
  add(line: Line): void {
    this.last = line;
    if (this.lines.length < MAX_HISTORY_LINES) this.lines.push(line);
  }

  addMid(mid: number): void {
    if (this.mids.at(-1) !== mid && !this.mids.includes(mid)) this.mids.push(mid);
  }

  #end(kind: InjectionEnd['kind'], reason: string | null, line: Line): void {
    this.ends.push({ kind, reason, line });
  }

  /** What a line of the connection itself says. */
  apply(entry: InjectionEntry, line: Line): void {
    this.ownLines = true;
    switch (entry.kind) {
      case 'icid-open':
        this.opened = line;
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
        this.tls = { ok: entry.ok, protocol: entry.protocol, cipher: entry.cipher, reason: entry.reason, line };
        if (!entry.ok) this.#end('tls-failed', entry.reason, line);
        return;
      case 'icid-tls-required':
        this.#end('tls-required', null, line);
        return;
      case 'icid-auth':
        this.auth = { ok: entry.ok, line };
        return;
      case 'icid-auth-trouble':
        this.#end('other', entry.reason, line);
        return;
      case 'icid-lost':
        this.lost = line;
        this.#end('lost', null, line);
        return;
      case 'icid-close':
        this.closed = line;
        this.#end('close', null, line);
        return;
      case 'icid-lost-early':
        this.lost = line;
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

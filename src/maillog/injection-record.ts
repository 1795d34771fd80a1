import type { InjectionDebugRecord, InjectionEnd, InjectionHistory, LogLine } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { InjectionEntry } from './entry.ts';
import { type LineId, NO_LINE } from './line-table.ts';
import { HistoryLines, type LineStore, type PackedLines } from './store.ts';

interface EndRecord {
  readonly kind: InjectionEnd['kind'];
  readonly reason: string | null;
  readonly line: LineId;
}

type Tls = Pick<Extract<InjectionEntry, { kind: 'icid-tls' }>, 'ok' | 'protocol' | 'cipher' | 'reason'>;

/** As it lies on a shelf. */
export type PackedInjection = readonly [
  lines: PackedLines,
  marks: readonly [opened: LineId, lost: LineId, closed: LineId, tls: LineId, auth: LineId],
  flags: number,
  texts: readonly (string | null)[],
  policy: InjectionHistory['policy'],
  ends: readonly EndRecord[] | null,
  tls: Tls | null,
  mids: readonly number[],
];

/** An injection history while it grows. Lines are named by number and shown on demand. */
export class InjectionRecord extends HistoryLines implements InjectionHistory {
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
  #tls: Tls | null = null;
  #tlsLine: LineId = NO_LINE;
  #authOk = false;
  #authLine: LineId = NO_LINE;
  heloName: string | null = null;
  #mid = 0;
  /** All of them, where there are several. */
  #moreMids: number[] | null = null;
  ownLines = false;

  constructor(store: LineStore, appliance: ApplianceState, icid: number, line: LineId, order: number) {
    super(store, appliance, order, line);
    this.icid = icid;
  }

  static unpack(store: LineStore, order: number, packed: PackedInjection): InjectionRecord | null {
    const [lines, marks, flags, texts, policy, ends, tls, mids] = packed;
    const [index, icid, first] = lines;
    const appliance = store.appliances[index];
    if (!appliance) return null;
    const record = new InjectionRecord(store, appliance, icid, first, order);
    record.unpackLines(lines);
    [record.#opened, record.#lost, record.#closed, record.#tlsLine, record.#authLine] = marks;
    record.ownLines = (flags & 1) !== 0;
    record.#authOk = (flags & 2) !== 0;
    [record.interfaceName = null, record.localIp = null, record.peerIp = null, record.reverseDns = null, record.heloName = null] = texts;
    record.policy = policy;
    record.#ends = ends && [...ends];
    record.#tls = tls;
    for (const mid of mids) record.addMid(mid);
    return record;
  }

  pack(): PackedInjection {
    return [
      this.packLines(this.icid),
      [this.#opened, this.#lost, this.#closed, this.#tlsLine, this.#authLine],
      (this.ownLines ? 1 : 0) | (this.#authOk ? 2 : 0),
      [this.interfaceName, this.localIp, this.peerIp, this.reverseDns, this.heloName],
      this.policy,
      this.#ends,
      this.#tls,
      this.mids,
    ];
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
    return { ...this.#tls, line: this.line(this.#tlsLine) };
  }

  get auth(): InjectionHistory['auth'] {
    return this.#authLine === NO_LINE ? null : { ok: this.#authOk, line: this.line(this.#authLine) };
  }

  get mids(): readonly number[] {
    return this.#moreMids ?? (this.#mid === 0 ? [] : [this.#mid]);
  }

  get debug(): readonly InjectionDebugRecord[] {
    return this.store.debug.get(this.order) ?? [];
  }

  addDebug(record: InjectionDebugRecord): void {
    const { debug } = this.store;
    const known = debug.get(this.order);
    if (known) known.push(record);
    else debug.set(this.order, [record]);
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
        this.#tls = { ok: entry.ok, protocol: entry.protocol, cipher: entry.cipher, reason: entry.reason };
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

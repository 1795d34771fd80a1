import type { Moment } from '../model/evidence.ts';
import type { TlsEvent, TlsSummary } from '../model/smtp.ts';
import type { ArrivalView } from '../model/tcp.ts';
import type { EpochUs, Side } from '../model/units.ts';
import { type Hello, helloText, readClientHello, readServerHello } from './tls-hello.ts';
import { alertName, versionName } from './tls-names.ts';
import { ContentType, RecordReader, type RecordSink } from './tls-records.ts';

type What = TlsEvent['what'];
export type OpenTlsEvent = { -readonly [K in keyof TlsEvent]: TlsEvent[K] };

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
/** A hello may be as long as its length field says; beyond this it is not read. */
const HELLO_OCTETS = 64 * 1024;
/** Records that follow one another within this time are one event, so that a pause stays visible. */
const FOLD_US = 2_000_000;
/**
 * TLS 1.3 hides alerts in application data: two octets, one of content type, 16 of tag (RFC 8446, 5.2). SMTP has no line of two octets
 * but the empty one.
 */
const HIDDEN_ALERT_OCTETS = 19;

/** Where events go; returns nothing, because TLS events are never referred to. */
export interface TlsLog {
  add(event: OpenTlsEvent): void;
  /** The event added last, of whatever kind. */
  isLast(event: OpenTlsEvent): boolean;
}

/** One side of a TLS connection. */
class TlsSide implements RecordSink {
  readonly reader = new RecordReader(this);
  readonly #session: TlsSession;
  readonly side: Side;
  changedCipher = false;
  /** Encrypted records behind the change of cipher. */
  afterChange = 0;
  records = 0;
  octets = 0;
  #type = 0;
  #alert: { event: OpenTlsEvent; octets: number[] } | null = null;
  /** Message header, then what is left of the message. */
  #messageHeader: number[] = [];
  #messageLeft = 0;
  #hello: { event: OpenTlsEvent; type: number; body: Uint8Array; have: number } | null = null;

  constructor(session: TlsSession, side: Side) {
    this.#session = session;
    this.side = side;
  }

  record(type: number, length: number, at: Moment): void {
    this.#type = type;
    this.#alert = null;
    if (this.changedCipher && type !== ContentType.changeCipher) this.afterChange++;
    if (type === 0) {
      this.#session.note(this.side, 'client-hello', length, 'SSLv2', at);
      return;
    }
    if (type === ContentType.changeCipher) {
      this.changedCipher = true;
      this.#session.note(this.side, 'change-cipher', length, null, at);
    } else if (type === ContentType.alert) {
      if (length < 0 && !this.changedCipher) this.#session.note(this.side, 'alert', length, null, at);
      else if (length !== 2) this.#session.note(this.side, 'encrypted-alert', length, null, at);
      else this.#alert = { event: this.#session.note(this.side, 'alert', length, null, at), octets: [] };
    } else if (type === ContentType.applicationData || type === ContentType.heartbeat) {
      const isAlert = length === HIDDEN_ALERT_OCTETS && this.#session.isTls13;
      if (isAlert) this.#session.note(this.side, 'encrypted-alert', length, 'told by its size', at);
      else {
        this.records++;
        this.octets += Math.max(0, length);
        this.#session.note(this.side, 'application-data', length, null, at);
      }
    } else if (this.changedCipher) this.#session.note(this.side, 'handshake', length, null, at);
    else if (length < 0) this.#session.note(this.side, this.side === this.#session.client ? 'client-hello' : 'server-hello', length, null, at);
  }

  fragment(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    if (this.#type === ContentType.alert) this.#readAlert(bytes, start, end);
    else if (this.#type === ContentType.handshake && !this.changedCipher) this.#readMessages(bytes, start, end, at);
  }

  missing(length: number): void {
    if (this.#type !== ContentType.handshake || this.changedCipher) return;
    // Only whole hellos are read; a message that goes on behind the loss is passed over.
    if (this.#hello && this.#session.isUnread(this.#hello.event)) this.#readHello(this.#hello);
    this.#hello = null;
    this.#messageLeft = Math.max(0, this.#messageLeft - length);
    if (this.#messageLeft === 0) this.#messageHeader = [];
  }

  invalid(bytes: Uint8Array, from: number, end: number, at: ArrivalView): void {
    this.#session.leave(this.side, bytes, from, end, at);
  }

  #readAlert(bytes: Uint8Array, start: number, end: number): void {
    const alert = this.#alert;
    if (!alert) return;
    for (let i = start; i < end; i++) alert.octets.push(bytes[i] ?? 0);
    if (alert.octets.length < 2) return;
    this.#alert = null;
    this.#session.alerted(this.side, alert.octets[0] === 1 ? 'warning' : 'fatal', alertName(alert.octets[1] ?? 0), alert.event);
  }

  #readMessages(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    let i = start;
    while (i < end) {
      if (this.#messageHeader.length < 4) {
        this.#messageHeader.push(bytes[i++] ?? 0);
        if (this.#messageHeader.length === 4) this.#beginMessage(at);
        continue;
      }
      const n = Math.min(this.#messageLeft, end - i);
      const hello = this.#hello;
      if (hello) {
        hello.body.set(bytes.subarray(i, i + n), hello.have);
        hello.have += n;
      }
      this.#messageLeft -= n;
      i += n;
      if (this.#messageLeft > 0) continue;
      this.#messageHeader = [];
      this.#hello = null;
      if (hello) this.#readHello(hello);
    }
  }

  #beginMessage(at: ArrivalView): void {
    const [type = 0, a = 0, b = 0, c = 0] = this.#messageHeader;
    const length = (a << 16) | (b << 8) | c;
    this.#messageLeft = length;
    if (length === 0) this.#messageHeader = [];
    const what: What = type === CLIENT_HELLO ? 'client-hello' : type === SERVER_HELLO ? 'server-hello' : 'handshake';
    const event = this.#session.note(this.side, what, length + 4, null, { atUs: at.atUs, packet: { input: at.input, number: at.packet } });
    if (what !== 'handshake' && length <= HELLO_OCTETS) this.#hello = { event, type, body: new Uint8Array(length), have: 0 };
  }

  #readHello(hello: { event: OpenTlsEvent; type: number; body: Uint8Array; have: number }): void {
    const body = hello.body.subarray(0, hello.have);
    const read = hello.type === CLIENT_HELLO ? readClientHello(body) : readServerHello(body);
    if (!read) return;
    hello.event.text = helloText(read);
    this.#session.greeted(hello.type === CLIENT_HELLO, read);
  }

  /** The stream ends: a hello that is not complete is read as far as it goes. */
  finish(): void {
    if (this.#hello) this.#readHello(this.#hello);
    this.#hello = null;
  }
}

/** Follows the records of both sides; sees only what is in clear. */
export class TlsSession {
  readonly client: Side;
  readonly #log: TlsLog;
  readonly #begin: TlsSummary['begin'];
  readonly #sides: readonly [TlsSide, TlsSide];
  readonly #leave: (side: Side, bytes: Uint8Array, from: number, end: number, at: ArrivalView) => void;
  #firstUs: EpochUs | null = null;
  #offered: number | null = null;
  #chosen: number | null = null;
  #sni: string | null = null;
  #alert: TlsSummary['alert'] = null;
  #last: OpenTlsEvent | null = null;
  #lastRecordUs: EpochUs = 0;
  /** Who sent the last record, and when; null before the first. */
  lastSide: Side | null = null;

  /** `leave` gets the octets of a side that turn out not to be TLS. */
  constructor(
    client: Side,
    begin: TlsSummary['begin'],
    log: TlsLog,
    leave: (side: Side, bytes: Uint8Array, from: number, end: number, at: ArrivalView) => void,
  ) {
    this.client = client;
    this.#begin = begin;
    this.#log = log;
    this.#leave = leave;
    this.#sides = [new TlsSide(this, 0), new TlsSide(this, 1)];
  }

  get isTls13(): boolean {
    return this.#chosen === 0x0304;
  }

  get lastRecordUs(): EpochUs {
    return this.#lastRecordUs;
  }

  feed(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    this.#sides[side].reader.feed(bytes, start, end, at);
  }

  gap(side: Side, length: number): void {
    this.#sides[side].reader.gap(length);
  }

  note(side: Side, what: What, octets: number, text: string | null, at: Moment): OpenTlsEvent {
    this.#firstUs ??= at.atUs;
    const last = this.#last;
    const foldable = what === 'application-data' || what === 'handshake';
    const folds = foldable && last?.what === what && last.side === side && at.atUs - this.#lastRecordUs < FOLD_US && this.#log.isLast(last);
    this.lastSide = side;
    this.#lastRecordUs = at.atUs;
    const size = Math.max(0, octets);
    if (folds && last) {
      last.octets += size;
      return last;
    }
    const event: OpenTlsEvent = { kind: 'tls', side, what, at, octets: size, text };
    this.#last = event;
    this.#log.add(event);
    return event;
  }

  isUnread(event: OpenTlsEvent): boolean {
    return event.text === null;
  }

  greeted(byClient: boolean, hello: Hello): void {
    if (byClient) {
      this.#offered = hello.version;
      this.#sni = hello.sni ?? this.#sni;
    } else this.#chosen = hello.version;
  }

  alerted(side: Side, level: 'warning' | 'fatal', name: string, event: OpenTlsEvent): void {
    event.text = `${level} ${name}`;
    this.#alert ??= { side, level, name, at: event.at };
  }

  leave(side: Side, bytes: Uint8Array, from: number, end: number, at: ArrivalView): void {
    this.#leave(side, bytes, from, end, at);
  }

  finish(): TlsSummary | null {
    for (const side of this.#sides) side.finish();
    if (this.#firstUs === null) return null;
    const client = this.#sides[this.client];
    const server = this.#sides[this.client === 0 ? 1 : 0];
    const version = this.#chosen ?? this.#offered;
    // TLS 1.3 hides the end of the handshake in application data; before, each side's Finished follows its change of cipher.
    const done = (side: TlsSide): boolean => side.records > 0 || (!this.isTls13 && side.changedCipher && side.afterChange > 0);
    return {
      begin: this.#begin,
      firstUs: this.#firstUs,
      version: version === null ? null : versionName(version),
      sni: this.#sni,
      established: done(client) && done(server),
      alert: this.#alert,
      applicationOctets: [client.octets, server.octets],
      applicationRecords: [client.records, server.records],
    };
  }
}

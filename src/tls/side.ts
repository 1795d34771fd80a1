import type { Moment } from '../model/evidence.ts';
import { type ArrivalView, momentOf } from '../model/tcp.ts';
import { ContentType, type OpenTlsEvent, type TlsEvent } from '../model/tls.ts';
import type { Side } from '../model/units.ts';
import { MessageReader, type MessageSink, messageName, MessageType } from './messages.ts';
import { alertName } from './names.ts';
import { HEADER_OCTETS, RecordReader, type RecordSink } from './records.ts';
import type { TlsSession } from './session.ts';
import { type KeyChain, Unsealer } from './unsealer.ts';

/**
 * TLS 1.3 hides alerts in application data: two octets, one of content type, 16 of tag (RFC 8446, 5.2). SMTP has no line of two octets
 * but the empty one.
 */
const HIDDEN_ALERT_OCTETS = 19;

const WHAT: Readonly<Record<number, TlsEvent['what']>> = { [MessageType.clientHello]: 'client-hello', [MessageType.serverHello]: 'server-hello' };

/** A record on its way that may be opened once it is whole. */
interface SealedSoFar {
  readonly type: number;
  readonly version: number;
  readonly length: number;
  readonly at: Moment;
  /** Where it came in one piece, its octets are never copied. */
  body: Uint8Array | null;
  have: number;
  isBroken: boolean;
}

/** One side of a TLS connection. */
export class TlsSide implements RecordSink, MessageSink {
  readonly reader = new RecordReader(this);
  readonly #session: TlsSession;
  readonly side: Side;
  readonly #messages = new MessageReader(this);
  changedCipher = false;
  /** Encrypted records behind the change of cipher. */
  afterChange = 0;
  /** Its Finished was read. */
  finished = false;
  records = 0;
  octets = 0;
  /** Records of application data that were opened, and that were not. */
  opened = 0;
  unopened = 0;
  #unopenedOctets = 0;
  /** Some record was opened. */
  hasOpened = false;
  #type = 0;
  #alert: { event: OpenTlsEvent; octets: number[] } | null = null;
  /** Of the message that is read. */
  #event: OpenTlsEvent | null = null;
  #keys: KeyChain | null = null;
  #unsealer: Unsealer | null = null;
  #sealed: SealedSoFar | null = null;
  /** What is fed to the messages comes out of an opened record. */
  #inside = false;
  /** Octets of the stream passed over since the last opened record. */
  #lostOctets = 0;

  constructor(session: TlsSession, side: Side) {
    this.#session = session;
    this.side = side;
  }

  /** From here on records are opened with these keys; null: they stay closed. */
  useKeys(keys: KeyChain | null): void {
    this.#keys = keys;
    this.#unsealer = keys === null ? null : new Unsealer((index) => this.#keys?.(index) ?? null);
  }

  /** More is known of the same keys: a chain that begins with those in use. */
  extendKeys(keys: KeyChain | null): void {
    if (this.#unsealer === null) this.useKeys(keys);
    else this.#keys = keys ?? this.#keys;
  }

  get recognises(): boolean {
    return this.#unsealer !== null && !this.#unsealer.hasGivenUp;
  }

  record(type: number, version: number, length: number, at: Moment): void {
    this.#type = type;
    this.#alert = null;
    this.#session.trail.add(this.side, type, length, at);
    if (this.changedCipher && type !== ContentType.changeCipher) this.afterChange++;
    if (length > 0 && this.recognises && this.#isSealed(type)) this.#sealed = { type, version, length, at, body: null, have: 0, isBroken: false };
    else this.#tell(type, length, at);
  }

  /** Whether records of this type are encrypted by now: TLS 1.3 hides them in application data, older versions change the cipher first. */
  #isSealed(type: number): boolean {
    if (this.#session.isTls13 || !this.changedCipher) return type === ContentType.applicationData;
    return type !== ContentType.changeCipher;
  }

  /** In TLS 1.3 a change of cipher changes nothing (RFC 8446, D.4). */
  get #hidesHandshake(): boolean {
    return this.changedCipher && !this.#session.isTls13;
  }

  /** What can be told of a record that is not opened. */
  #tell(type: number, length: number, at: Moment): void {
    if (type === 0) {
      this.#session.note(this.side, 'client-hello', length, 'SSLv2', at);
      return;
    }
    if (type === ContentType.changeCipher) {
      this.changedCipher = true;
      this.#session.note(this.side, 'change-cipher', length, null, at);
      this.#session.changesCipher(this);
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
    } else if (this.#hidesHandshake) this.#session.note(this.side, 'handshake', length, null, at);
    else if (length < 0) this.#session.note(this.side, this.side === this.#session.client ? 'client-hello' : 'server-hello', length, null, at);
  }

  fragment(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    if (this.#sealed) this.#collect(this.#sealed, bytes.subarray(start, end));
    else if (this.#type === ContentType.alert) this.#readAlert(bytes, start, end);
    else if (this.#type === ContentType.handshake && !this.#hidesHandshake) this.#messages.feed(bytes, start, end, at);
  }

  #collect(sealed: SealedSoFar, piece: Uint8Array): void {
    if (sealed.isBroken) return;
    if (piece.length === sealed.length) sealed.body = piece;
    else {
      sealed.body ??= new Uint8Array(sealed.length);
      sealed.body.set(piece, sealed.have);
    }
    sealed.have += piece.length;
  }

  missing(length: number): void {
    if (this.#sealed) this.#sealed.isBroken = true;
    else if (this.#type === ContentType.handshake && !this.#hidesHandshake) this.#messages.missing(length);
  }

  ended(at: ArrivalView): void {
    const sealed = this.#sealed;
    const unsealer = this.#unsealer;
    this.#sealed = null;
    if (!sealed || !unsealer) return;
    const opened = sealed.body && !sealed.isBroken ? unsealer.open({ type: sealed.type, version: sealed.version, body: sealed.body }) : null;
    if (!opened) {
      if (sealed.isBroken) unsealer.missed();
      else this.#session.refused(this, unsealer);
      this.#leaveClosed(sealed, at);
      return;
    }
    if (!this.hasOpened && this.#session.isTrafficKey(this.side, unsealer.keyIndex)) this.#forgetHandshake();
    this.hasOpened = true;
    const lost = opened.missing > 0 ? this.#session.contentOf(this.#lostOctets, opened.missing) : 0;
    this.#lostOctets = 0;
    if (lost > 0) this.#session.unread(this.side, lost, at);
    this.#take(opened.type, opened.content, sealed, at);
  }

  /** Only the secret of the handshake is missing: its records, which look like application data, are no words that could not be read. */
  #forgetHandshake(): void {
    if (this.#lostOctets > 0) return;
    this.records -= this.unopened;
    this.octets -= this.#unopenedOctets;
    this.unopened = 0;
    this.#unopenedOctets = 0;
    this.#session.forgetUnread(this.side);
  }

  /** Under a key of early data. */
  get #isEarly(): boolean {
    return this.#session.isEarlyKey(this.side, this.#unsealer?.keyIndex ?? 0);
  }

  #take(type: number, content: Uint8Array, sealed: SealedSoFar, at: ArrivalView): void {
    this.#session.passes(this.side, sealed.at);
    if (type === ContentType.applicationData) {
      this.records++;
      this.octets += sealed.length;
      this.opened++;
      this.#session.plain(this.side, content, at, this.#isEarly);
    } else if (type === ContentType.handshake) {
      this.#inside = true;
      this.#messages.feed(content, 0, content.length, at);
      this.#inside = false;
    } else if (type === ContentType.alert && content.length >= 2) {
      const event = this.#session.note(this.side, 'alert', content.length, null, momentOf(at), true);
      this.#session.alerted(this.side, content[0] === 1 ? 'warning' : 'fatal', alertName(content[1] ?? 0), event);
    }
  }

  /** The record stays what it is without keys. */
  #leaveClosed({ type, length, at: begun }: SealedSoFar, at: ArrivalView): void {
    if (type === ContentType.applicationData) {
      this.unopened++;
      this.#unopenedOctets += length;
      this.#session.unread(this.side, this.#session.contentOf(length + HEADER_OCTETS, 1), at);
    }
    this.#tell(type, length, begun);
  }

  lost(): void {
    const sealed = this.#sealed;
    this.#sealed = null;
    if (sealed) this.#tell(sealed.type, sealed.length, sealed.at);
  }

  found(octets: number): void {
    this.#lostOctets += octets;
    this.#unsealer?.lost(this.#session.recordsIn(octets));
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

  begins(type: number, length: number, at: ArrivalView): boolean {
    if (this.#inside) this.#event = this.#session.note(this.side, 'handshake', length + 4, messageName(type), momentOf(at), true);
    else this.#event = this.#session.note(this.side, WHAT[type] ?? 'handshake', length + 4, null, momentOf(at));
    return this.#session.wants(type, this.#inside);
  }

  message(type: number, body: Uint8Array, isWhole: boolean): void {
    this.#session.heard(this, type, body, isWhole, this.#inside ? null : this.#event);
  }

  /** The next keys of TLS 1.3 are used from here on. */
  advance(): void {
    this.#unsealer?.advance();
  }

  /** The stream ends: a hello that is not complete is read as far as it goes. */
  finish(at: ArrivalView): void {
    this.#messages.finish();
    this.lost();
    if (this.hasOpened && this.#lostOctets > 0) this.#session.unread(this.side, this.#session.contentOf(this.#lostOctets, 1), at);
  }
}

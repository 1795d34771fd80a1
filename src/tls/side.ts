import type { Moment } from '../model/evidence.ts';
import type { ArrivalView } from '../model/tcp.ts';
import { ContentType, type OpenTlsEvent, type TlsEvent } from '../model/tls.ts';
import type { Side } from '../model/units.ts';
import { MessageReader, type MessageSink, MessageType } from './messages.ts';
import { alertName } from './names.ts';
import { RecordReader, type RecordSink } from './records.ts';
import type { TlsSession } from './session.ts';

/**
 * TLS 1.3 hides alerts in application data: two octets, one of content type, 16 of tag (RFC 8446, 5.2). SMTP has no line of two octets
 * but the empty one.
 */
const HIDDEN_ALERT_OCTETS = 19;

const WHAT: Readonly<Record<number, TlsEvent['what']>> = { [MessageType.clientHello]: 'client-hello', [MessageType.serverHello]: 'server-hello' };

/** One side of a TLS connection. */
export class TlsSide implements RecordSink, MessageSink {
  readonly reader = new RecordReader(this);
  readonly #session: TlsSession;
  readonly side: Side;
  readonly #messages = new MessageReader(this);
  changedCipher = false;
  /** Encrypted records behind the change of cipher. */
  afterChange = 0;
  records = 0;
  octets = 0;
  #type = 0;
  #alert: { event: OpenTlsEvent; octets: number[] } | null = null;
  /** Of the message that is read. */
  #event: OpenTlsEvent | null = null;

  constructor(session: TlsSession, side: Side) {
    this.#session = session;
    this.side = side;
  }

  record(type: number, length: number, at: Moment): void {
    this.#type = type;
    this.#alert = null;
    this.#session.trail.add(this.side, type, length, at);
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
    else if (this.#type === ContentType.handshake && !this.changedCipher) this.#messages.feed(bytes, start, end, at);
  }

  missing(length: number): void {
    if (this.#type === ContentType.handshake && !this.changedCipher) this.#messages.missing(length);
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
    const what = WHAT[type] ?? 'handshake';
    this.#event = this.#session.note(this.side, what, length + 4, null, { atUs: at.atUs, packet: { input: at.input, number: at.packet } });
    return this.#session.wants(type);
  }

  message(type: number, body: Uint8Array, isWhole: boolean): void {
    this.#session.heard(type, body, isWhole, this.#event);
  }

  /** The stream ends: a hello that is not complete is read as far as it goes. */
  finish(): void {
    this.#messages.finish();
  }
}

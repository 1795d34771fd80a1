import { contentOctets, overheadOf, suiteOf } from '../model/cipher-suites.ts';
import type { Moment } from '../model/evidence.ts';
import type { ArrivalView } from '../model/tcp.ts';
import type { OpenTlsEvent, TlsCertificate, TlsContent, TlsEvent, TlsFollower, TlsListener, TlsObstacle, TlsSummary } from '../model/tls.ts';
import { type EpochUs, otherSide, type Side } from '../model/units.ts';
import type { CertificateReader } from './certificates.ts';
import { EarlyWords } from './early-words.ts';
import { type ClientHello, clientHelloText, readClientHello, readEncryptedExtensions, readServerHello, type ServerHello, serverHelloText } from './hello.ts';
import { MessageType } from './messages.ts';
import { versionName } from './names.ts';
import { HEADER_OCTETS } from './records.ts';
import { type Agreement, EARLY_KEYS, type KeyRing, SessionKeys } from './session-keys.ts';
import { TlsSide } from './side.ts';
import { RecordTrail } from './trail.ts';
import type { KeyChain, Unsealer } from './unsealer.ts';

/** Records that follow one another within this time are one event, so that a pause stays visible. */
const FOLD_US = 2_000_000;
/** Names of messages folded into one event. */
const NAMED_OCTETS = 200;
const TLS13 = 0x0304;

/** Follows the records of both sides, and opens what it has the keys for. */
export class TlsSession implements TlsFollower {
  readonly client: Side;
  readonly trail = new RecordTrail();
  readonly #listener: TlsListener;
  readonly #begin: TlsSummary['begin'];
  readonly #sides: readonly [TlsSide, TlsSide];
  readonly #certificates: CertificateReader;
  readonly #keys: SessionKeys | null;
  readonly #early: EarlyWords;
  #firstUs: EpochUs | null = null;
  #offer: ClientHello | null = null;
  #choice: ServerHello | null = null;
  #alpn: string | null = null;
  readonly #chains: [TlsCertificate[], TlsCertificate[]] = [[], []];
  /** The server sent its certificate or all that a new session needs: this one resumes none. */
  #isNew = false;
  #alert: TlsSummary['alert'] = null;
  #obstacle: TlsObstacle | null = null;
  #last: OpenTlsEvent | null = null;
  /** Octets of each side that could not be read before anything could. */
  readonly #unreadBefore: [number, number] = [0, 0];
  #isRead = false;
  lastRecordUs: EpochUs = 0;
  lastSide: Side | null = null;
  readonly #lastAt: ArrivalView = { atUs: 0, input: 0, packet: 0 };

  /** Without a ring nothing is opened. */
  constructor(client: Side, begin: TlsSummary['begin'], listener: TlsListener, ring: KeyRing | null, certificates: CertificateReader) {
    this.client = client;
    this.#begin = begin;
    this.#listener = listener;
    this.#certificates = certificates;
    this.#keys = ring ? new SessionKeys(ring) : null;
    this.#early = new EarlyWords((bytes, at) => this.#say(this.client, bytes, at));
    this.#sides = [new TlsSide(this, 0), new TlsSide(this, 1)];
  }

  get isTls13(): boolean {
    return this.#choice?.version === TLS13;
  }

  feed(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    this.#noteArrival(at);
    this.#sides[side].reader.feed(bytes, start, end, at);
  }

  gap(side: Side, length: number, at: ArrivalView): void {
    this.#noteArrival(at);
    this.#sides[side].reader.gap(length, at);
  }

  #noteArrival({ atUs, input, packet }: ArrivalView): void {
    this.#lastAt.atUs = atUs;
    this.#lastAt.input = input;
    this.#lastAt.packet = packet;
  }

  note(side: Side, what: TlsEvent['what'], octets: number, text: string | null, at: Moment, decrypted = false): OpenTlsEvent {
    const last = this.#last;
    const foldable = what === 'application-data' || what === 'handshake';
    const isNear = at.atUs - this.lastRecordUs < FOLD_US;
    const folds = foldable && last?.what === what && last.side === side && (last.decrypted === true) === decrypted && isNear && this.#listener.isLast(last);
    this.passes(side, at);
    const size = Math.max(0, octets);
    if (folds && last) {
      last.octets += size;
      if (text !== null && last.text !== null && last.text.length < NAMED_OCTETS) last.text += `, ${text}`;
      return last;
    }
    const event: OpenTlsEvent = { kind: 'tls', side, what, at, octets: size, text };
    if (decrypted) event.decrypted = true;
    this.#last = event;
    this.#listener.add(event);
    return event;
  }

  /** A record goes by. */
  passes(side: Side, at: Moment): void {
    this.#firstUs ??= at.atUs;
    this.lastSide = side;
    this.lastRecordUs = at.atUs;
  }

  /** Whether the body of such a message is read. */
  wants(type: number, inside: boolean): boolean {
    if (type === MessageType.certificate || type === MessageType.serverHelloDone) this.#isNew = true;
    switch (type) {
      case MessageType.clientHello:
      case MessageType.serverHello:
      case MessageType.certificate:
        return true;
      case MessageType.newSessionTicket:
      case MessageType.encryptedExtensions:
      case MessageType.finished:
      case MessageType.endOfEarlyData:
      case MessageType.keyUpdate:
        return this.#keys !== null;
      default:
        return !inside && this.#keys?.wantsMessages === true;
    }
  }

  /** A message of the handshake; `event` is where it is told, null where its name is all there is to tell. */
  heard(side: TlsSide, type: number, body: Uint8Array, isWhole: boolean, event: OpenTlsEvent | null): void {
    if (isWhole && !(this.isTls13 && event === null)) this.#keys?.hear(type, body, this.#agreement());
    switch (type) {
      case MessageType.clientHello:
        this.#hearOffer(body, event);
        return;
      case MessageType.serverHello:
        this.#hearChoice(body, event);
        return;
      case MessageType.certificate:
        this.#chains[side.side] = this.#certificates.readChain(body, this.#choice?.version ?? 0);
        return;
      default:
        if (event === null) this.#hearInside(side, type, body);
    }
  }

  #hearOffer(body: Uint8Array, event: OpenTlsEvent | null): void {
    const hello = readClientHello(body);
    if (!hello) return;
    this.#offer = hello;
    if (event) event.text = clientHelloText(hello);
    if (hello.earlyData && this.#keys) this.#sides[this.client].useKeys(this.#keys.earlyChain(hello));
  }

  #hearChoice(body: Uint8Array, event: OpenTlsEvent | null): void {
    const hello = readServerHello(body);
    if (!hello) return;
    this.#choice = hello;
    this.#alpn = hello.alpn ?? this.#alpn;
    if (event) event.text = serverHelloText(hello);
    if (hello.version < TLS13 || hello.retry) return;
    for (const side of this.#sides) side.extendKeys(this.#keysOf(side));
  }

  /** Messages that only TLS 1.3 sends, or that change nothing before it; all but the ticket came out of an opened record. */
  #hearInside(side: TlsSide, type: number, body: Uint8Array): void {
    if (type === MessageType.finished) side.finished = true;
    if (!this.isTls13) return;
    if (type === MessageType.encryptedExtensions) {
      const agreed = readEncryptedExtensions(body);
      this.#alpn = agreed.alpn ?? this.#alpn;
      this.#early.decide(agreed.earlyData);
    } else if (type === MessageType.endOfEarlyData) this.#early.decide(true);
    if (type === MessageType.finished || type === MessageType.endOfEarlyData || type === MessageType.keyUpdate) side.advance();
  }

  /** From here on a side's records are encrypted; in TLS 1.3 this says nothing, and may come before the server has chosen it. */
  changesCipher(side: TlsSide): void {
    const mayBe13 = this.#choice === null && this.#offer?.versions[0] === TLS13;
    if (!this.isTls13 && !mayBe13) side.useKeys(this.#keysOf(side));
  }

  #keysOf(side: TlsSide): KeyChain | null {
    const keys = this.#keys;
    if (!keys) return null;
    const agreement = this.#agreement();
    const chain = agreement ? keys.chainOf(agreement, side.side === this.client) : null;
    this.#obstacle ??= agreement ? keys.obstacle : 'no-hello';
    return chain;
  }

  #agreement(): Agreement | null {
    const offer = this.#offer;
    const choice = this.#choice;
    if (!offer || !choice) return null;
    return {
      offer,
      choice,
      extendedMasterSecret: offer.extendedMasterSecret && choice.extendedMasterSecret,
      encryptThenMac: offer.encryptThenMac && choice.encryptThenMac,
    };
  }

  /** A whole record did not open. */
  refused(side: TlsSide, unsealer: Unsealer): void {
    if (unsealer.isLost) this.#obstacle ??= 'lost-place';
    else if (!side.hasOpened) this.#obstacle ??= 'wrong-secret';
    else this.#obstacle ??= 'one-side';
  }

  /** Keys of early data stand first in the client's chain, that of the handshake behind them; older versions have one key. */
  isEarlyKey(side: Side, index: number): boolean {
    return side === this.client && index < EARLY_KEYS && (this.#choice === null || this.isTls13);
  }

  isTrafficKey(side: Side, index: number): boolean {
    return this.isTls13 && index > (side === this.client ? EARLY_KEYS : 0);
  }

  /** Content of a side that was opened. */
  plain(side: Side, bytes: Uint8Array, at: ArrivalView, isEarly: boolean): void {
    if (isEarly) this.#early.take(bytes, at);
    else this.#say(side, bytes, at);
  }

  #say(side: Side, bytes: Uint8Array, at: ArrivalView): void {
    if (!this.#isRead) {
      this.#isRead = true;
      for (const other of [this.client, otherSide(this.client)]) {
        const octets = this.#unreadBefore[other];
        if (octets > 0) this.#listener.plainGap(other, octets, at);
      }
    }
    if (bytes.length > 0) this.#listener.plain(side, bytes, 0, bytes.length, at);
  }

  /** So many octets of content could not be read. */
  unread(side: Side, octets: number, at: ArrivalView): void {
    if (this.#isRead) this.#listener.plainGap(side, Math.max(1, octets), at);
    else this.#unreadBefore[side] += Math.max(1, octets);
  }

  forgetUnread(side: Side): void {
    this.#unreadBefore[side] = 0;
  }

  /** Octets of content in so many records that are `octets` long together. */
  contentOf(octets: number, records: number): number {
    const suite = suiteOf(this.#choice?.suite ?? -1);
    const each = Math.ceil(octets / records) - HEADER_OCTETS;
    const content = suite ? contentOctets(overheadOf(suite, this.#choice?.version ?? 0), each) : null;
    return (content?.[1] ?? 0) * records;
  }

  /** The most records that stand in so many octets. */
  recordsIn(octets: number): number {
    const suite = suiteOf(this.#choice?.suite ?? -1);
    if (!suite) return 0;
    const { front, back, inner, padding } = overheadOf(suite, this.#choice?.version ?? 0);
    return Math.ceil(octets / (HEADER_OCTETS + front + back + inner + padding[0]));
  }

  alerted(side: Side, level: 'warning' | 'fatal', name: string, event: OpenTlsEvent): void {
    event.text = `${level} ${name}`;
    this.#alert ??= { side, level, name, at: event.at };
  }

  leave(side: Side, bytes: Uint8Array, from: number, end: number, at: ArrivalView): void {
    this.#listener.leave(side, bytes, from, end, at);
  }

  finish(): TlsSummary | null {
    for (const side of this.#sides) side.finish(this.#lastAt);
    if (this.#firstUs === null) return null;
    const client = this.#sides[this.client];
    const server = this.#sides[otherSide(this.client)];
    const offer = this.#offer;
    const choice = this.#choice;
    const agreement = this.#agreement();
    const version = choice?.version ?? offer?.versions[0] ?? null;
    // TLS 1.3 hides the end of the handshake in application data; before, each side's Finished follows its change of cipher.
    const done = (side: TlsSide): boolean => side.finished || side.records > 0 || (!this.isTls13 && side.changedCipher && side.afterChange > 0);
    const content = this.#contentRead();
    return {
      begin: this.#begin,
      firstUs: this.#firstUs,
      version: version === null ? null : versionName(version),
      offeredVersions: offer?.versions.map(versionName) ?? [],
      suite: choice?.suite ?? null,
      sni: offer?.sni ?? null,
      alpn: this.#alpn,
      extendedMasterSecret: agreement?.extendedMasterSecret ?? false,
      encryptThenMac: agreement?.encryptThenMac ?? false,
      resumed: this.#isResumed(server.changedCipher),
      established: done(client) && done(server),
      alert: this.#alert,
      applicationOctets: [client.octets, server.octets],
      applicationRecords: [client.records, server.records],
      records: this.trail.toArray(),
      recordsDropped: this.trail.dropped,
      content,
      obstacle: content === 'decrypted' ? null : this.#obstacle,
      serverCertificates: this.#chains[server.side],
      clientCertificates: this.#chains[client.side],
    };
  }

  #contentRead(): TlsContent {
    const [one, two] = this.#sides;
    const opened = one.opened + two.opened;
    const unopened = one.unopened + two.unopened;
    if (this.#keys && this.#chainsMissing()) return opened > 0 ? 'partly' : 'opaque';
    if (opened > 0) return unopened > 0 ? 'partly' : 'decrypted';
    return unopened === 0 && (one.hasOpened || two.hasOpened) ? 'decrypted' : 'opaque';
  }

  /** A side sent application data, and there were no keys to try. */
  #chainsMissing(): boolean {
    return this.#sides.some((side) => side.records > side.opened + side.unopened);
  }

  /** Before TLS 1.3 the server shows it by going on to its Finished without a certificate (RFC 5246, 7.3; RFC 5077, 3.1). */
  #isResumed(serverChangedCipher: boolean): boolean | null {
    const choice = this.#choice;
    if (!choice || choice.retry) return null;
    if (choice.version >= TLS13) return choice.presharedKey;
    return this.#isNew ? false : serverChangedCipher ? true : null;
  }
}

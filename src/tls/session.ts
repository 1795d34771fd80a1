import type { Moment } from '../model/evidence.ts';
import type { ArrivalView } from '../model/tcp.ts';
import type { OpenTlsEvent, TlsEvent, TlsFollower, TlsListener, TlsSummary } from '../model/tls.ts';
import { type EpochUs, otherSide, type Side } from '../model/units.ts';
import { type ClientHello, clientHelloText, readClientHello, readServerHello, type ServerHello, serverHelloText } from './hello.ts';
import { MessageType } from './messages.ts';
import { versionName } from './names.ts';
import { TlsSide } from './side.ts';
import { RecordTrail } from './trail.ts';

/** Records that follow one another within this time are one event, so that a pause stays visible. */
const FOLD_US = 2_000_000;

/** Follows the records of both sides. */
export class TlsSession implements TlsFollower {
  readonly client: Side;
  readonly trail = new RecordTrail();
  readonly #listener: TlsListener;
  readonly #begin: TlsSummary['begin'];
  readonly #sides: readonly [TlsSide, TlsSide];
  #firstUs: EpochUs | null = null;
  #offer: ClientHello | null = null;
  #choice: ServerHello | null = null;
  /** The server sent its certificate: this is no session resumed. */
  #certified = false;
  #alert: TlsSummary['alert'] = null;
  #last: OpenTlsEvent | null = null;
  lastRecordUs: EpochUs = 0;
  lastSide: Side | null = null;

  constructor(client: Side, begin: TlsSummary['begin'], listener: TlsListener) {
    this.client = client;
    this.#begin = begin;
    this.#listener = listener;
    this.#sides = [new TlsSide(this, 0), new TlsSide(this, 1)];
  }

  get isTls13(): boolean {
    return this.#choice?.version === 0x0304;
  }

  feed(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    this.#sides[side].reader.feed(bytes, start, end, at);
  }

  gap(side: Side, length: number): void {
    this.#sides[side].reader.gap(length);
  }

  note(side: Side, what: TlsEvent['what'], octets: number, text: string | null, at: Moment): OpenTlsEvent {
    this.#firstUs ??= at.atUs;
    const last = this.#last;
    const foldable = what === 'application-data' || what === 'handshake';
    const folds = foldable && last?.what === what && last.side === side && at.atUs - this.lastRecordUs < FOLD_US && this.#listener.isLast(last);
    this.lastSide = side;
    this.lastRecordUs = at.atUs;
    const size = Math.max(0, octets);
    if (folds && last) {
      last.octets += size;
      return last;
    }
    const event: OpenTlsEvent = { kind: 'tls', side, what, at, octets: size, text };
    this.#last = event;
    this.#listener.add(event);
    return event;
  }

  /** Whether the body of such a message is read. */
  wants(type: number): boolean {
    if (type === MessageType.certificate) this.#certified = true;
    return type === MessageType.clientHello || type === MessageType.serverHello;
  }

  heard(type: number, body: Uint8Array, _isWhole: boolean, event: OpenTlsEvent | null): void {
    if (type === MessageType.clientHello) {
      const hello = readClientHello(body);
      if (!hello) return;
      // What a second hello leaves out was said in the first (RFC 8446, 4.1.2).
      this.#offer = hello;
      if (event) event.text = clientHelloText(hello);
    } else if (type === MessageType.serverHello) {
      const hello = readServerHello(body);
      if (!hello) return;
      this.#choice = hello;
      if (event) event.text = serverHelloText(hello);
    }
  }

  alerted(side: Side, level: 'warning' | 'fatal', name: string, event: OpenTlsEvent): void {
    event.text = `${level} ${name}`;
    this.#alert ??= { side, level, name, at: event.at };
  }

  leave(side: Side, bytes: Uint8Array, from: number, end: number, at: ArrivalView): void {
    this.#listener.leave(side, bytes, from, end, at);
  }

  finish(): TlsSummary | null {
    for (const side of this.#sides) side.finish();
    if (this.#firstUs === null) return null;
    const client = this.#sides[this.client];
    const server = this.#sides[otherSide(this.client)];
    const offer = this.#offer;
    const choice = this.#choice;
    const version = choice?.version ?? offer?.versions[0] ?? null;
    // TLS 1.3 hides the end of the handshake in application data; before, each side's Finished follows its change of cipher.
    const done = (side: TlsSide): boolean => side.records > 0 || (!this.isTls13 && side.changedCipher && side.afterChange > 0);
    return {
      begin: this.#begin,
      firstUs: this.#firstUs,
      version: version === null ? null : versionName(version),
      offeredVersions: offer?.versions.map(versionName) ?? [],
      suite: choice?.suite ?? null,
      sni: offer?.sni ?? null,
      alpn: choice?.alpn ?? null,
      extendedMasterSecret: offer?.extendedMasterSecret === true && choice?.extendedMasterSecret === true,
      encryptThenMac: offer?.encryptThenMac === true && choice?.encryptThenMac === true,
      resumed: this.#isResumed(server.changedCipher),
      established: done(client) && done(server),
      alert: this.#alert,
      applicationOctets: [client.octets, server.octets],
      applicationRecords: [client.records, server.records],
      records: this.trail.toArray(),
      recordsDropped: this.trail.dropped,
      content: 'opaque',
      obstacle: null,
      serverCertificates: [],
      clientCertificates: [],
    };
  }

  /** Before TLS 1.3 the server shows it by going on to its Finished without a certificate (RFC 5246, 7.3; RFC 5077, 3.1). */
  #isResumed(serverChangedCipher: boolean): boolean | null {
    const choice = this.#choice;
    if (!choice || choice.retry) return null;
    if (choice.version >= 0x0304) return choice.presharedKey;
    return this.#certified ? false : serverChangedCipher ? true : null;
  }
}

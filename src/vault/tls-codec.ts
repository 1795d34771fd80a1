import { ContentType, type TlsCertificate, type TlsContent, type TlsObstacle, type TlsRecord, type TlsSummary } from '../model/tls.ts';
import type { MomentCodec } from './moments.ts';
import type { OctetReader, OctetWriter } from './octets.ts';
import type { TextStore } from './texts.ts';

const CONTENTS: readonly TlsContent[] = ['opaque', 'decrypted', 'partly'];
/** The place in the list is its number, from 1; 0 stands for none. */
const OBSTACLES: readonly TlsObstacle[] = ['no-secret', 'one-side', 'wrong-secret', 'forward-secrecy', 'no-hello', 'unknown-suite', 'lost-place'];
const RESUMED: readonly (boolean | null)[] = [null, false, true];

/** In a record's head: its side, its type from this bit on, and that it stands at the moment of the one before. */
const SIDE = 1;
const TYPE_SCALE = 2;
const SAME_MOMENT = 16;

/** What is known of TLS as octets, with the texts and the moments of the dialogue that it belongs to. */
export class TlsCodec {
  readonly #out: OctetWriter;
  readonly #in: OctetReader;
  readonly #texts: TextStore;
  readonly #moments: MomentCodec;

  constructor(out: OctetWriter, from: OctetReader, texts: TextStore, moments: MomentCodec) {
    this.#out = out;
    this.#in = from;
    this.#texts = texts;
    this.#moments = moments;
  }

  pack(tls: TlsSummary): void {
    const out = this.#out;
    const { alert } = tls;
    out.count(
      bit(tls.begin === 'starttls', 0) |
        bit(tls.established, 1) |
        bit(alert !== null, 2) |
        bit(alert?.side === 1, 3) |
        bit(alert?.level === 'fatal', 4) |
        bit(tls.extendedMasterSecret, 5) |
        bit(tls.encryptThenMac, 6) |
        bit(tls.suite !== null, 7),
    );
    out.count(RESUMED.indexOf(tls.resumed) + 3 * CONTENTS.indexOf(tls.content) + 9 * (tls.obstacle === null ? 0 : OBSTACLES.indexOf(tls.obstacle) + 1));
    out.number(tls.firstUs);
    for (const text of [tls.version, tls.sni, tls.alpn]) this.#textOrNull(text);
    this.#texts.putAll(out, tls.offeredVersions);
    if (tls.suite !== null) out.count(tls.suite);
    if (alert) {
      this.#texts.put(out, alert.name);
      this.#moments.put(alert.at);
    }
    for (const value of [...tls.applicationOctets, ...tls.applicationRecords]) out.number(value);
    out.count(tls.records.length);
    for (const record of tls.records) this.#packRecord(record);
    out.count(tls.recordsDropped);
    for (const chain of [tls.serverCertificates, tls.clientCertificates]) {
      out.count(chain.length);
      for (const certificate of chain) this.#packCertificate(certificate);
    }
  }

  unpack(): TlsSummary {
    const from = this.#in;
    const flags = from.count();
    const states = from.count();
    return {
      begin: flags & 1 ? 'starttls' : 'from-start',
      resumed: RESUMED[states % 3] ?? null,
      content: CONTENTS[Math.floor(states / 3) % 3] ?? 'opaque',
      obstacle: OBSTACLES[Math.floor(states / 9) - 1] ?? null,
      firstUs: from.number(),
      version: this.#getTextOrNull(),
      sni: this.#getTextOrNull(),
      alpn: this.#getTextOrNull(),
      offeredVersions: this.#texts.getAll(from),
      suite: flags & 128 ? from.count() : null,
      extendedMasterSecret: (flags & 32) !== 0,
      encryptThenMac: (flags & 64) !== 0,
      established: (flags & 2) !== 0,
      alert: flags & 4 ? { side: flags & 8 ? 1 : 0, level: flags & 16 ? 'fatal' : 'warning', name: this.#texts.get(from), at: this.#moments.get() } : null,
      applicationOctets: [from.number(), from.number()],
      applicationRecords: [from.number(), from.number()],
      records: this.#unpackRecords(),
      recordsDropped: from.count(),
      serverCertificates: from.list(() => this.#unpackCertificate()),
      clientCertificates: from.list(() => this.#unpackCertificate()),
    };
  }

  #packRecord({ side, type, length, at }: TlsRecord): void {
    const out = this.#out;
    const isSame = this.#moments.isLast(at);
    const place = type === 0 ? 0 : type - ContentType.changeCipher + 1;
    out.count((side ? SIDE : 0) + place * TYPE_SCALE + (isSame ? SAME_MOMENT : 0));
    out.count(length + 1);
    if (!isSame) this.#moments.put(at);
  }

  #unpackRecords(): readonly TlsRecord[] {
    const from = this.#in;
    let at: TlsRecord['at'] | null = null;
    return from.list((): TlsRecord => {
      const head = from.count();
      const place = (head % SAME_MOMENT) >>> 1;
      const length = from.count() - 1;
      at = head < SAME_MOMENT ? this.#moments.get() : (at ?? this.#moments.last());
      return { side: head & SIDE ? 1 : 0, type: place === 0 ? 0 : place + ContentType.changeCipher - 1, length, at };
    });
  }

  #packCertificate({ subject, issuer, names, notBeforeUs, notAfterUs, selfSigned }: TlsCertificate): void {
    this.#texts.put(this.#out, subject);
    this.#texts.put(this.#out, issuer);
    this.#texts.putAll(this.#out, names);
    this.#out.number(notBeforeUs);
    this.#out.number(notAfterUs);
    this.#out.count(selfSigned ? 1 : 0);
  }

  #unpackCertificate(): TlsCertificate {
    const from = this.#in;
    return {
      subject: this.#texts.get(from),
      issuer: this.#texts.get(from),
      names: this.#texts.getAll(from),
      notBeforeUs: from.number(),
      notAfterUs: from.number(),
      selfSigned: from.count() === 1,
    };
  }

  #textOrNull(text: string | null): void {
    this.#out.count(text === null ? 0 : 1);
    if (text !== null) this.#texts.put(this.#out, text);
  }

  #getTextOrNull(): string | null {
    return this.#in.count() === 0 ? null : this.#texts.get(this.#in);
  }
}

function bit(value: boolean, place: number): number {
  return value ? 1 << place : 0;
}

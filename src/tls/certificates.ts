import { createHash, X509Certificate } from 'node:crypto';
import type { TlsCertificate } from '../model/tls.ts';
import { Cursor } from './cursor.ts';

/** A longer chain is told up to here. */
const CHAIN_KEPT = 10;
/** Names told of one certificate, and octets of each distinguished name. */
const NAMES_KEPT = 20;
const NAME_OCTETS = 300;
/** Different certificates that are remembered: those of one appliance come with every session. */
const REMEMBERED = 1_000;

/** Reads chains of certificates; one that came before is read once. */
export class CertificateReader {
  readonly #known = new Map<string, TlsCertificate | null>();

  /** Body of a Certificate message (RFC 5246, 7.4.2; RFC 8446, 4.4.2). What is no certificate is left out. */
  readChain(body: Uint8Array, version: number): TlsCertificate[] {
    const cursor = new Cursor(body);
    const is13 = version >= 0x0304;
    if (is13) cursor.take(cursor.u8());
    cursor.u24();
    const chain: TlsCertificate[] = [];
    while (cursor.left > 3 && chain.length < CHAIN_KEPT) {
      const length = cursor.u24();
      if (length > cursor.left) break;
      const read = this.#read(cursor.take(length));
      if (is13) cursor.take(cursor.u16());
      if (read) chain.push(read);
    }
    return chain;
  }

  #read(octets: Uint8Array): TlsCertificate | null {
    const name = createHash('sha256').update(octets).digest('base64');
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    const read = readCertificate(octets);
    this.#known.set(name, read);
    return read;
  }
}

function readCertificate(octets: Uint8Array): TlsCertificate | null {
  try {
    const read = new X509Certificate(octets);
    return {
      subject: oneLine(read.subject),
      issuer: oneLine(read.issuer),
      names: (read.subjectAltName ?? '')
        .split(', ')
        .filter((name) => name !== '')
        .slice(0, NAMES_KEPT)
        .map((name) => name.slice(0, NAME_OCTETS)),
      notBeforeUs: Date.parse(read.validFrom) * 1000,
      notAfterUs: Date.parse(read.validTo) * 1000,
      selfSigned: read.checkIssued(read) && read.verify(read.publicKey),
    };
  } catch {
    // DER that is none, or a key of a kind that OpenSSL does not know.
    return null;
  }
}

/** `C=US\nCN=mx` as one line. Null octets and the like stay: they are escaped where they are shown. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ').slice(0, NAME_OCTETS);
}

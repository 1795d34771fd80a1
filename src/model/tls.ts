import type { Moment } from './evidence.ts';
import type { ArrivalView } from './tcp.ts';
import type { EpochUs, Side } from './units.ts';

/** RFC 8446, 5.1; RFC 6520 for heartbeats. */
export const ContentType = { changeCipher: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;

/** Whether an octet can begin a TLS record; no line of SMTP begins with one of these control characters. */
export function mayBeginRecord(octet: number | undefined): boolean {
  return octet !== undefined && octet >= ContentType.changeCipher && octet <= ContentType.heartbeat;
}

/** Of the records of a connection so many of the first and of the last are kept. */
export const RECORDS_KEPT = { first: 256, last: 64 } as const;

export interface TlsEvent {
  readonly kind: 'tls';
  readonly side: Side;
  readonly what: 'client-hello' | 'server-hello' | 'change-cipher' | 'handshake' | 'application-data' | 'alert' | 'encrypted-alert' | 'not-tls';
  readonly at: Moment;
  /** Octets of records folded into this event. */
  readonly octets: number;
  /** Alert level and description by name (`fatal unknown_ca`), SNI, version: whatever this event adds; null otherwise. */
  readonly text: string | null;
  /** Known because its record was decrypted; absent otherwise. */
  readonly decrypted?: true;
}

/** One record as it went over the wire, whether it could be read or not. */
export interface TlsRecord {
  readonly side: Side;
  /** Content type as in clear (`ContentType`): 23 hides another one in TLS 1.3; 0 for the ClientHello of SSL 2.0. */
  readonly type: number;
  /** Octets behind the header, with all that the cipher suite adds; -1 where the length is not in the file. */
  readonly length: number;
  /** Of its first octet. */
  readonly at: Moment;
}

/** One certificate as sent. */
export interface TlsCertificate {
  /** Distinguished names, one line each: `C=US, O=Example, CN=mx.example.com`. */
  readonly subject: string;
  readonly issuer: string;
  /** Names of its subjectAltName: `DNS:mx.example.com`; the first ones, where there are many. */
  readonly names: readonly string[];
  readonly notBeforeUs: EpochUs;
  readonly notAfterUs: EpochUs;
  /** Issuer and subject are the same and its own key signed it. */
  readonly selfSigned: boolean;
}

/** Whether what the records hold could be read. `partly`: some of the application data of either side could not. */
export type TlsContent = 'opaque' | 'decrypted' | 'partly';

/**
 * What kept given keys from reading all of it, the first of it met:
 *
 * - `no-secret`: nothing given belongs to this session.
 * - `one-side`: secrets of one side only, or not of the stage that is missing.
 * - `wrong-secret`: what belongs to this session by its random does not fit its records.
 * - `forward-secrecy`: an RSA key is given, but the key exchange does not use it.
 * - `no-hello`: the handshake is not in the file, or not whole.
 * - `unknown-suite`: the cipher suite is none that is read.
 * - `lost-place`: behind a gap no sequence number fits.
 */
export type TlsObstacle = 'no-secret' | 'one-side' | 'wrong-secret' | 'forward-secrecy' | 'no-hello' | 'unknown-suite' | 'lost-place';

export interface TlsSummary {
  /** `from-start`: on connecting (port 465); `starttls`: after a 220 to STARTTLS. */
  readonly begin: 'from-start' | 'starttls';
  readonly firstUs: EpochUs;
  /** `TLSv1.2`; as negotiated where the ServerHello was seen, else as offered. */
  readonly version: string | null;
  /** Versions that the ClientHello offers, highest first. */
  readonly offeredVersions: readonly string[];
  /** Number of the suite that the ServerHello chose (IANA TLS Cipher Suites; `suiteOf` tells what it means); null where it was not seen. */
  readonly suite: number | null;
  readonly sni: string | null;
  /** Application protocol that the server chose; null for none, or where it was sent encrypted. */
  readonly alpn: string | null;
  /** Both sides agreed on it (RFC 7627). */
  readonly extendedMasterSecret: boolean;
  /** Both sides agreed on it (RFC 7366); only suites with CBC are changed by it. */
  readonly encryptThenMac: boolean;
  /** By session id, ticket or PSK; null where too little of the handshake was seen. */
  readonly resumed: boolean | null;
  /** Both sides sent application data (or a change of cipher and more): the handshake was completed as far as can be seen. */
  readonly established: boolean;
  /** First alert that could be read: who sent it, level, name. */
  readonly alert: { readonly side: Side; readonly level: 'warning' | 'fatal'; readonly name: string; readonly at: Moment } | null;
  /** Octets of application data records by side [client, server]. */
  readonly applicationOctets: readonly [number, number];
  /** Number of application data records by side [client, server]. */
  readonly applicationRecords: readonly [number, number];
  /** Records of both sides in order of arrival, at most `RECORDS_KEPT`: the first and the last ones; `recordsDropped` of those between are only counted. */
  readonly records: readonly TlsRecord[];
  readonly recordsDropped: number;
  readonly content: TlsContent;
  /** Null where all was read, or no keys were given. */
  readonly obstacle: TlsObstacle | null;
  /** The server's chain as sent, and the client's; empty where none was sent, or it could not be read. */
  readonly serverCertificates: readonly TlsCertificate[];
  readonly clientCertificates: readonly TlsCertificate[];
}

/** Whether words may have been said that could not be read, because TLS hides them. */
export function hidesWords(tls: TlsSummary | null): boolean {
  return tls !== null && tls.content !== 'decrypted';
}

/** An event whose octets and text may still grow. */
export type OpenTlsEvent = { -readonly [K in keyof TlsEvent]: TlsEvent[K] };

/** Who follows the conversation around TLS. `bytes` is borrowed. */
export interface TlsListener {
  /** A record, or several folded into one, or a message of the handshake. */
  add(event: OpenTlsEvent): void;
  /** Whether this is the event added last, of whatever kind. */
  isLast(event: OpenTlsEvent): boolean;
  /** Octets of a side that turn out to be no TLS; nothing more of that side is read as TLS. */
  leave(side: Side, bytes: Uint8Array, from: number, end: number, at: ArrivalView): void;
  /** Octets that a side said within TLS, decrypted and verified. */
  plain(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void;
  /** About this many octets that a side said within TLS could not be read, although what is around them can. */
  plainGap(side: Side, length: number, at: ArrivalView): void;
}

/** Follows the records of both sides of one connection. */
export interface TlsFollower {
  /** Who sent the last record; null before the first. */
  readonly lastSide: Side | null;
  readonly lastRecordUs: EpochUs;
  feed(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void;
  gap(side: Side, length: number, at: ArrivalView): void;
  /** Null where no record came. Nothing may be fed after it. */
  finish(): TlsSummary | null;
}

/** Begins to follow TLS on a connection; `client` is the side that sends the ClientHello. */
export type OpenTls = (client: Side, begin: TlsSummary['begin'], listener: TlsListener) => TlsFollower;

/** What an alert usually means, and whose settings it is about; names as in the RFCs. */
interface AlertMeaning {
  readonly name: string;
  readonly about: 'version' | 'cipher' | 'certificate' | 'name' | 'protocol' | 'own trouble';
  readonly means: string;
  readonly source: string;
}

const RFC_5246 = 'RFC 5246 7.2.2';
const RFC_8446 = 'RFC 8446 6.2';

const MEANINGS: readonly AlertMeaning[] = [
  { name: 'protocol_version', about: 'version', means: 'the two have no version of TLS in common', source: RFC_8446 },
  { name: 'inappropriate_fallback', about: 'version', means: 'the client came back with a lower version than both could speak', source: 'RFC 7507 3' },
  { name: 'handshake_failure', about: 'cipher', means: 'no cipher suite, curve or signature algorithm suits both', source: RFC_8446 },
  { name: 'insufficient_security', about: 'cipher', means: 'what the other side offers is too weak', source: RFC_8446 },
  { name: 'export_restriction', about: 'cipher', means: 'a key is longer than old export rules allow', source: 'RFC 2246 7.2.2' },
  { name: 'no_certificate', about: 'certificate', means: 'a certificate was asked for, and there is none', source: 'SSL 3.0' },
  { name: 'certificate_required', about: 'certificate', means: 'the server wants a certificate of the client', source: RFC_8446 },
  { name: 'bad_certificate', about: 'certificate', means: "the other side's certificate is broken, or its signature does not fit", source: RFC_8446 },
  { name: 'unsupported_certificate', about: 'certificate', means: "the other side's certificate is of a kind that is not supported", source: RFC_8446 },
  { name: 'certificate_revoked', about: 'certificate', means: "the other side's certificate was revoked", source: RFC_8446 },
  { name: 'certificate_expired', about: 'certificate', means: "the other side's certificate is not valid at this time", source: RFC_8446 },
  {
    name: 'certificate_unknown',
    about: 'certificate',
    means: "the other side's certificate is not accepted; a wrong name is reported like this, too",
    source: RFC_8446,
  },
  {
    name: 'unknown_ca',
    about: 'certificate',
    means: "who issued the other side's certificate is not trusted, or part of the chain was not sent",
    source: RFC_8446,
  },
  { name: 'bad_certificate_status_response', about: 'certificate', means: 'the stapled proof of validity is not accepted', source: RFC_8446 },
  { name: 'certificate_unobtainable', about: 'certificate', means: 'a certificate could not be fetched from where it was said to be', source: 'RFC 6066 9' },
  { name: 'bad_certificate_hash_value', about: 'certificate', means: 'a fetched certificate is another one', source: 'RFC 6066 9' },
  { name: 'unrecognized_name', about: 'name', means: 'the server does not know the name that the client asked for', source: RFC_8446 },
  { name: 'no_application_protocol', about: 'protocol', means: 'the two have no application protocol in common', source: RFC_8446 },
  { name: 'missing_extension', about: 'protocol', means: 'an extension is missing that must be there', source: RFC_8446 },
  { name: 'unsupported_extension', about: 'protocol', means: 'an extension came that was not asked for', source: RFC_8446 },
  { name: 'access_denied', about: 'certificate', means: 'the certificate is good, and its holder not let in', source: RFC_8446 },
  { name: 'unexpected_message', about: 'protocol', means: 'a message came out of turn: a stack at fault, or words in clear', source: RFC_8446 },
  { name: 'decode_error', about: 'protocol', means: 'a message cannot be read: a stack at fault, or octets that were changed', source: RFC_8446 },
  { name: 'illegal_parameter', about: 'protocol', means: 'a field of the handshake makes no sense', source: RFC_8446 },
  { name: 'record_overflow', about: 'protocol', means: 'a record is too long: often words in clear taken for one', source: RFC_8446 },
  {
    name: 'decrypt_error',
    about: 'protocol',
    means: 'a signature or a Finished does not fit: the handshake was changed on its way, or a key is wrong',
    source: RFC_8446,
  },
  {
    name: 'bad_record_mac',
    about: 'protocol',
    means: 'a record does not fit its checksum: it was changed on its way, or a stack is at fault',
    source: RFC_8446,
  },
  { name: 'decryption_failed', about: 'protocol', means: 'a record cannot be decrypted: changed on its way, or a stack at fault', source: RFC_5246 },
  { name: 'decompression_failure', about: 'protocol', means: 'a record cannot be unpacked', source: RFC_5246 },
  { name: 'no_renegotiation', about: 'protocol', means: 'the other side wants a new handshake, which is refused', source: RFC_5246 },
  { name: 'unknown_psk_identity', about: 'protocol', means: 'a key that was agreed on before is not known', source: RFC_8446 },
  { name: 'ech_required', about: 'protocol', means: 'the server wants an encrypted hello', source: 'TLS Encrypted Client Hello; IANA TLS Alerts' },
  { name: 'internal_error', about: 'own trouble', means: 'its sender is in trouble itself: memory, a key that does not load, a library', source: RFC_8446 },
  { name: 'user_canceled', about: 'own trouble', means: 'its sender gave up for reasons of its own', source: RFC_8446 },
];

/** Null for alerts that are not in the table. */
export function meaningOfAlert(name: string): string | null {
  const known = MEANINGS.find((meaning) => meaning.name === name);
  return known ? `${known.about}: ${known.means}` : null;
}

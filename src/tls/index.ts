import type { OpenTls } from '../model/tls.ts';
import { CertificateReader } from './certificates.ts';
import { holdsKeys, type KeyRing } from './session-keys.ts';
import { TlsSession } from './session.ts';

export { readKeyLog } from './key-log.ts';
export { type KeyFailure, readRsaKey, RsaKeys } from './rsa-keys.ts';
export { Secrets } from './secrets.ts';
export { holdsKeys, type KeyRing } from './session-keys.ts';

/** What follows TLS on each connection, and opens what the keys fit that are in the ring when it begins. */
export function tlsFollowers(ring: KeyRing | null = null): OpenTls {
  const certificates = new CertificateReader();
  return (client, begin, listener) => new TlsSession(client, begin, listener, holdsKeys(ring) ? ring : null, certificates);
}

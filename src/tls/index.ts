import type { OpenTls } from '../model/tls.ts';
import { TlsSession } from './session.ts';

/** What follows TLS on each connection. */
export function tlsFollowers(): OpenTls {
  return (client, begin, listener) => new TlsSession(client, begin, listener);
}

import type { TlsFollower } from '../model/tls.ts';

/** How the streams come to the one TLS connection within theirs. */
export interface TlsDoor {
  /** Null before the first record. */
  current(): TlsFollower | null;
  /** Begins it, or gives the one that has begun. */
  begin(): TlsFollower;
}

/** For octets out of TLS, in which nothing is taken for TLS again. */
export const NO_TLS: TlsDoor = {
  current: () => null,
  begin: () => {
    throw new Error('TLS does not begin within TLS');
  },
};

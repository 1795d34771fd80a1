/** Initial hop limits of operating systems and network gear in use; a received TTL is one of them minus the routers passed. */
const INITIAL_TTLS: readonly number[] = [32, 64, 128, 255];

/** The initial TTL that a received one most probably started from: the next common value above. */
export function initialTtl(ttl: number): number {
  return INITIAL_TTLS.find((initial) => ttl <= initial) ?? 255;
}

/** Routers passed, as far as the TTL tells. */
export function hopsOf(ttl: number): number {
  return initialTtl(ttl) - ttl;
}

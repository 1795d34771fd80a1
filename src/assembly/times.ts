import { isoMicroseconds } from '../model/iso-time.ts';
import type { EpochUs } from '../model/units.ts';

/** ISO 8601 in UTC with microseconds; null for what is no time. */
export function isoTime(atUs: EpochUs | null): string | null {
  return atUs === null || !Number.isFinite(atUs) ? null : isoMicroseconds(atUs);
}

import type { EpochUs } from '../model/units.ts';

/** ISO 8601 in UTC with microseconds; null for what is no time. */
export function isoTime(atUs: EpochUs | null): string | null {
  if (atUs === null || !Number.isFinite(atUs)) return null;
  const whole = Math.floor(atUs);
  const milliseconds = Math.floor(whole / 1000);
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return null;
  const micros = String(whole - milliseconds * 1000).padStart(3, '0');
  return `${date.toISOString().slice(0, -1)}${micros}Z`;
}

import { SECOND_US, type EpochUs, type WallUs } from '../model/units.ts';

/** Turns wall time into UTC. Wall times that occur twice (clocks set back) have two readings, those that never occur (set forward) one, past the jump. */
export interface Zone {
  /** IANA name or `UTC+01:00`. */
  readonly name: string;
  /** All instants that show this wall time, earliest first; never empty. */
  readings(wallUs: WallUs): readonly EpochUs[];
}

const HOUR_US = 3600 * SECOND_US;
/** No zone has ever changed its offset inside such a slice (all transitions fall on a quarter of an hour). */
const SLICE_US = 900 * SECOND_US;
/** Known offsets of a zone that are kept; enough for a decade of quarter hours in use, bounded for hostile logs. */
const SLICES_KEPT = 50_000;

/** A zone that is always `offsetSeconds` east of UTC. */
export function fixedZone(offsetSeconds: number): Zone {
  const offsetUs = offsetSeconds * SECOND_US;
  return { name: nameOffset(offsetSeconds), readings: (wallUs) => [wallUs - offsetUs] };
}

/** `UTC`, `UTC+01:00`, `UTC-03:30`; seconds only where there are any. */
export function nameOffset(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'UTC';
  const size = Math.abs(offsetSeconds);
  const seconds = size % 60 === 0 ? '' : `:${two(size % 60)}`;
  return `UTC${offsetSeconds < 0 ? '-' : '+'}${two(size / 3600)}:${two((size % 3600) / 60)}${seconds}`;
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

/** The zone that `text` names: `+01:00`, `-0330`, `UTC`, `UTC+1`, or an IANA name. Null when it names none. */
export function parseZone(text: string): Zone | null {
  const trimmed = text.trim();
  if (/^(?:UTC|GMT|Z)$/i.test(trimmed)) return fixedZone(0);
  const fixed = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(trimmed);
  if (fixed) {
    const seconds = Number(fixed[2]) * 3600 + Number(fixed[3] ?? 0) * 60;
    return seconds > 18 * 3600 ? null : fixedZone(fixed[1] === '-' ? -seconds : seconds);
  }
  return namedZone(trimmed);
}

function namedZone(name: string): Zone | null {
  const offsetAt = offsetsOf(name);
  if (!offsetAt) return null;
  const readings = (wallUs: WallUs): readonly EpochUs[] => {
    // The offsets of the day before and the day after are the only ones that can apply: no zone changes twice in two days.
    const before = offsetAt(wallUs - 24 * HOUR_US);
    const after = offsetAt(wallUs + 24 * HOUR_US);
    if (before === after) return [wallUs - before];
    const fits = [...new Set([wallUs - before, wallUs - after])].filter((atUs) => atUs + offsetAt(atUs) === wallUs);
    return fits.length > 0 ? fits.sort((a, b) => a - b) : [wallUs - before];
  };
  return { name, readings };
}

/** Offset of an IANA zone in microseconds at an instant; null when the runtime does not know the zone. */
function offsetsOf(name: string): ((atUs: EpochUs) => number) | null {
  const format = formatFor(name);
  if (!format) return null;
  const known = new Map<number, number>();
  return (atUs) => {
    const slice = Math.floor(atUs / SLICE_US);
    const kept = known.get(slice);
    if (kept !== undefined) return kept;
    if (known.size >= SLICES_KEPT) known.clear();
    const offsetUs = readOffset(format, slice * SLICE_US);
    known.set(slice, offsetUs);
    return offsetUs;
  };
}

function formatFor(name: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
}

function readOffset(format: Intl.DateTimeFormat, atUs: EpochUs): number {
  const ms = atUs / 1000;
  // Outside the range of Date (a hostile year) there is nothing to ask for.
  if (Math.abs(ms) > 8.64e15) return 0;
  const field: Record<string, number> = {};
  for (const part of format.formatToParts(new Date(ms))) field[part.type] = Number(part.value);
  const wallMs = Date.UTC(field['year'] ?? 0, (field['month'] ?? 1) - 1, field['day'] ?? 1, field['hour'] ?? 0, field['minute'] ?? 0, field['second'] ?? 0);
  return (wallMs - ms) * 1000;
}

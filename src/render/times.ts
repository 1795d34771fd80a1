/** Times and amounts for people. Instants are ISO 8601 UTC with microseconds, as the report holds them. */

const ISO = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/;

/** `2026-11-21 17:54:21.057` (UTC is said in a heading); `decimals` 0 for whole seconds. An instant that cannot be read is returned as it is. */
export function showInstant(iso: string | null, decimals: 0 | 3 = 3): string {
  if (iso === null) return 'unknown';
  const match = ISO.exec(iso);
  return match ? `${match[1]} ${showTimeOfDay(iso, decimals)}` : iso;
}

/** The time of day only: `17:54:21.057`; `?` for what cannot be read. */
export function showTimeOfDay(iso: string, decimals: 0 | 3): string {
  const match = ISO.exec(iso);
  if (!match) return '?';
  return decimals === 0 || match[3] === undefined ? (match[2] ?? '') : `${match[2]}.${match[3].slice(0, 3).padEnd(3, '0')}`;
}

/** The day, `2026-11-21`; empty for what cannot be read. */
export function showDay(iso: string): string {
  return ISO.exec(iso)?.[1] ?? '';
}

/** `17:54:21.057 to 17:56:02.000 on 2026-11-21`, or both dates where they differ. */
export function showSpan(first: string | null, last: string | null): string {
  if (first === null || last === null) return showInstant(first ?? last);
  const [from, to] = [showInstant(first), showInstant(last)];
  if (from === to) return from;
  return showDay(first) !== '' && showDay(first) === showDay(last) ? `${from} to ${showTimeOfDay(last, 3)}` : `${from} to ${to}`;
}

/** Seconds between two instants, or null. */
export function secondsBetween(first: string | null, last: string | null): number | null {
  if (first === null || last === null) return null;
  const seconds = (Date.parse(last) - Date.parse(first)) / 1000;
  return Number.isFinite(seconds) ? seconds : null;
}

/** `0.012 s`, `36.0 s`, `5 min 0 s`, `2 h 5 min`. */
export function showSeconds(seconds: number): string {
  const amount = Math.abs(seconds);
  const sign = seconds < 0 ? '-' : '';
  if (amount < 0.9995) return `${sign}${amount.toFixed(3)} s`;
  if (amount < 119.95) return `${sign}${amount.toFixed(1)} s`;
  // Rounded before it is split, so that no part ever shows 60.
  const whole = Math.round(amount);
  if (whole < 7200) return `${sign}${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(amount / 60);
  return `${sign}${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The pause before a row: `+0.003`, `+36.042`, `+300.1`. */
export function showGap(seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds < 0) return seconds.toFixed(3);
  if (seconds < 100) return `+${seconds.toFixed(3)}`;
  return seconds < 100_000 ? `+${seconds.toFixed(1)}` : `+${Math.round(seconds)}`;
}

/** `12,345`: grouped the same everywhere, whatever the machine's locale. */
function showCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 packet`, `12 packets`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${showCount(count)} ${count === 1 ? one : many}`;
}

/** `512 octets`, `12.3 kB`, `667.0 MB`. */
export function showOctets(octets: number): string {
  if (octets < 1000) return counted(octets, 'octet');
  const units = ['kB', 'MB', 'GB', 'TB'];
  let amount = octets / 1000;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${amount.toFixed(1)} ${units[unit]}`;
}

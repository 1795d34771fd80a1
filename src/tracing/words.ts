import type { LogLine } from '../model/maillog.ts';
import { SECOND_US } from '../model/units.ts';

/** `12 s`, `5 min 37 s`, `3 h 5 min`, `14 days`. */
export function sayDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  const hours = Math.floor((whole % 86_400) / 3600);
  return `${Math.floor(whole / 86_400)} days${hours > 0 ? ` ${hours} h` : ''}`;
}

export function secondsBetween(from: LogLine, to: LogLine): number {
  return (to.atUs - from.atUs) / SECOND_US;
}

/** `, 14 days after it came in`; empty where that is not known. */
export function sayAge(entered: LogLine | null, left: LogLine): string {
  return entered === null ? '' : `, ${sayDuration(secondsBetween(entered, left))} after it came in`;
}

/** `one failed attempt`, `3 failed attempts`. */
export function sayAttempt(count: number): string {
  return count === 1 ? 'one failed attempt' : `${count} failed attempts`;
}

/** A reply in quotes, shortened where a server told a novel. */
export function sayReply(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return `"${flat.length > 200 ? `${flat.slice(0, 199)}…` : flat}"`;
}

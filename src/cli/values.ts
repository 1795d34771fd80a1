import { parseAddress } from '../model/address.ts';
import { UserError } from '../model/user-error.ts';
import { type EpochUs, SECOND_US, type WallUs } from '../model/units.ts';

const MOST_THREADS = 16;

/** A whole number from 0, as IDs are. */
export function readId(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw wrong(option, text, 'a number', `${option} 10293`);
  return Number(text);
}

/** Threads; more than a machine has do no harm. */
export function readThreads(option: string, text: string): number {
  const threads = Number(text);
  if (!/^\d{1,2}$/.test(text) || threads < 1 || threads > MOST_THREADS) throw wrong(option, text, `a number from 1 to ${MOST_THREADS}`, `${option} 2`);
  return threads;
}

/** Seconds with decimals, more than 0. */
export function readSeconds(option: string, text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds <= 0) throw wrong(option, text, 'a number of seconds', `${option} 300`);
  return seconds;
}

/** Seconds with sign and decimals. */
export function readOffset(option: string, text: string): number {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text)) throw wrong(option, text, 'seconds, with a minus when the log is behind', `${option} -3600.5`);
  return Number(text);
}

/** `25` or `25,587`. */
export function readPorts(option: string, text: string): number[] {
  return text.split(',').map((part) => {
    const port = Number(part);
    if (!/^\d{1,5}$/.test(part.trim()) || port < 1 || port > 65_535)
      throw wrong(option, text, 'ports from 1 to 65535, separated by commas', `${option} 25,10025`);
    return port;
  });
}

export function readAddress(option: string, text: string): string {
  if (!parseAddress(text)) throw wrong(option, text, 'an IP address', `${option} 192.0.2.25`);
  return text;
}

/** An address or a block `192.0.2.0/24`. */
export function readBlock(option: string, text: string): string {
  const [address = '', bits, ...rest] = text.split('/');
  const octets = parseAddress(address);
  const bitsFit = bits === undefined || (/^\d{1,3}$/.test(bits) && octets !== null && Number(bits) <= octets.length * 8);
  if (!octets || !bitsFit || rest.length > 0) throw wrong(option, text, 'an IP address or a block', `${option} 198.51.100.0/24`);
  return text;
}

/** An IANA zone, `UTC`, or an offset `+01:00` (also `UTC+1`): offsets come out as `+01:00`. */
export function readZone(option: string, text: string): string {
  const offset = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(text);
  if (offset) {
    const [, sign = '+', hours = '0', minutes = '00'] = offset;
    if (Number(hours) <= 14 && Number(minutes) < 60) return `${sign}${hours.padStart(2, '0')}:${minutes}`;
  }
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone === '' ? text : text;
  } catch {
    throw wrong(option, text, 'a time zone', `${option} Europe/Berlin or ${option} +01:00`);
  }
}

/** A time as ISO 8601: an instant where a zone stands in it, else the log's local time. */
export type TimeValue = { readonly instantUs: EpochUs } | { readonly localUs: WallUs };

export function readTime(option: string, text: string): TimeValue {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i.exec(text.trim());
  if (!match) throw wrong(option, text, 'a time as ISO 8601 writes it', `${option} 2026-11-21T17:54 or ${option} 2026-11-21T17:54:21Z`);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const fractionUs = Math.round(Number(`0.${match[7] ?? '0'}`) * SECOND_US);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 61;
  if (!isReal) throw wrong(option, text, 'a day and a time that exist', `${option} 2026-11-21T17:54`);
  const localUs = date.getTime() * 1000 + fractionUs;
  const zone = match[8];
  if (zone === undefined) return { localUs };
  if (zone.toUpperCase() === 'Z') return { instantUs: localUs };
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  const zoneSeconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2) || 0) * 60;
  return { instantUs: localUs - sign * zoneSeconds * SECOND_US };
}

const DAY_US = 86_400 * SECOND_US;

/** As `readTime`, but a date without a time is the end of that day: "up to the 18th" holds the 18th. */
export function readLastTime(option: string, text: string): TimeValue {
  const time = readTime(option, text);
  if (/[T ]\d\d:/i.test(text.trim())) return time;
  const restUs = DAY_US - 1;
  return 'instantUs' in time ? { instantUs: time.instantUs + restUs } : { localUs: time.localUs + restUs };
}

/** `NAME=FILE`, split at the first `=`. */
export function readVantage(option: string, text: string): { readonly vantage: string; readonly path: string } {
  const at = text.indexOf('=');
  const vantage = text.slice(0, Math.max(0, at)).trim();
  const path = text.slice(at + 1);
  if (at < 0 || vantage === '' || path === '') throw wrong(option, text, 'NAME=FILE', `${option} client=client.pcap`);
  return { vantage, path };
}

function wrong(option: string, text: string, expected: string, example: string): UserError {
  return new UserError('usage', `${option}: expected ${expected}, not '${text}'`, `for example: ${example}`);
}

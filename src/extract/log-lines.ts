import type { LogFileSummary, LogLine } from '../model/maillog.ts';
import { SECOND_US } from '../model/units.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Lines of one log in the form in which the appliance writes them, once each and in their order; wrapped ones joined, credentials removed.
 * Its serial number and its offset from UTC, where the log tells them, stand in front as they do in a log.
 */
export function formatLog(file: LogFileSummary, lines: Iterable<LogLine>): string {
  const byPlace = new Map<number, LogLine>();
  for (const line of lines) if (line.ref.input === file.input) byPlace.set(line.ref.line, line);
  const ordered = [...byPlace.values()].sort((a, b) => a.ref.line - b.ref.line);
  const [first] = ordered;
  if (!first) return '';
  const head: string[] = [];
  const [serial] = file.serials;
  if (serial !== undefined) head.push(`Version: unknown SN: ${serial}`);
  if (file.utcOffsetSeconds !== null) head.push(`Time offset from UTC: ${file.utcOffsetSeconds} seconds`);
  return [...head.map((text) => formatLine(first.atUs, text)), ...ordered.map(({ atUs, text }) => formatLine(atUs, text))].join('');
}

function formatLine(atUs: number, text: string): string {
  return `${formatStamp(atUs)} Info: ${text.replace(/[\r\n]+/g, ' ')}\n`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `Thu Aug 14 11:05:36 2014`, the log's local time. */
function formatStamp(atUs: number): string {
  const date = new Date(Math.floor(atUs / SECOND_US) * 1000);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${time} ${date.getUTCFullYear()}`;
}

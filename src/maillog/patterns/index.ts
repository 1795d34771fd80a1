import type { LogEntry } from '../entry.ts';
import { DELIVERY_PATTERNS } from './delivery.ts';
import { INJECTION_PATTERNS } from './injection.ts';
import { MESSAGE_PATTERNS } from './message.ts';
import { NOISE_PATTERNS } from './noise.ts';
import { OTHER_LOG_PATTERNS } from './other-logs.ts';
import { Fields, headOf, type LogPattern } from './pattern.ts';
import { QUARANTINE_PATTERNS } from './quarantine.ts';
import { SCANNING_PATTERNS } from './scanning.ts';

/** Every shape of line that is known, in no order of rank: no line fits two. */
export const LOG_PATTERNS: readonly LogPattern[] = [
  ...INJECTION_PATTERNS,
  ...MESSAGE_PATTERNS,
  ...SCANNING_PATTERNS,
  ...DELIVERY_PATTERNS,
  ...QUARANTINE_PATTERNS,
  ...OTHER_LOG_PATTERNS,
  ...NOISE_PATTERNS,
];

const BY_HEAD = new Map<string, LogPattern[]>();
for (const pattern of LOG_PATTERNS) {
  for (const head of pattern.heads) BY_HEAD.set(head, [...(BY_HEAD.get(head) ?? []), pattern]);
}

/** Beyond this a line's shape is not looked at further, so that no line costs unbounded time. */
const MATCHED_CHARACTERS = 16_384;

/** What a text (behind time and level) says, and by which shape; null when it fits none. */
export function matchText(text: string): { readonly entry: LogEntry; readonly pattern: LogPattern } | null {
  if (text.length > MATCHED_CHARACTERS) return matchText(text.slice(0, MATCHED_CHARACTERS));
  const patterns = BY_HEAD.get(dispatchKey(text));
  if (!patterns) return null;
  for (const pattern of patterns) {
    const match = pattern.regex.exec(text);
    if (match) return { entry: pattern.read(new Fields(match.groups ?? {})), pattern };
  }
  return null;
}

/** The head, with the few shapes whose first word varies folded into one key. */
export function dispatchKey(text: string): string {
  const code = text.charCodeAt(0);
  if (code >= 48 && code <= 57) return '#';
  if (text.startsWith('CEF:0|Cisco|')) return 'CEF:0|Cisco|';
  const head = headOf(text);
  if (head.startsWith('MID # IncomingRelay(')) return 'MID # IncomingRelay';
  const colon = head.indexOf(':');
  return colon > 0 && colon < head.length - 1 && !head.includes(' ') ? head.slice(0, colon + 1) : head;
}

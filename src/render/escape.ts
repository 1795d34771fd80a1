import { MadeList } from '../model/record-list.ts';

/**
 * Text from captures and logs made harmless. Whatever could move a terminal's cursor, hide text or turn its direction is shown as a visible escape:
 * C0 and C1 controls, every format character (bidirectional marks, zero-width characters, soft hyphen, tags), line and paragraph separators,
 * lone surrogates, and the Hangul fillers, which look like nothing at all.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** `text` with every unsafe character as `\x1b`, `\u202e` or `\u{e0001}`; the result holds no line break. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (character) => NAMED.get(character) ?? escapeOne(character.codePointAt(0) ?? 0));
}

function escapeOne(code: number): string {
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

/** The one control character that JSON leaves as it is. */
const DELETE = '\x7f';

/** Most records are plain ASCII, and need not be looked at character by character: as many octets as characters tell it sooner. */
function isPlain(json: string): boolean {
  return Buffer.byteLength(json) === json.length && !json.includes(DELETE);
}

/** JSON text whose strings carry unsafe characters only as JSON escapes: the values stay what they are, a terminal sees nothing of them. */
export function toSafeJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (isPlain(json)) return json;
  return json.replace(UNSAFE, (character) => {
    let escaped = '';
    for (let i = 0; i < character.length; i++) escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    return escaped;
  });
}

/** Whether a record has lists that are made as they are asked for: then its text is written in pieces. */
export function hasMadeLists(record: unknown): record is object {
  return typeof record === 'object' && record !== null && Object.values(record).some(isMade);
}

/** The JSON text of a record behind `open`, which stands for its first brace. Lists that are made are written entry by entry, so that none is ever held. */
export function* safeJsonPieces(record: object, open = '{'): Generator<string> {
  let before = open;
  for (const [key, value] of Object.entries(record)) {
    yield `${before}"${key}":`;
    before = ',';
    if (isMade(value)) yield* safeJsonList(value);
    else yield toSafeJson(value);
  }
  yield '}';
}

function* safeJsonList(list: Iterable<unknown>): Generator<string> {
  let before = '[';
  for (const entry of list) {
    yield `${before}${toSafeJson(entry)}`;
    before = ',';
  }
  yield ']';
}

function isMade(value: unknown): value is MadeList<unknown> {
  return value instanceof MadeList;
}

/** A copy of a record in which every string is escaped: renderers work on such copies, so that no text can slip through. */
export function escapeDeep<T>(value: T): T {
  return escapeValue(value) as T;
}

function* escapeAll(list: Iterable<unknown>): Generator {
  for (const entry of list) yield escapeValue(entry);
}

function escapeValue(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value);
  if (Array.isArray(value)) return value.map(escapeValue);
  if (isMade(value)) return new MadeList(value.length, () => escapeAll(value));
  if (typeof value !== 'object' || value === null) return value;
  // What is told when it is looked at says for JSON what it consists of.
  if ('toJSON' in value && typeof value.toJSON === 'function') return escapeValue(value.toJSON());
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, escapeValue(member)]));
}

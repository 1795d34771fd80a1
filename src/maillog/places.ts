import type { LinePlaces, TextRange } from '../model/maillog.ts';
import { matchText } from './patterns/index.ts';

/** Fields of shapes that are numbers although they are not made of digits alone. */
const FIGURES: Readonly<Record<string, RegExp>> = { score: /^-?\d{1,2}(?:\.\d{1,2})?$/, until: /^/ };
const NAMES: ReadonlySet<string> = new Set(['address', 'from', 'to', 'user', 'helo', 'domain']);
/** The pattern of a group that lets nothing but numbers in: digits, lists of them, a sign. */
const OF_DIGITS = /^(?:\\d|\[\\d[., ]*\]|\[\+-\]|\(\?:[, ?]*\\d(?:\{[\d,]+\})?\)|[?*+]|\{[\d,]+\})+$/;

const groupsOf = new Map<RegExp, { readonly indexed: RegExp; readonly digits: ReadonlySet<string> }>();

/** The places in a text behind time and level, by the shape that it fits; null for one in no known shape. */
export function placesOfLine(text: string): LinePlaces | null {
  const fitting = matchText(text);
  if (!fitting) return null;
  const { indexed, digits } = groups(fitting.pattern.regex);
  const found = indexed.exec(text);
  const numbers: TextRange[] = [];
  const names: TextRange[] = [];
  for (const [name, place] of Object.entries(found?.indices?.groups ?? {})) {
    const value = found?.groups?.[name];
    if (value === undefined) continue;
    if (digits.has(name) || FIGURES[name]?.test(value)) numbers.push(place);
    else if (NAMES.has(name)) names.push(place);
  }
  return { numbers, names };
}

function groups(regex: RegExp): { readonly indexed: RegExp; readonly digits: ReadonlySet<string> } {
  const known = groupsOf.get(regex);
  if (known) return known;
  const digits = new Set<string>();
  for (const [, name = '', source = ''] of regex.source.matchAll(/\(\?<([a-zA-Z]\w*)>((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)/g)) {
    if (OF_DIGITS.test(source)) digits.add(name);
  }
  const made = { indexed: new RegExp(regex.source, `${regex.flags.replace(/[dgy]/g, '')}d`), digits };
  groupsOf.set(regex, made);
  return made;
}

/**
 * The appliance writes texts as Python's repr() does: in single quotes, or in double quotes where the text holds a single one;
 * backslash escapes; octets beyond ASCII as \xNN. Debug and bounce logs use octal escapes (\015\012).
 */

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g;
const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\u0007', b: '\b', f: '\f', v: '\v', '\n': '' };

/** Python 2 marks texts of characters beyond octets. */
const UNICODE_MARK = /^u['"]/;

/** Takes quotes off, if there are any, and undoes escapes. Runs of octet escapes that are valid UTF-8 are decoded as such. */
export function unquote(text: string): string {
  const from = UNICODE_MARK.test(text) ? 1 : 0;
  const quote = text[from];
  const quoted = text.length >= from + 2 && (quote === "'" || quote === '"') && text.endsWith(quote);
  return unescapeText(quoted ? text.slice(from + 1, -1) : text);
}

/** Undoes the escapes of Python's repr(). */
export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  let octets = false;
  const plain = text.replace(ESCAPE, (_all, hex?: string, four?: string, eight?: string, octal?: string, letter?: string) => {
    if (hex !== undefined || octal !== undefined) {
      const code = hex === undefined ? Number.parseInt(octal ?? '0', 8) & 0xff : Number.parseInt(hex, 16);
      octets ||= code > 0x7f;
      return String.fromCharCode(code);
    }
    const point = Number.parseInt(four ?? eight ?? 'fffd', 16);
    if (letter === undefined) return String.fromCodePoint(point > 0x10ffff ? 0xfffd : point);
    return LETTERS[letter] ?? letter;
  });
  return octets ? decodeOctetRuns(plain) : plain;
}

/** Characters U+0080…U+00FF that stand for octets become text where they are valid UTF-8. */
function decodeOctetRuns(text: string): string {
  return text.replace(/[\u0080-\u00ff]+/g, (run) => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(run, 'latin1'));
    } catch {
      return run;
    }
  });
}

/** Runs of base64 that are shorter hold no name. */
const SHORTEST_RUN = 6;
/** Lines of folded base64 are about this long at least (RFC 2045, 6.8: 76). */
const FOLDED_LINE = 60;
const CR = 13;
const LF = 10;
const PERCENT = 0x25;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const SMALL_X = 0x78;
const SMALL_U = 0x75;
/** Stands between what was decoded from different places. */
const APART = 0;

/** Both alphabets (RFC 4648, 4 and 5); 255: no digit. */
const BASE64 = valuesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', '-_', 62);
const HEX = valuesOf('0123456789abcdef', 'ABCDEF', 10);

/** How octets may stand for a text: each gives, in new octets, what they say when they are read so. Nothing is longer than the octets are. */
export const READINGS: readonly { readonly name: string; readonly read: (octets: Uint8Array) => Uint8Array }[] = [
  { name: 'text', read: (octets) => new Uint8Array(octets) },
  { name: 'UTF-16', read: withoutZeros },
  { name: 'quoted-printable, percent or backslash escapes', read: unescaped },
  ...[0, 1, 2, 3].map((skipped) => ({ name: 'base64', read: (octets: Uint8Array) => fromRuns(octets, BASE64, 6, skipped) })),
  ...[0, 1].map((skipped) => ({ name: 'hexadecimal digits', read: (octets: Uint8Array) => fromRuns(octets, HEX, 4, skipped) })),
];

/** Puts small letters in place of capitals. */
export function makeSmall(octets: Uint8Array): Uint8Array {
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    if (octet >= 0x41 && octet <= 0x5a) octets[at] = octet + 0x20;
  }
  return octets;
}

/** Of UTF-16 every other octet is zero, in either order. */
function withoutZeros(octets: Uint8Array): Uint8Array {
  const out = new Uint8Array(octets.length);
  let length = 0;
  for (const octet of octets) if (octet !== 0) out[length++] = octet;
  return out.subarray(0, length);
}

function valuesOf(digits: string, others: string, firstOther: number): Uint8Array {
  const values = new Uint8Array(256).fill(255);
  for (let value = 0; value < digits.length; value++) values[digits.charCodeAt(value)] = value;
  for (let value = 0; value < others.length; value++) values[others.charCodeAt(value)] = firstOther + value;
  return values;
}

/** Runs of digits of `bits` bits each, decoded one behind the other; the first `skipped` digits of each run are passed over. Folded lines are one run. */
function fromRuns(octets: Uint8Array, values: Uint8Array, bits: number, skipped: number): Uint8Array {
  const out = new Uint8Array(octets.length + 1);
  let length = 0;
  for (let at = 0; at < octets.length; ) {
    if (values[octets[at] ?? 0] === 255) {
      at++;
      continue;
    }
    const begin = length;
    let [digits, line, held, value] = [0, 0, 0, 0];
    for (; at < octets.length; at++) {
      const octet = octets[at] ?? 0;
      const digit = values[octet] ?? 255;
      if (digit === 255) {
        if ((octet === CR || octet === LF) && (line >= FOLDED_LINE || (line === 0 && digits > 0))) line = 0;
        else break;
        continue;
      }
      line++;
      if (digits++ < skipped) continue;
      value = ((value << bits) | digit) & 0xffff;
      held += bits;
      if (held < 8) continue;
      held -= 8;
      out[length++] = (value >>> held) & 0xff;
    }
    if (digits < SHORTEST_RUN) length = begin;
    else out[length++] = APART;
  }
  return out.subarray(0, length);
}

/** `=40`, `%40`, `\x40`, `\u0040`; a line that quoted-printable folds is one. */
function unescaped(octets: Uint8Array): Uint8Array {
  const out = new Uint8Array(octets.length);
  let length = 0;
  for (let at = 0; at < octets.length; ) {
    const octet = octets[at] ?? 0;
    const lead = octet === PERCENT || octet === EQUALS ? 1 : octet === BACKSLASH ? leadOfEscape(octets, at) : 0;
    const [high = 255, low = 255] = [HEX[octets[at + lead] ?? 0], HEX[octets[at + lead + 1] ?? 0]];
    if (lead > 0 && high !== 255 && low !== 255) {
      out[length++] = (high << 4) | low;
      at += lead + 2;
    } else if (octet === EQUALS && octets[at + 1] === CR && octets[at + 2] === LF) at += 3;
    else if (octet === EQUALS && octets[at + 1] === LF) at += 2;
    else {
      out[length++] = octet;
      at++;
    }
  }
  return out.subarray(0, length);
}

function leadOfEscape(octets: Uint8Array, at: number): number {
  if (octets[at + 1] === SMALL_X) return 2;
  return octets[at + 1] === SMALL_U && octets[at + 2] === 0x30 && octets[at + 3] === 0x30 ? 4 : 0;
}

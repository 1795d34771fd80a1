import { decodeOldCharset } from './old-charsets.ts';

const WORDS = /=\?[A-Za-z0-9_.:*-]{1,80}\?[bBqQ]\?[^?\s]{0,2000}\?=(?:[ \t\r\n]*=\?[A-Za-z0-9_.:*-]{1,80}\?[bBqQ]\?[^?\s]{0,2000}\?=)*/g;
const WORD = /=\?([^?*]+)[^?]*\?([bBqQ])\?([^?]*)\?=/g;

/** RFC 5322, 2.2.3. */
const FOLD = /\r?\n(?=[ \t])/g;

/**
 * A header's value as people read it: unfolded, encoded words (RFC 2047) of any character set that is known here, in B and Q; blanks
 * between neighbouring words fall away (6.2), and characters that a mailer cut between two words are joined again. Words in an
 * unknown character set stay as they are, unless they are plain ASCII.
 */
export function decodeHeaderText(value: string): string {
  const unfolded = value.includes('\n') ? value.replace(FOLD, '') : value;
  return unfolded.includes('=?') ? unfolded.replace(WORDS, decodeRun) : unfolded;
}

/** One run of neighbouring words. Octets of one character set are decoded together. */
function decodeRun(run: string): string {
  const parts: { readonly charset: string; octets: Buffer }[] = [];
  for (const [, charset = '', encoding = '', payload = ''] of run.matchAll(WORD)) {
    const octets = encoding.toUpperCase() === 'B' ? Buffer.from(payload, 'base64') : decodeQ(payload);
    const before = parts.at(-1);
    if (before?.charset === charset.toLowerCase()) before.octets = Buffer.concat([before.octets, octets]);
    else parts.push({ charset: charset.toLowerCase(), octets });
  }
  try {
    return parts.map(({ charset, octets }) => decodeOctets(charset, octets)).join('');
  } catch {
    return run;
  }
}

/** windows-1252, 0x80 to 0x9F (WHATWG Encoding, index-windows-1252). */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Character sets of seven bits, or two octets, in which such octets are other characters. */
const STATEFUL = /2022|utf-?16/;

/** Throws for a character set that is not known. */
function decodeOctets(charset: string, octets: Buffer): string {
  const old = decodeOldCharset(charset, octets);
  if (old !== null) return old;
  if (octets.every((octet) => octet >= 0x20 && octet < 0x7f) && !STATEFUL.test(charset)) return octets.toString('latin1');
  const decoder = new TextDecoder(charset);
  const text = decoder.decode(octets);
  if (decoder.encoding !== 'windows-1252') return text;
  // Node 20 decodes windows-1252 as latin1, which differs in these.
  return text.replace(/[\u0080-\u009f]/g, (character) => WINDOWS_1252.charAt(character.charCodeAt(0) - 0x80));
}

/** The Q encoding (RFC 2047, 4.2). */
function decodeQ(payload: string): Buffer {
  const plain = payload.replaceAll('_', ' ').replace(/=([0-9a-fA-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}

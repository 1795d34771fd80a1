const WORDS = /=\?[A-Za-z0-9_.:*-]{1,80}\?[bBqQ]\?[^?\s]{0,2000}\?=(?:[ \t\r\n]*=\?[A-Za-z0-9_.:*-]{1,80}\?[bBqQ]\?[^?\s]{0,2000}\?=)*/g;
const WORD = /=\?([^?*]+)[^?]*\?([bBqQ])\?([^?]*)\?=/g;

/**
 * A header's value as people read it: encoded words (RFC 2047) of any character set that TextDecoder knows, in B and Q; blanks
 * between neighbouring words fall away (6.2), and characters that a mailer cut between two words are joined again. Words in an
 * unknown character set stay as they are.
 */
export function decodeHeaderText(value: string): string {
  return value.includes('=?') ? value.replace(WORDS, decodeRun) : value;
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
    return parts.map(({ charset, octets }) => new TextDecoder(charset).decode(octets)).join('');
  } catch {
    return run;
  }
}

/** The Q encoding (RFC 2047, 4.2). */
function decodeQ(payload: string): Buffer {
  const plain = payload.replaceAll('_', ' ').replace(/=([0-9a-fA-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}

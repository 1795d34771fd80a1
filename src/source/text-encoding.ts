/** Encodings of text that log readers can decode. `utf-8` stands for anything that is ASCII at heart. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** One control octet in fifty: a log line with junk from the network is still text, a binary file is not. */
const MAX_CONTROL_SHARE = 0.02;

/** The encoding of text by its byte order mark or its octets; null when it is no text. */
export function textEncoding(head: Uint8Array): TextEncoding | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  let controls = 0;
  for (let i = 0; i < head.length; i++) {
    const octet = head[i] ?? 0;
    if (octet === 0) zeros[i & 1] = (zeros[i & 1] ?? 0) + 1;
    if (octet < 32 && !isTextControl(octet)) controls++;
  }
  const half = head.length / 2;
  if (head.length >= 4 && (zeros[1] ?? 0) > half * 0.9 && (zeros[0] ?? 0) < half * 0.1) return 'utf-16le';
  if (head.length >= 4 && (zeros[0] ?? 0) > half * 0.9 && (zeros[1] ?? 0) < half * 0.1) return 'utf-16be';
  return controls <= head.length * MAX_CONTROL_SHARE ? 'utf-8' : null;
}

/** Tab, line ends, form feed, backspace and escape: what a terminal's transcript holds. */
function isTextControl(octet: number): boolean {
  return octet === 8 || (octet >= 9 && octet <= 13) || octet === 27;
}

/** Character sets of seven bits that TextDecoder does not know, by name; each from its RFC. */
const DECODERS: Readonly<Record<string, (octets: Buffer) => string>> = {
  'utf-7': decodeUtf7,
  'unicode-1-1-utf-7': decodeUtf7,
  'iso-2022-kr': decodeKorean,
  'hz-gb-2312': decodeHz,
};

/** Null where the name is of none of them. */
export function decodeOldCharset(charset: string, octets: Buffer): string | null {
  return DECODERS[charset]?.(octets) ?? null;
}

/** RFC 2152: `+` begins UTF-16 as base64, `-` ends it. */
function decodeUtf7(octets: Buffer): string {
  return octets.toString('latin1').replace(/\+([A-Za-z0-9+/]*)-?/g, (_all, packed: string) => {
    if (packed === '') return '+';
    const pairs = Buffer.from(packed, 'base64');
    return pairs
      .subarray(0, pairs.length & ~1)
      .swap16()
      .toString('utf16le');
  });
}

/** RFC 1557: between SO and SI two octets a character, those of EUC-KR without their high bits. */
function decodeKorean(octets: Buffer): string {
  // oxlint-disable-next-line no-control-regex -- the shifts are control characters
  return withHighBits(octets.toString('latin1').replace(/\u001b\$\)C/g, ''), /\u000e([^\u000f]*)\u000f?/g, 'euc-kr');
}

/** RFC 1843: between `~{` and `~}` two octets a character, those of GB 2312 without their high bits. */
function decodeHz(octets: Buffer): string {
  return withHighBits(octets.toString('latin1').replaceAll('~~', '~'), /~\{(.*?)(?:~\}|$)/g, 'gbk');
}

function withHighBits(text: string, runs: RegExp, charset: string): string {
  return text.replace(runs, (_all, run: string) => new TextDecoder(charset).decode(Buffer.from(run, 'latin1').map((octet) => octet | 0x80)));
}

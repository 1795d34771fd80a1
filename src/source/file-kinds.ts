import type { Source } from '../model/source.ts';

interface FileKind {
  readonly format: string;
  readonly kind: Source['kind'];
  /** Why it is not read and what helps; FILE stands for the path. Null for what is read. */
  readonly advice: string | null;
  matches(head: Uint8Array): boolean;
}

const CONVERT = 'convert it: editcap -F pcap FILE out.pcap';

/**
 * Every kind of file that is told apart by its first octets, in the order in which they are tried. Text has no sign and is tried last.
 * Captures: draft-ietf-opsawg-pcap and -pcapng; snoop: RFC 1761; packers: the magic numbers of their own file format descriptions.
 */
export const FILE_KINDS: readonly FileKind[] = [
  { format: 'pcap', kind: 'capture', advice: null, matches: startsWithAny('a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1', 'a1b2cd34', '34cdb2a1') },
  {
    format: 'pcapng',
    kind: 'capture',
    advice: null,
    matches: (head) => startsWith(head, '0a0d0d0a') && (startsWith(head, '1a2b3c4d', 8) || startsWith(head, '4d3c2b1a', 8) || head.length < 12),
  },
  { format: 'gzip', kind: 'unsupported', advice: 'packed too many times over; unpack it: gzip -dc FILE > out', matches: startsWithAny('1f8b08') },
  {
    format: 'zip',
    kind: 'unsupported',
    advice: 'an archive is not looked into; unpack it first: unzip FILE -d unpacked',
    matches: startsWithAny('504b0304', '504b0506', '504b0708'),
  },
  { format: '7z', kind: 'unsupported', advice: 'an archive is not looked into; unpack it first: 7z x FILE', matches: startsWithAny('377abcaf271c') },
  { format: 'rar', kind: 'unsupported', advice: 'an archive is not looked into; unpack it first: unrar x FILE', matches: startsWithAny('526172211a07') },
  { format: 'xz', kind: 'unsupported', advice: 'this packing is not read; unpack it first: xz -dk FILE', matches: startsWithAny('fd377a585a00') },
  {
    format: 'bzip2',
    kind: 'unsupported',
    advice: 'this packing is not read; unpack it first: bunzip2 -k FILE',
    matches: (head) => startsWith(head, '425a68') && startsWith(head, '314159265359', 4),
  },
  { format: 'zstd', kind: 'unsupported', advice: 'this packing is not read; unpack it first: zstd -dk FILE', matches: startsWithAny('28b52ffd') },
  { format: 'lz4', kind: 'unsupported', advice: 'this packing is not read; unpack it first: lz4 -dk FILE', matches: startsWithAny('04224d18') },
  { format: 'compress', kind: 'unsupported', advice: 'this packing is not read; unpack it first: gzip -dc FILE > out', matches: startsWithAny('1f9d', '1fa0') },
  {
    format: 'tar',
    kind: 'unsupported',
    advice: 'an archive is not looked into; unpack it first: tar -xf FILE',
    matches: (head) => startsWith(head, '7573746172', 257),
  },
  { format: 'snoop', kind: 'unsupported', advice: `a capture of Solaris snoop is not read; ${CONVERT}`, matches: startsWithAny('736e6f6f70000000') },
  {
    format: 'netmon',
    kind: 'unsupported',
    advice: `a capture of Microsoft Network Monitor is not read; ${CONVERT}`,
    matches: startsWithAny('474d4255', '52545353'),
  },
  {
    format: 'sniffer',
    kind: 'unsupported',
    advice: `a capture of NetXRay or Sniffer is not read; ${CONVERT}`,
    matches: startsWithAny('58435000', '5452534e494646206461746120202020'),
  },
  {
    format: 'iptrace',
    kind: 'unsupported',
    advice: `a capture of AIX iptrace is not read; ${CONVERT}`,
    matches: startsWithAny('697074726163652031', '697074726163652032'),
  },
  { format: 'btsnoop', kind: 'unsupported', advice: 'a Bluetooth capture holds no mail', matches: startsWithAny('6274736e6f6f7000') },
  {
    format: 'pdf',
    kind: 'unsupported',
    advice: 'a document is not looked into; save its text: pdftotext -layout FILE out.txt',
    matches: startsWithAny('255044462d'),
  },
  { format: 'rtf', kind: 'unsupported', advice: 'a document is not looked into; save it as plain text', matches: startsWithAny('7b5c727466') },
  {
    format: 'ole',
    kind: 'unsupported',
    advice: 'an Office or Outlook file is not looked into; save the log as plain text',
    matches: startsWithAny('d0cf11e0a1b11ae1'),
  },
  {
    format: 'evtx',
    kind: 'unsupported',
    advice: 'a Windows event log is not read; the appliance’s mail_logs are needed',
    matches: startsWithAny('456c6646696c65'),
  },
  { format: 'png', kind: 'unsupported', advice: 'a picture is not read; the log is needed as text', matches: startsWithAny('89504e470d0a1a0a') },
  { format: 'jpeg', kind: 'unsupported', advice: 'a picture is not read; the log is needed as text', matches: startsWithAny('ffd8ff') },
  { format: 'erf', kind: 'unsupported', advice: `a capture of an Endace card (ERF) is not read; ${CONVERT}`, matches: looksLikeErf },
];

function startsWithAny(...signs: readonly string[]): (head: Uint8Array) => boolean {
  return (head) => signs.some((sign) => startsWith(head, sign));
}

/** Whether the octets at `at` are those of `sign` (hexadecimal). */
function startsWith(head: Uint8Array, sign: string, at = 0): boolean {
  if (head.length < at + sign.length / 2) return false;
  for (let i = 0; i < sign.length; i += 2) if (head[at + i / 2] !== Number.parseInt(sign.slice(i, i + 2), 16)) return false;
  return true;
}

const ERF_HEADER = 16;

/** ERF has no sign: records of a known type with a length that leads to the next one, times that do not run backwards by much. */
function looksLikeErf(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let at = 0;
  let records = 0;
  let lastSeconds = 0;
  while (at + ERF_HEADER <= head.length && records < 4) {
    const seconds = view.getUint32(at + 4, true);
    const type = view.getUint8(at + 8) & 0x7f;
    const length = view.getUint16(at + 10);
    if (type === 0 || type > 48 || length < ERF_HEADER || seconds < 8e8 || Math.abs(seconds - (lastSeconds || seconds)) > 86_400) return false;
    lastSeconds = seconds;
    at += length;
    records++;
  }
  return records > 0 && (records > 1 || at === head.length);
}

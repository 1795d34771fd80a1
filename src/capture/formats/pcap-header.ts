/** Octets of the file header (draft-ietf-opsawg-pcap, 4). */
export const FILE_HEADER_OCTETS = 24;

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
/** Patched libpcap of old Linux distributions (Kuznetzov): longer record headers. */
const MODIFIED = 0xa1b2cd34;

/** What a file header says. */
export interface FileHeader {
  readonly little: boolean;
  readonly magic: number;
  readonly minor: number;
  readonly snapLength: number;
  readonly linkNumber: number;
  /** Units of the record's fraction in a second. */
  readonly perSecond: number;
}

/** Whether four octets begin a pcap file, and in which byte order; null when not. */
export function byteOrderOf(view: DataView, at: number): { readonly little: boolean; readonly magic: number } | null {
  const big = view.getUint32(at);
  if (big === MICROSECONDS || big === NANOSECONDS || big === MODIFIED) return { little: false, magic: big };
  const little = view.getUint32(at, true);
  if (little === MICROSECONDS || little === NANOSECONDS || little === MODIFIED) return { little: true, magic: little };
  return null;
}

/** Whether a file header stands at `at`, as in files joined by `cat`; stricter than at the beginning of a file, where nothing else can be meant. */
export function isHeaderWithin(view: DataView, at: number, end: number): boolean {
  if (at + FILE_HEADER_OCTETS > end) return false;
  const order = byteOrderOf(view, at);
  if (!order) return false;
  return view.getUint16(at + 4, order.little) === 2 && view.getUint16(at + 6, order.little) <= 4;
}

/** Reads the header at `at`; the caller has made sure that it is whole and begins with a known magic number. */
export function readFileHeader(view: DataView, at: number): FileHeader {
  const { little, magic } = byteOrderOf(view, at) ?? { little: true, magic: MICROSECONDS };
  return {
    little,
    magic,
    minor: view.getUint16(at + 6, little),
    snapLength: view.getUint32(at + 16, little),
    // The upper bits tell the length of a frame check sequence, which the IP length leaves out anyway.
    linkNumber: view.getUint32(at + 20, little) & 0x03ff_ffff,
    perSecond: magic === NANOSECONDS ? 1_000_000_000 : 1_000_000,
  };
}

/** Until version 2.3 the two lengths of a record stood the other way round, in 2.3 in some files; the smaller is the stored one. */
export function mayBeSwapped(header: FileHeader): boolean {
  return header.minor < 4;
}

/** Record headers in the order in which they are tried: 16 octets as specified, then the patched variants of 24, 28 and 20 octets. */
const STANDARD_FIRST: readonly number[] = [16, 24, 28, 20];
const MODIFIED_FIRST: readonly number[] = [24, 28, 16];

/** Octets that are looked at to find the length of record headers. */
export const LAYOUT_OCTETS = 65_536;
/** Some writers store a trailer that they do not count. */
export const EXCESS_OCTETS = 64;
const RECORDS_TRIED = 8;
const MAX_RECORD_OCTETS = 262_144;
const MONTH_SECONDS = 30 * 86_400;

/**
 * The length of the record headers. Some writers changed it without changing the magic number, or the other way round,
 * so the first records are walked under every assumption and the first one that never breaks is taken; if all break, the one that the magic number promises.
 */
export function findRecordHeaderOctets(view: DataView, header: FileHeader, at: number, end: number): number {
  const candidates = header.magic === MODIFIED ? MODIFIED_FIRST : STANDARD_FIRST;
  const [promised = 16] = candidates;
  const walks = candidates.map((octets) => ({ octets, records: walk(view, header, octets, at, end) }));
  const sound = walks.find(({ records, octets }) => records >= (octets === promised ? 0 : 2));
  return sound?.octets ?? promised;
}

/** Records that make sense in a row, up to `RECORDS_TRIED`; -1 when one does not. */
function walk(view: DataView, header: FileHeader, headerOctets: number, from: number, end: number): number {
  const { little, perSecond } = header;
  let at = from;
  let records = 0;
  let lastSeconds = -1;
  while (records < RECORDS_TRIED && at + headerOctets <= end) {
    const seconds = view.getUint32(at, little);
    const first = view.getUint32(at + 8, little);
    const second = view.getUint32(at + 12, little);
    const isSwapped = mayBeSwapped(header) && first > second;
    const stored = isSwapped ? second : first;
    if (stored > MAX_RECORD_OCTETS || (!isSwapped && first > second + EXCESS_OCTETS) || view.getUint32(at + 4, little) >= perSecond) return -1;
    if (lastSeconds >= 0 && Math.abs(seconds - lastSeconds) > MONTH_SECONDS) return -1;
    lastSeconds = seconds;
    at += headerOctets + stored;
    records++;
  }
  return records;
}

/** Block types (draft-ietf-opsawg-pcapng, 10.1). The section header reads the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const OBSOLETE_PACKET = 2;
export const SIMPLE_PACKET = 3;
export const INTERFACE_STATISTICS = 5;
export const ENHANCED_PACKET = 6;
const JOURNAL_EXPORT = 9;
export const DECRYPTION_SECRETS = 10;
/** Type of secrets: a TLS key log (draft-ietf-opsawg-pcapng, 4.7). Those of other protocols open no mail. */
export const TLS_KEY_LOG = 0x544c534b;
const CUSTOM = 0xbad;
const CUSTOM_NOT_COPIED = 0x40000bad;

/** Type, length, length again. */
export const MIN_BLOCK_OCTETS = 12;
/** Fixed parts up to the options or the packet, both lengths and the type included. */
export const MIN_OCTETS: Readonly<Record<number, number>> = {
  [SECTION_HEADER]: 28,
  [INTERFACE_DESCRIPTION]: 20,
  [OBSOLETE_PACKET]: 32,
  [SIMPLE_PACKET]: 16,
  [INTERFACE_STATISTICS]: 24,
  [DECRYPTION_SECRETS]: 20,
  [ENHANCED_PACKET]: 32,
};
/** Longer blocks are damage; secrets and names of a large capture stay below. */
export const MAX_BLOCK_OCTETS = 64 * 1024 * 1024;
/** Searching for blocks again, only such are believed. */
const MAX_FOUND_OCTETS = 1024 * 1024;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Byte order of a section by its magic number at `at + 8`: true little-endian, null when it is none. */
export function isLittleSection(view: DataView, at: number): boolean | null {
  if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return true;
  return view.getUint32(at + 8) === BYTE_ORDER_MAGIC ? false : null;
}

/** Whether a section header stands at `at`. */
export function isSectionWithin(view: DataView, at: number, end: number): boolean {
  return at + MIN_BLOCK_OCTETS <= end && view.getUint32(at) === SECTION_HEADER && isLittleSection(view, at) !== null;
}

/** Blocks that are no packets but have a number in Wireshark's list: custom blocks, journal entries and those of sysdig (0x204 to 0x221). */
export function isNumberedRecord(type: number): boolean {
  return type === CUSTOM || type === CUSTOM_NOT_COPIED || type === JOURNAL_EXPORT || (type >= 0x204 && type <= 0x221);
}

function isKnown(type: number): boolean {
  return (type >= INTERFACE_DESCRIPTION && type <= ENHANCED_PACKET) || type === DECRYPTION_SECRETS || type === CUSTOM;
}

/** Where blocks make sense again, searched from `from`: `at` -1 when not found up to `resumeAt`. */
interface BlockRecovery {
  readonly at: number;
  readonly resumeAt: number;
}

/** Searches for a block of a known type whose two lengths agree, or for a section header. */
export function findBlock(view: DataView, from: number, end: number, atEnd: boolean, little: boolean): BlockRecovery {
  let at = from;
  for (; at + MIN_BLOCK_OCTETS <= end; at++) {
    // Nothing begins with zeros: a hole in the file is passed quickly.
    if (view.getInt32(at) === 0) continue;
    if (isSectionWithin(view, at, end)) return { at, resumeAt: at };
    const type = view.getUint32(at, little);
    if (!isKnown(type)) continue;
    const length = view.getUint32(at + 4, little);
    if (length < (MIN_OCTETS[type] ?? MIN_BLOCK_OCTETS) || length > MAX_FOUND_OCTETS || length % 4 !== 0) continue;
    if (at + length > end) {
      if (!atEnd) return { at: -1, resumeAt: at };
      continue;
    }
    if (view.getUint32(at + length - 4, little) === length) return { at, resumeAt: at };
  }
  return { at: -1, resumeAt: atEnd ? end : at };
}

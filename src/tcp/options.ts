import type { SegmentView } from '../model/packet.ts';

/** TCP option kinds by their number (IANA registry "TCP Option Kind Numbers") and the name they get in a layout. */
const OPTION_NAMES: Readonly<Record<number, string>> = {
  0: 'eol',
  1: 'nop',
  2: 'mss',
  3: 'ws',
  4: 'sack',
  5: 'sackblocks',
  8: 'ts',
  19: 'md5',
  28: 'uto',
  29: 'ao',
  30: 'mptcp',
  34: 'tfo',
};

const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;

/** Longest list of options that a SYN can carry is 40 octets, so 40 names. */
export const MAX_OPTION_OCTETS = 40;

/** The options of one segment. Borrowed: one object is filled again for each segment. Numbers as on the wire. */
export class OptionsView {
  hasTimestamps = false;
  tsVal = 0;
  tsEcr = 0;
  /** First SACK block. */
  hasSack = false;
  sackLeft = 0;
  sackRight = 0;
  mss = -1;
  windowScale = -1;
  sackPermitted = false;
}

/** Fills `into` from the options of `view`. Options that run over their end are ignored, as receivers do. */
export function readOptions(view: SegmentView, into: OptionsView): void {
  into.hasTimestamps = false;
  into.hasSack = false;
  into.mss = -1;
  into.windowScale = -1;
  into.sackPermitted = false;
  const { bytes } = view;
  let at = view.optionsAt;
  const end = Math.min(at + Math.min(view.optionsLength, MAX_OPTION_OCTETS), bytes.length);
  while (at < end) {
    const kind = bytes[at] ?? 0;
    if (kind === 1) {
      at++;
      continue;
    }
    if (kind === 0) return;
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > end) return;
    if (kind === TIMESTAMPS && length === 10) {
      into.hasTimestamps = true;
      into.tsVal = word(bytes, at + 2);
      into.tsEcr = word(bytes, at + 6);
    } else if (kind === SACK && length >= 10) {
      into.hasSack = true;
      into.sackLeft = word(bytes, at + 2);
      into.sackRight = word(bytes, at + 6);
    } else if (kind === MSS && length === 4) into.mss = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    else if (kind === WINDOW_SCALE && length === 3) into.windowScale = bytes[at + 2] ?? 0;
    else if (kind === SACK_PERMITTED) into.sackPermitted = true;
    at += length;
  }
}

/** The kinds in order, as `mss,sack,ts,nop,ws`; unknown ones as `opt` and their number, a list that breaks off ends in `broken`. */
export function describeLayout(view: SegmentView): string {
  const names: string[] = [];
  const { bytes } = view;
  let at = view.optionsAt;
  const end = Math.min(at + Math.min(view.optionsLength, MAX_OPTION_OCTETS), bytes.length);
  while (at < end) {
    const kind = bytes[at] ?? 0;
    names.push(OPTION_NAMES[kind] ?? `opt${kind}`);
    if (kind === 0) break;
    const length = kind === 1 ? 1 : (bytes[at + 1] ?? 0);
    if (length < 1 || (kind !== 1 && length < 2) || at + length > end) {
      names.push('broken');
      break;
    }
    at += length;
  }
  return names.join(',');
}

function word(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

import { SECOND_US } from '../../model/units.ts';
import { EXCESS_OCTETS, isHeaderWithin, mayBeSwapped } from './pcap-header.ts';
import type { FileHeader } from './pcap-header.ts';
import { isSectionWithin } from './pcapng-blocks.ts';

/** libpcap's MAXIMUM_SNAPLEN: no ordinary packet is longer. */
export const USUAL_LIMIT_OCTETS = 262_144;
/** Longer packets only where the header announces them, and never beyond this. */
const HARD_LIMIT_OCTETS = 64 * 1024 * 1024;
/** Packets of one capture that lie further apart than this are looked at twice. */
export const JUMP_SECONDS = 30 * 86_400;
/** When searching for records again, their times must be near those before. */
const NEAR_SECONDS = 86_400;

/** Octets from which a strange record can be judged: the start of a file header that may stand in its place. */
const HEAD_OCTETS = 24;

/** How the records of one file are written. */
export interface RecordLayout {
  readonly header: FileHeader;
  readonly headerOctets: number;
}

/** `ahead`: more octets must be seen first. */
type Judgement = 'record' | 'foreign' | 'corrupt' | 'ahead';

export function storedOctets(view: DataView, at: number, { header }: RecordLayout): number {
  const first = view.getUint32(at + 8, header.little);
  return mayBeSwapped(header) ? Math.min(first, view.getUint32(at + 12, header.little)) : first;
}

export function wireOctets(view: DataView, at: number, { header }: RecordLayout): number {
  const second = view.getUint32(at + 12, header.little);
  return mayBeSwapped(header) ? Math.max(second, view.getUint32(at + 8, header.little)) : second;
}

/** Microseconds of the record at `at`. */
export function recordUs(view: DataView, at: number, { header }: RecordLayout): number {
  const fraction = view.getUint32(at + 4, header.little);
  return view.getUint32(at, header.little) * SECOND_US + (header.perSecond === SECOND_US ? fraction : fraction / 1000);
}

/** Whether a record header could be one by its lengths and its fraction of a second. */
function isShapely(view: DataView, at: number, layout: RecordLayout): boolean {
  const stored = storedOctets(view, at, layout);
  return (
    stored <= USUAL_LIMIT_OCTETS &&
    stored <= wireOctets(view, at, layout) + EXCESS_OCTETS &&
    view.getUint32(at + 4, layout.header.little) < layout.header.perSecond
  );
}

/**
 * Judges a record that is strange at first sight (too long, a jump in time, an impossible fraction): real captures hold such records too,
 * so that what follows it decides.
 */
export function judgeRecord(view: DataView, at: number, end: number, atEnd: boolean, layout: RecordLayout, lastSeconds: number): Judgement {
  if (at + HEAD_OCTETS > end && !atEnd) return 'ahead';
  if (isHeaderWithin(view, at, end) || isSectionWithin(view, at, end)) return 'foreign';
  const { header, headerOctets } = layout;
  const stored = storedOctets(view, at, layout);
  const limit = Math.max(USUAL_LIMIT_OCTETS, Math.min(header.snapLength, HARD_LIMIT_OCTETS));
  if (stored > limit || isZero(view, at)) return 'corrupt';
  // The first record has no time to be compared with.
  if (!Number.isFinite(lastSeconds) && isShapely(view, at, layout)) return 'record';
  const next = at + headerOctets + stored;
  if (next + HEAD_OCTETS > end && !atEnd) return 'ahead';
  if (next > end) return isShapely(view, at, layout) ? 'record' : 'corrupt';
  if (next + headerOctets > end || isHeaderWithin(view, next, end) || isSectionWithin(view, next, end)) return 'record';
  return isShapely(view, next, layout) && !isZero(view, next) ? 'record' : 'corrupt';
}

/** A hole in the file reads as records without time and length. */
function isZero(view: DataView, at: number): boolean {
  return view.getUint32(at) === 0 && view.getUint32(at + 8) === 0 && view.getUint32(at + 12) === 0;
}

/** Where records make sense again, searched from `from`: `at` -1 when not found up to `resumeAt`, where the search goes on with more octets. */
export interface Recovery {
  readonly at: number;
  readonly resumeAt: number;
}

/**
 * Searches for a record with sane lengths and a time near `lastSeconds`, whose successor is as sane, or which ends the file;
 * or for the header of another capture. A `lastSeconds` that is not finite is near to all.
 */
export function findRecord(view: DataView, from: number, end: number, atEnd: boolean, layout: RecordLayout, lastSeconds: number): Recovery {
  const { headerOctets } = layout;
  let at = from;
  for (; at + HEAD_OCTETS <= end; at++) {
    // Nothing begins with zeros: a hole in the file is passed quickly.
    if (view.getInt32(at) === 0) continue;
    if (isHeaderWithin(view, at, end) || isSectionWithin(view, at, end)) return { at, resumeAt: at };
    if (!isConvincing(view, at, layout, lastSeconds)) continue;
    const next = at + headerOctets + storedOctets(view, at, layout);
    if (next + HEAD_OCTETS > end && !atEnd) return { at: -1, resumeAt: at };
    if (next === end) return { at, resumeAt: at };
    if (next + headerOctets > end) continue;
    const seconds = view.getUint32(at, layout.header.little);
    if (isHeaderWithin(view, next, end) || isSectionWithin(view, next, end) || isConvincing(view, next, layout, seconds)) return { at, resumeAt: at };
  }
  return { at: -1, resumeAt: atEnd ? end : at };
}

function isConvincing(view: DataView, at: number, layout: RecordLayout, nearSeconds: number): boolean {
  const seconds = view.getUint32(at, layout.header.little);
  if (seconds === 0 || (Number.isFinite(nearSeconds) && Math.abs(seconds - nearSeconds) > NEAR_SECONDS)) return false;
  return isShapely(view, at, layout) && storedOctets(view, at, layout) > 0 && wireOctets(view, at, layout) <= USUAL_LIMIT_OCTETS;
}

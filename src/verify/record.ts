import { createHash } from 'node:crypto';
import type { Source } from '../model/source.ts';
import type { EpochUs } from '../model/units.ts';

/** One packet record as a reader found it. `bytes` are borrowed: valid only during the call. */
export interface RawRecord {
  /** From 1. */
  readonly number: number;
  readonly atUs: EpochUs;
  readonly capturedLength: number;
  readonly originalLength: number;
  readonly bytes: Uint8Array;
}

/** Reads a capture from its start and calls back for the wanted packets; may stop behind the last of them. */
export type RecordReader = (source: Source, wanted: ReadonlySet<number>, onRecord: (record: RawRecord) => void) => Promise<void>;

/** What is kept of a record for the comparison: enough to tell any difference, never the octets. */
export interface Fingerprint {
  readonly atUs: EpochUs;
  readonly capturedLength: number;
  readonly originalLength: number;
  readonly digest: string;
}

export function fingerprint(record: Omit<RawRecord, 'number'>): Fingerprint {
  const { atUs, capturedLength, originalLength, bytes } = record;
  // Times finer than a microsecond are cut: the second reader knows no finer ones.
  return { atUs: Math.floor(atUs), capturedLength, originalLength, digest: createHash('sha256').update(bytes).digest('base64') };
}

/** What differs, in words; null where both agree. */
export function describeDifference(own: Fingerprint, other: Fingerprint): string | null {
  const differences = [
    own.atUs === other.atUs ? '' : `time ${own.atUs} µs against ${other.atUs} µs`,
    own.capturedLength === other.capturedLength ? '' : `captured length ${own.capturedLength} against ${other.capturedLength}`,
    own.originalLength === other.originalLength ? '' : `original length ${own.originalLength} against ${other.originalLength}`,
    own.digest === other.digest ? '' : 'octets differ',
  ].filter((difference) => difference !== '');
  return differences.length === 0 ? null : differences.join(', ');
}

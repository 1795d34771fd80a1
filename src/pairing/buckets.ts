import type { NumberColumn } from '../model/number-column.ts';

/**
 * Tells each entry its place, bucket after bucket, in each in their order. `starts`, empty or with a 0 for each bucket, gets where they begin, and behind that
 * where the last one ends.
 */
export function sortIntoBuckets(entries: number, bucketOf: (entry: number) => number, starts: NumberColumn, put: (entry: number, place: number) => void): void {
  const count = (bucket: number, more: number): number => {
    const sum = starts.get(bucket) + more;
    starts.set(bucket, sum);
    return sum;
  };
  for (let entry = 0; entry < entries; entry++) count(bucketOf(entry), 1);
  // Where they end; filling from behind moves that to where they begin.
  for (let bucket = 1; bucket < starts.length; bucket++) count(bucket, starts.get(bucket - 1));
  starts.add(entries);
  for (let entry = entries - 1; entry >= 0; entry--) put(entry, count(bucketOf(entry), -1));
}

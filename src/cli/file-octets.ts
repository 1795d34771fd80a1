import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Octets } from '../share/index.ts';

/** Hands over a file's octets, read when they are asked for. */
export function withFile<T>(path: string, use: (octets: Octets) => T): T {
  const file = openSync(path, 'r');
  try {
    return use({
      length: fstatSync(file).size,
      subarray: (from, to) => {
        const octets = new Uint8Array(to - from);
        return octets.subarray(0, readSync(file, octets, 0, octets.length, from));
      },
    });
  } finally {
    closeSync(file);
  }
}

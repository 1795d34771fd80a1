import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file for octets that memory need not hold. */
export interface ScratchFile {
  /** By which another thread of the process can open it, too. */
  readonly descriptor: number;
  /** False when they could not be written. */
  write(octets: Uint8Array, at: number): boolean;
  /** Fills `octets`; throws where the file does not give back what was written to it. */
  read(octets: Uint8Array, at: number): void;
}

/** `_O_TEMPORARY`: Windows removes such a file when it is closed, even by a crash. Elsewhere the name is removed at once. */
const REMOVED_WHEN_CLOSED = process.platform === 'win32' ? 0x40 : 0;

/** A nameless file in the directory for temporary files, readable by its owner only; null where none can be made. */
export function openScratch(): ScratchFile | null {
  const path = join(tmpdir(), `whohungup-scratch-${randomUUID()}`);
  let file: number;
  try {
    file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | REMOVED_WHEN_CLOSED, 0o600);
  } catch {
    return null;
  }
  try {
    unlinkSync(path);
  } catch {
    if (REMOVED_WHEN_CLOSED === 0) {
      closeSync(file);
      return null;
    }
  }
  return scratchOf(file);
}

/** Opens a file when it is needed first; afterwards it is the same, or none again. */
export function openedOnce(open: () => ScratchFile | null): () => ScratchFile | null {
  let file: ScratchFile | null | undefined;
  return () => (file === undefined ? (file = open()) : file);
}

/** The same file by its descriptor, which whoever opened it does not close. */
export function scratchOf(descriptor: number): ScratchFile {
  return { descriptor, write: (octets, at) => tryWrite(descriptor, octets, at), read: (octets, at) => fill(descriptor, octets, at) };
}

function tryWrite(file: number, octets: Uint8Array, at: number): boolean {
  try {
    for (let done = 0; done < octets.length; ) done += writeSync(file, octets, done, octets.length - done, at + done);
    return true;
  } catch {
    return false;
  }
}

function fill(file: number, octets: Uint8Array, at: number): void {
  for (let done = 0; done < octets.length; ) {
    const count = readSync(file, octets, done, octets.length - done, at + done);
    if (count === 0) throw new Error('the scratch file is shorter than what was written to it');
    done += count;
  }
}

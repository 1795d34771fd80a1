import { closeSync, openSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../model/user-error.ts';
import { OutputFailed } from './output.ts';

/** A file in the making: under another name until it is whole. */
export interface OutputFile {
  write(octets: Uint8Array): void;
  /** It is whole, and gets its name. */
  close(): void;
  /** It is given up. */
  drop(): void;
}

/** Writes are put together up to this size. */
const CHUNK = 1 << 18;

/** Begins a file at `path`. Throws `OutputFailed` where it cannot be written. */
export function createOutputFile(path: string): OutputFile {
  const draft = `${path}.part`;
  let held: Uint8Array[] = [];
  let octets = 0;
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      rmSync(draft, { force: true });
      throw new OutputFailed(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const handle = attempt(() => openSync(draft, 'w'));
  const flush = (): void => {
    const all = Buffer.concat(held);
    held = [];
    octets = 0;
    attempt(() => {
      for (let at = 0; at < all.length; ) at += writeSync(handle, all, at);
    });
  };
  return {
    write(piece) {
      held.push(new Uint8Array(piece));
      octets += piece.length;
      if (octets >= CHUNK) flush();
    },
    close() {
      flush();
      attempt(() => {
        closeSync(handle);
        renameSync(draft, path);
      });
    },
    drop() {
      closeSync(handle);
      rmSync(draft, { force: true });
    },
  };
}

/** Writes a whole file; a part of one is never left behind. */
export function writeOutputFile(path: string, pieces: Iterable<string>, create: (path: string) => OutputFile): void {
  const file = create(path);
  try {
    for (const piece of pieces) file.write(Buffer.from(piece));
  } catch (error) {
    file.drop();
    throw error;
  }
  file.close();
}

/** Throws a `UserError` where a file to be written is one of the inputs. */
export function refuseInputs(outputs: readonly string[], inputs: readonly string[]): void {
  const taken = new Set(inputs.map(placeOf));
  for (const path of outputs) {
    if (taken.has(placeOf(path))) throw new UserError('usage', `${path} is one of the inputs`, 'name another file with -o, so that the original stays');
  }
}

function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It does not exist yet: its folder tells where it will be.
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}

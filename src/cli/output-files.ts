import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
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

/** Begins a file at `path`; a device or a pipe (`-o /dev/stdout`) is written to as it stands. Throws `OutputFailed` where it cannot be written. */
export function createOutputFile(path: string): OutputFile {
  const isFile = isFileToBe(path);
  const place = isFile ? placeOf(path) : path;
  const draft = isFile ? draftOf(place) : place;
  let held: Uint8Array[] = [];
  let octets = 0;
  const giveUp = (): void => {
    if (isFile) discard(draft);
  };
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      giveUp();
      throw failureOf(path, error);
    }
  };
  const handle = attempt(() => openSync(draft, isFile ? 'wx' : 'w'));
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
        if (isFile) renameSync(draft, place);
      });
    },
    drop() {
      closeSync(handle);
      giveUp();
    },
  };
}

/** What is in the making at `place`: a name of its own, so that nobody's file or folder is in the way. */
export function draftOf(place: string): string {
  return `${place}.${randomBytes(4).toString('hex')}.part`;
}

function isFileToBe(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  } catch (error) {
    throw failureOf(path, error);
  }
}

/** Takes away what will not become whole; where that fails, too, the first failure is the one to tell. */
export function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Nothing was made.
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk takes nothing (it is mounted read-only)',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the quota is used up',
};

/** An error of the file system in the user's words. */
export function failureOf(path: string, error: unknown): OutputFailed {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return new OutputFailed(`${path}: ${reason}`, 'nothing was left there; make room, or name another place with -o');
}

/** Throws, before anything is read, where a file to be written could not be written in the end. */
export function refuseHopeless(path: string): void {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status?.isDirectory()) throw new UserError('usage', `${path} is a folder`, 'name a file in it with -o');
    accessSync(status && !status.isFile() ? path : dirname(placeOf(path)), constants.W_OK);
  } catch (error) {
    throw error instanceof UserError ? error : failureOf(path, error);
  }
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

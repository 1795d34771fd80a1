import { lstat, opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expandGlob, isGlob } from './glob.ts';

/** Something the user named that cannot be read. */
export interface InputFailure {
  readonly path: string;
  /** What is wrong, one clause: `no such file`. */
  readonly message: string;
  /** What to try; null when there is nothing to say. */
  readonly hint: string | null;
}

interface Found {
  readonly files: readonly string[];
  readonly failures: readonly InputFailure[];
}

/** The files that one argument stands for, sorted. A path that exists is taken literally even where it looks like a glob. */
export async function findFiles(path: string): Promise<Found> {
  const failures: InputFailure[] = [];
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (!(status instanceof Error)) {
    const found = status.isDirectory() ? await walk(path, failures) : [path];
    if (found.length === 0 && failures.length === 0)
      failures.push({ path, message: 'no file is in this folder', hint: 'hidden ones are left out; name them where they are meant' });
    return { files: found, failures };
  }
  if (!isGlob(path)) return { files: [], failures: [describeFailure(path, status)] };
  const files: string[] = [];
  const matches = await expandGlob(path);
  const seen = new Set<string>();
  for (const match of matches) files.push(...(await filesAt(match, failures, seen)));
  if (matches.length === 0)
    failures.push({ path, message: 'no file matches this pattern', hint: 'quote it only if the shell must not expand it; list the folder to see the names' });
  return { files, failures };
}

/** All files below a directory in the order of their names; hidden ones are left out, links to a directory above are not followed again. */
async function walk(directory: string, failures: InputFailure[], seen: Set<string> = new Set()): Promise<string[]> {
  const files: string[] = [];
  try {
    const real = await realpath(directory);
    if (seen.has(real)) return files;
    seen.add(real);
    const names: string[] = [];
    for await (const entry of await opendir(directory)) if (!entry.name.startsWith('.')) names.push(entry.name);
    for (const name of names.sort()) files.push(...(await filesAt(join(directory, name), failures, seen)));
  } catch (error) {
    failures.push(describeFailure(directory, error));
  }
  return files;
}

/** What was found, not named. Devices, sockets and pipes among it are nobody's evidence, and reading them may never end. */
async function filesAt(path: string, failures: InputFailure[], seen: Set<string>): Promise<string[]> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) return await walk(path, failures, seen);
    return status.isFile() ? [path] : [];
  } catch (error) {
    if (failures.every((failure) => failure.path !== path))
      failures.push(isMissing(error) && !path.includes(REPLACED) ? await describeMissing(path) : describeFailure(path, error));
    return [];
  }
}

/** A name that was found a moment ago and leads nowhere. */
async function describeMissing(path: string): Promise<InputFailure> {
  if (await lstat(path).catch(() => null)) return { path, message: 'a link to a file that does not exist', hint: null };
  return { path, message: 'the file went away while it was looked for', hint: 'a log that is rotated gets another name: run it again' };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** What is not UTF-8 in a name has been replaced before it gets here, so that the file is not found any more. */
const REPLACED = '\uFFFD';

const REASONS: Readonly<Record<string, readonly [message: string, hint: string | null]>> = {
  ENOENT: ['no such file', 'check the spelling and the current folder'],
  EACCES: ['permission denied', 'read access is needed; captures are often written by root'],
  EPERM: ['permission denied', 'read access is needed; captures are often written by root'],
  ENOTDIR: ['a part of the path is not a folder', null],
  ELOOP: ['the link points to itself', null],
  ENXIO: ['a socket, and no file', null],
  EMFILE: ['too many open files', 'raise the limit (ulimit -n)'],
};

/** An error of the file system in the user's words. */
export function describeFailure(path: string, error: unknown): InputFailure {
  if (isMissing(error) && path.includes(REPLACED)) return { path, message: 'a name that is not UTF-8 cannot be opened', hint: 'rename the file' };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [message, hint] = REASONS[code] ?? [error instanceof Error ? error.message : String(error), null];
  return { path, message, hint };
}

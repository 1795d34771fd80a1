import { opendir, realpath, stat } from 'node:fs/promises';
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
  if (!(status instanceof Error)) return { files: status.isDirectory() ? await walk(path, failures) : [path], failures };
  if (!isGlob(path)) return { files: [], failures: [describeFailure(path, status)] };
  const files: string[] = [];
  const matches = await expandGlob(path);
  for (const match of matches) {
    const isDirectory = (await stat(match).catch(() => null))?.isDirectory() ?? false;
    files.push(...(isDirectory ? await walk(match, failures) : [match]));
  }
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
    for (const name of names.sort()) {
      const path = join(directory, name);
      const status = await stat(path);
      if (status.isDirectory()) files.push(...(await walk(path, failures, seen)));
      // Devices, sockets and pipes inside a directory are nobody's evidence, and reading them may never end.
      else if (status.isFile()) files.push(path);
    }
  } catch (error) {
    failures.push(describeFailure(directory, error));
  }
  return files;
}

const REASONS: Readonly<Record<string, readonly [message: string, hint: string | null]>> = {
  ENOENT: ['no such file', 'check the spelling and the current folder'],
  EACCES: ['permission denied', 'read access is needed; captures are often written by root'],
  EPERM: ['permission denied', 'read access is needed; captures are often written by root'],
  ENOTDIR: ['a part of the path is not a folder', null],
  ELOOP: ['the link points to itself', null],
  EMFILE: ['too many open files', 'raise the limit (ulimit -n)'],
};

/** An error of the file system in the user's words. */
export function describeFailure(path: string, error: unknown): InputFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [message, hint] = REASONS[code] ?? [error instanceof Error ? error.message : String(error), null];
  return { path, message, hint };
}

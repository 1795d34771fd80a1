import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, parse, sep } from 'node:path';

/** Whether the text holds a wildcard: `*`, `?` or `[`. */
export function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/**
 * Paths that match, sorted: `*` and `?` within a name, `[a-z]` and `[!a-z]`, `**` for any number of folders.
 * Hidden names match only where the pattern's part begins with a dot. Folders that cannot be read match nothing.
 * On Windows both separators work; elsewhere a backslash is part of a name.
 */
export async function expandGlob(pattern: string): Promise<string[]> {
  const { root } = parse(pattern);
  const parts = pattern
    .slice(root.length)
    .split(sep === '\\' ? /[/\\]/ : '/')
    .filter((part) => part !== '');
  const found = new Set<string>();
  await match(root, parts, 0, found);
  return [...found].sort();
}

async function match(base: string, parts: readonly string[], index: number, found: Set<string>): Promise<void> {
  const part = parts[index];
  if (part === undefined) {
    if (base !== '') found.add(base);
    return;
  }
  if (part === '**') {
    await match(base, parts, index + 1, found);
    for (const entry of await entriesOf(base)) {
      if (entry.isDirectory() && !entry.name.startsWith('.')) await match(join(base, entry.name), parts, index, found);
      else if (index === parts.length - 1 && (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.')) found.add(join(base, entry.name));
    }
    return;
  }
  if (part === '.' || part === '..') {
    await match(base === '' ? part : join(base, part), parts, index + 1, found);
    return;
  }
  const shape = nameShape(part);
  for (const entry of await entriesOf(base)) {
    if (!shape.test(entry.name) || (entry.name.startsWith('.') && !part.startsWith('.'))) continue;
    if (index === parts.length - 1 || !entry.isFile()) await match(join(base, entry.name), parts, index + 1, found);
  }
}

async function entriesOf(base: string): Promise<Dirent[]> {
  return readdir(base === '' ? '.' : base, { withFileTypes: true }).catch(() => []);
}

/** The pattern of one name as a regular expression; a `[` that is never closed stands for itself. */
function nameShape(part: string): RegExp {
  let source = '';
  for (let i = 0; i < part.length; i++) {
    const sign = part.charAt(i);
    const close = part.indexOf(']', i + 2);
    if (sign === '*') {
      // Neighbouring stars are one; two wildcards in a row would make the match quadratic.
      if (part.charAt(i - 1) !== '*') source += '[^/]*';
    } else if (sign === '?') source += '[^/]';
    else if (sign === '[' && close > 0) {
      const body = part.slice(i + 1, close);
      const negated = body.startsWith('!') || body.startsWith('^');
      source += `[${negated ? '^' : ''}${(negated ? body.slice(1) : body).replace(/[\\\][^]/g, '\\$&')}]`;
      i = close;
    } else source += sign.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    // A range the wrong way round, as in [z-a], matches nothing.
    return /^(?!)/;
  }
}

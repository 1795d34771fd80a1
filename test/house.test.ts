import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** Rooms that put others together: they may import any room, through its index only. */
const ROUTE = new Set(['route', 'analyze.ts', 'cli']);
/** Tables may be long. */
const LONG_TABLES = /(^|[/\\])patterns[/\\]|wording\.ts$/;
const MAX_LINES = 400;

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

function roomOf(path: string): string {
  return path.split(sep)[0] ?? path;
}

const imports: Import[] = files.flatMap((file) =>
  [...readFileSync(join(src, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((found) => ({
    file,
    room: roomOf(file),
    target: relative(src, join(src, dirname(file), found[1] ?? '')),
  })),
);

describe('the house', () => {
  test('a room imports the model and itself; only the route knows the rooms, through their index', () => {
    const trespasses = imports.filter(({ room, target }) => {
      const other = roomOf(target);
      if (other === room || other === 'model' || other === 'version.ts') return false;
      if (!ROUTE.has(room)) return true;
      return other !== 'analyze.ts' && target !== join(other, 'index.ts') && other !== 'route';
    });
    expect(trespasses).toEqual([]);
  });

  test('the model imports nothing but itself', () => {
    expect(imports.filter(({ room, target }) => room === 'model' && roomOf(target) !== 'model')).toEqual([]);
  });

  test(`no file is longer than ${MAX_LINES} lines, tables excepted`, () => {
    const long = files.filter((file) => !LONG_TABLES.test(file) && readFileSync(join(src, file), 'utf8').split('\n').length > MAX_LINES);
    expect(long).toEqual([]);
  });

  test('exports are named', () => {
    expect(files.filter((file) => /^export default /m.test(readFileSync(join(src, file), 'utf8')))).toEqual([]);
  });

  test('nothing in the text speaks of the place where it was written', () => {
    const words = /\/work\/|shared\/(?:cases|corpus|reference)|TODO|FIXME/;
    expect(files.filter((file) => words.test(readFileSync(join(src, file), 'utf8')))).toEqual([]);
  });
});

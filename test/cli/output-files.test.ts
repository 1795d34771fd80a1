import { spawn, spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createOutputFile } from '../../src/cli/output-files.ts';
import { runCli } from './fake-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'output-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  const file = createOutputFile(path);
  file.write(Buffer.from(text));
  file.close();
}

describe('a file that is written', () => {
  test('is there when it is whole, and no draft stays', () => {
    const path = join(folder, 'whole', '..', 'verdict.md');
    write(join(folder, 'verdict.md'), 'before');
    const file = createOutputFile(join(folder, 'verdict.md'));
    file.write(Buffer.from('after'));
    expect(readFileSync(path, 'utf8')).toBe('before');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('after');
    expect(readdirSync(folder)).toEqual(['verdict.md']);
  });

  test('leaves files alone that bear the name of a draft', () => {
    const other = join(folder, 'notes.md.part');
    writeFileSync(other, 'mine');
    write(join(folder, 'notes.md'), 'text');
    createOutputFile(join(folder, 'notes.md')).drop();
    expect(readFileSync(other, 'utf8')).toBe('mine');
    rmSync(other);
  });

  test.skipIf(process.platform === 'win32')('a link stays a link', () => {
    writeFileSync(join(folder, 'target'), '');
    symlinkSync('target', join(folder, 'link'));
    write(join(folder, 'link'), 'text');
    expect([lstatSync(join(folder, 'link')).isSymbolicLink(), readFileSync(join(folder, 'target'), 'utf8')]).toEqual([true, 'text']);
  });

  test.skipIf(spawnSync('mkfifo', ['--version']).error !== undefined)('a pipe or a device is written to, not replaced by a file', async () => {
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    const reader = spawn('cat', [pipe]);
    const read = reader.stdout.toArray();
    write(pipe, 'text');
    expect(Buffer.concat(await read).toString()).toBe('text');
    expect([statSync(pipe).isFIFO(), readdirSync(folder).filter((name) => name.endsWith('.part'))]).toEqual([true, []]);
  });

  test('a path that leads nowhere is told in words, whatever cleaning up says', () => {
    expect(() => createOutputFile(join(folder, 'verdict.md', 'x'))).toThrow(/verdict\.md.x: a part of the path is no folder$/);
    expect(() => createOutputFile(join(folder, 'no', 'x'))).toThrow(/x: the folder does not exist$/);
  });
});

describe('whoever waits for a large capture', () => {
  test.each([
    [['x', '-o', join(folder, 'nowhere', 'v.md')], 74, /v\.md: the folder does not exist\n {2}nothing was left there/],
    [['extract', 'x', '-o', join(folder, 'nowhere', 'v.pcapng')], 74, /the folder does not exist/],
    [['report', 'x', '-o', folder], 2, /is a folder\n {2}name a file in it/],
    [['share', 'x', '-o', folder], 2, /exists already/],
  ])('is told before anything is read: %j', async (argv, expected, words) => {
    const { status, err, request } = await runCli(argv);
    expect([status, request]).toEqual([expected, null]);
    expect(err).toMatch(words);
  });
});

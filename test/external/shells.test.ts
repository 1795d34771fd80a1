import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from '../cli/fake-io.ts';

/** The shells themselves, and the manual's formatter; what is not installed is skipped, and vitest says so. */
const folder = mkdtempSync(join(tmpdir(), 'shells-'));
afterAll(() => rmSync(folder, { recursive: true }));

function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

async function script(shell: string): Promise<string> {
  const path = join(folder, `completion.${shell}`);
  writeFileSync(path, (await runCli(['completion', shell])).out);
  return path;
}

describe('completion in the shells', () => {
  test.each(['bash', 'zsh', 'fish'].filter(has))('%s reads its script without complaint', async (shell) => {
    const { status, stderr } = spawnSync(shell, ['-n', await script(shell)], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  test.skipIf(!has('bash'))('bash completes commands, options of the command alone, choices, and files', async () => {
    writeFileSync(join(folder, 'capture.pcap'), '');
    writeFileSync(join(folder, 'trial 1.log'), '');
    const complete = async (...words: string[]): Promise<string[]> => {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const run = `cd ${folder}; source ${await script('bash')}; COMP_WORDS=(whohungup ${quoted}); COMP_CWORD=${words.length}; _whohungup; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', run], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter((word) => word !== '');
    };
    expect(await complete('tra')).toEqual(['transcript', 'trace']);
    for (const before of [
      ['-q'],
      ['--mid', '3'],
      ['--format', '=', 'json'],
      ['--at', 'client', '=', 'capture.pcap'],
      ['--since', '2026-11-21T17', ':', '54'],
    ]) {
      expect(await complete(...before, 'tra')).toEqual(['transcript', 'trace']);
      expect(await complete(...before, 'messages', '--und')).toEqual(['--undelivered']);
    }
    expect(await complete('capture.pcap', 'tr')).toEqual(['trial 1.log']);
    expect(await complete('--', 'tr')).toEqual(['trial 1.log']);
    expect(await complete('--mid', '')).toEqual([]);
    expect(await complete('--format', '=', 'nd')).toEqual(['ndjson']);
    expect(await complete('--at', 'client', '=', 'cap')).toEqual(['capture.pcap']);
    expect(await complete('-q', 'explain', 'rst-hops-d')).toEqual(['rst-hops-differ']);
    expect(await complete('demo', 'firewall-reset-')).toEqual(['firewall-reset-two-points']);
    expect(await complete('help', 'mess')).toEqual(['messages']);
    expect(await complete('extract', '--r')).toEqual(['--recipient', '--raw']);
    expect(await complete('transcript', '--ra')).toEqual([]);
    expect(await complete('x', '--format', 'n')).toEqual(['ndjson']);
    expect(await complete('extract', 'cap')).toEqual(['capture.pcap']);
  });

  test.skipIf(!has('fish'))('fish offers commands and options', async () => {
    const run = `source ${await script('fish')}; complete -C 'whohungup comp'; complete -C 'whohungup extract --ra'`;
    const { stdout } = spawnSync('fish', ['-c', run], { encoding: 'utf8' });
    for (const word of ['compare', 'completion', '--raw']) expect(stdout).toContain(word);
  });

  test.skipIf(!has('fish'))('fish finds a command behind options', async () => {
    const path = await script('fish');
    const complete = (line: string): string[] =>
      spawnSync('fish', ['-c', `cd ${folder}; source ${path}; complete -C '${line}'`], { encoding: 'utf8' })
        .stdout.split('\n')
        .map((offer) => offer.split('\t')[0] ?? '')
        .filter((word) => word !== '' && !word.includes('.'));
    for (const before of ['-q', '--mid 3', '--at client=capture.pcap']) {
      expect(complete(`whohungup ${before} trac`)).toEqual(['trace']);
      expect(complete(`whohungup ${before} messages --und`)).toEqual(['--undelivered']);
    }
    expect(complete('whohungup trace --ra')).toEqual([]);
    expect(complete('whohungup capture.pcap trac')).toEqual([]);
    expect(complete('whohungup --mid ')).toEqual([]);
  });

  test.skipIf(!has('zsh'))('zsh finds a command behind options', async () => {
    const path = await script('zsh');
    const offers = (...words: string[]): string => {
      const stubs = 'compdef() {}; _files() {}; _describe() { print commands }; _arguments() { print $command: $words }';
      const quoted = ['whohungup', ...words].map((word) => `'${word}'`).join(' ');
      return spawnSync('zsh', ['-f', '-c', `${stubs}; source ${path}; words=(${quoted}); CURRENT=${words.length + 1}; _whohungup`], {
        encoding: 'utf8',
      }).stdout.trim();
    };
    expect(offers('tra')).toBe('commands');
    expect(offers('-q', '--mid', '3', 'tra')).toBe('commands');
    expect(offers('-q', '--mid', '3', 'trace', '--qu')).toBe('trace: whohungup -q --mid 3 --qu');
    expect(offers('--mid', '')).toBe(': whohungup --mid');
    expect(offers('a.pcap', 'tra')).toBe('diagnose: whohungup a.pcap tra');
    expect(offers('--', 'tra')).toBe('diagnose: whohungup -- tra');
  });
});

describe.skipIf(!has('groff'))('the manual page', () => {
  test('is formatted without a warning', () => {
    const page = fileURLToPath(new URL('../../man/whohungup.1', import.meta.url));
    const { stderr, stdout } = spawnSync('groff', ['-man', '-ww', '-Tutf8', page], { encoding: 'utf8' });
    expect(stderr).toBe('');
    // oxlint-disable-next-line no-control-regex -- how a terminal overprints
    expect(stdout.replace(/.\u0008/g, '')).toContain('EXIT STATUS');
  });
});

import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { closest } from '../../src/cli/closest.ts';
import { COMMANDS, OPTIONS, OTHER_COMMANDS } from '../../src/cli/option-table.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { sampleAnalysis } from '../render/sample-report.ts';
import { runCli } from './fake-io.ts';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

describe('the pager', () => {
  const screen = { outIsTerminal: true, pager: true } as const;

  test('shows what is longer than the terminal, whole and in order', async () => {
    const { out } = await runCli(['x'], { ...screen, rows: 5 });
    const plain = await runCli(['x'], { outIsTerminal: true });
    expect(out).toBe(`[pager]${plain.out}[/pager]`);
  });

  test.each([
    ['text that fits', ['x'], { ...screen, rows: 5000 }],
    ['--no-pager', ['x', '--no-pager'], { ...screen, rows: 5 }],
    ['a pipe', ['x'], { pager: true, rows: 5 }],
    ['JSON', ['x', '--json'], { ...screen, rows: 5 }],
    ['none installed', ['x'], { outIsTerminal: true, rows: 5 }],
  ])('%s: no pager, and nothing is missing', async (_, argv, setting) => {
    const { out, status } = await runCli(argv, setting);
    expect(status).toBe(0);
    expect(out).not.toContain('[pager]');
    expect(out).toContain('10293');
  });

  test('pages of the manual are paged, too', async () => {
    expect((await runCli(['explain', 'rst'], { ...screen, rows: 5 })).out).toMatch(/^\[pager\]/);
  });

  test.each([
    ['SIGINT', 0, ''],
    ['SIGTERM', 130, 'whohungup: interrupted\n'],
  ] as const)('%s while it is open: status %i', async (pagerGets, expected, said) => {
    const { status, err } = await runCli(['x'], { ...screen, rows: 5, pagerGets });
    expect([status, err]).toEqual([expected, said]);
  });
});

test('runs that are over leave no listener behind', async () => {
  const kept: number[] = [];
  await runCli(['demo'], {
    analyze: (request) => {
      kept.push(request.signal ? getEventListeners(request.signal, 'abort').length : 0);
      return Promise.resolve(sampleAnalysis({}));
    },
  });
  expect(kept.length).toBeGreaterThan(8);
  expect(Math.max(...kept)).toBeLessThan(2);
});

test.each(['extract', 'share'])('%s of inputs in which nothing was interrupted says so', async (command) => {
  const { report } = sampleAnalysis({});
  const calm = report.sessions.map((session) => ({ ...session, impact: 'none' as const, verdict: { ...session.verdict, cause: 'completed' as const } }));
  const { out, err } = await runCli([command, 'x'], { analysis: { report: { ...report, sessions: calm } } });
  expect(out).toBe('');
  expect(err).toMatch(/no session was interrupted, so that nothing was written\n.*--all/);
});

describe('did you mean', () => {
  test.each([
    ['trnscript', 'transcript'],
    ['tarce', 'trace'],
    ['extrac', 'extract'],
    ['mail', null],
    ['report', 'report'],
  ])('%s: %s', (word, meant) =>
    expect(
      closest(
        word,
        COMMANDS.map(({ name }) => name),
      ),
    ).toBe(meant),
  );

  test('a command with a slip, taken for a file that does not exist', async () => {
    const { err, status } = await runCli(['trnscript'], { analyze });
    expect(status).toBe(3);
    expect(err).toMatch(/no such file\n {2}did you mean the command transcript\?/);
  });

  test.each([
    [['x', '--icdi', '3'], /--icid/],
    [['demo', 'firewal-reset'], /did you mean firewall-reset\?/],
    [['completion', 'tcsh'], /one of: bash, zsh, fish/],
    [['help', 'trac'], /there is no command trac\n {2}did you mean trace\?/],
    [['extract', 'x', '--json'], /extract has no option --json\n {2}it belongs to: diagnose, transcript,.* see: whohungup extract --help/],
    [['x', '--raw'], /diagnose has no option --raw\n {2}it belongs to: extract;/],
    [['x', '-o', '--json'], /-o: its value is missing before --json\n {2}if --json is the value: --output=--json/],
    [['x', '--sender', '-q'], /--sender: its value is missing before -q/],
    [['x', '--log-tz', '--', 'y'], /--log-tz: its value is missing before --/],
    [['extract', 'x', '-o', '-'], /extract writes more than one file/],
    [['x', '--since', '2026-11-21', '--until', '2026-11-20'], /--since 2026-11-21 is later than --until 2026-11-20/],
    [['x', ''], /the name of an input is empty/],
  ])('%j', async (argv, expected) => {
    const { err, status } = await runCli(argv);
    expect(status).toBe(2);
    expect(err).toMatch(expected);
  });
});

describe('a command behind options', () => {
  const of = (argv: readonly string[]): unknown => {
    const parsed = parseCommandLine(argv, '1.2.3');
    return 'invocation' in parsed ? [parsed.invocation.command, ...parsed.invocation.request.inputs.map(({ path }) => path)] : parsed;
  };

  test.each([
    [
      ['-q', 'trace', 'a.log'],
      ['trace', 'a.log'],
    ],
    [
      ['--mid', '3', '--json', 'trace', 'a.log'],
      ['trace', 'a.log'],
    ],
    [
      ['--mid', '3', 'a.log', 'trace'],
      ['diagnose', 'a.log', 'trace'],
    ],
    [
      ['--subject', 'trace', 'a.log'],
      ['diagnose', 'a.log'],
    ],
    [
      ['-j', '2', '--color=never', 'diagnose', 'trace'],
      ['diagnose', 'trace'],
    ],
    [
      ['-q', '--', 'trace'],
      ['diagnose', 'trace'],
    ],
    [
      ['--', 'trace'],
      ['diagnose', 'trace'],
    ],
    [
      ['-', 'trace'],
      ['diagnose', '-', 'trace'],
    ],
    [['-V', 'trace'], { text: '1.2.3\n' }],
  ])('%j', (argv, expected) => expect(of(argv)).toEqual(expected));

  test('its own options are its own', () => {
    expect(of(['--aborted', 'messages', 'a.log'])).toEqual(['messages', 'a.log']);
    expect(() => of(['--aborted', 'diagnose', 'a.log'])).toThrow(/diagnose has no option --aborted/);
  });
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('%s knows every command, option and choice', async (shell) => {
    const { out, status } = await runCli(['completion', shell]);
    expect(status).toBe(0);
    for (const { name } of [...COMMANDS, ...OTHER_COMMANDS]) expect(out).toContain(name);
    for (const { flags, choices } of OPTIONS) {
      const long = /--([\w-]+)/.exec(flags)?.[1] ?? '';
      expect(out).toContain(shell === 'fish' ? `-l ${long}` : `--${long}`);
      for (const choice of choices ?? []) expect(out).toContain(choice);
    }
  });
});

describe('help', () => {
  test('every command has an example of its own, which the command line understands', async () => {
    for (const { name, example } of [...COMMANDS, ...OTHER_COMMANDS]) {
      const { out, status } = await runCli([name, '--help']);
      expect([name, status, out.includes(example)]).toEqual([name, 0, true]);
    }
  });

  test('the manual page that ships is the one that the program writes', async () => {
    const { out } = await runCli(['manual']);
    expect(out).toBe(readFileSync(new URL('../../man/whohungup.1', import.meta.url), 'utf8'));
    expect(out).toContain(`whohungup ${manifest.version.replaceAll('-', '\\-')}`);
  });
});

describe('the demonstration', () => {
  test('tells the story of a shipped incident and runs the commands of its README', async () => {
    const { out, status, err } = await runCli(['demo', 'firewall-reset'], { analyze });
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/^A firewall resets the connection\n/);
    expect(out).toMatch(/\$ whohungup transcript samples\/firewall-reset --icid 2335 --with-verdict/);
    expect(out).toMatch(/rst by middlebox/);
  });

  test('without a name all of them, in the order of their list', async () => {
    const { out, status } = await runCli(['demo'], { analyze });
    const titles = ['The client closes after RCPT', 'A firewall resets the connection', 'A firewall resets the client only'];
    const places = titles.map((title) => out.indexOf(title));
    expect(status).toBe(0);
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});

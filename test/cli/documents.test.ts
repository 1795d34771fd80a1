import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXIT_HELP, LESSON } from '../../src/cli/help.ts';
import { parseCommandLine } from '../../src/cli/program.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const COMMANDS = ['transcript', 'trace', 'messages', 'connections', 'compare', 'verify', 'explain', 'report', 'extract', 'share', 'demo'];

/** The lines of a text that are commands, without comments, pipes and the words beside them. */
function commandsIn(text: string): string[][] {
  return text
    .split('\n')
    .flatMap((line) => /^ {2,}(?:ssh .* \| )?whohungup (.*)$/.exec(line)?.[1] ?? [])
    .map((line) => (/^(.*?)(?: {2,}| \| jq .*$|$)/.exec(line)?.[1] ?? '').trim().split(' '));
}

const DOCUMENTS: readonly (readonly [name: string, text: string])[] = [
  ['README.md', read('README.md')],
  ['samples/README.md', read('samples/README.md')],
  ['samples/firewall-reset-two-points/README.md', read('samples/firewall-reset-two-points/README.md')],
  ['--help', LESSON],
];

test.each(DOCUMENTS)('every command line of %s is one', (_, text) => {
  const lines = commandsIn(text);
  expect(lines.length).toBeGreaterThan(1);
  for (const argv of lines) expect(parseCommandLine(argv, '0'), argv.join(' ')).not.toHaveProperty('text');
});

describe.each(COMMANDS)('%s', (command) => {
  test.each(DOCUMENTS.filter(([name]) => !name.includes('two-points')))('has an example in %s', (_, text) => {
    expect(commandsIn(text).map(([first]) => first)).toContain(command);
  });

  test('is in the change log', () => {
    expect(read('CHANGELOG.md')).toContain(`\`whohungup ${command}\``);
  });
});

test('README and --help name the same exit statuses', () => {
  const statuses = (text: string): string[] => [...text.matchAll(/(?:^|[\s:;,])(\d+) (?!minutes)/g)].map((match) => match[1] ?? '');
  const readme = /^Exit status: .*$/m.exec(read('README.md'))?.[0] ?? '';
  expect(statuses(readme)).toEqual(statuses(EXIT_HELP));
  expect(statuses(readme)).toEqual(['0', '1', '2', '3', '4', '5', '70', '74', '130']);
});

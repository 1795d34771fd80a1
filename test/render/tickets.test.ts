import { describe, expect, test } from 'vitest';
import { renderCsv, renderMarkdown } from '../../src/render/index.ts';
import { runCli } from '../cli/fake-io.ts';
import { sampleReport } from './sample-report.ts';

function reportSaying(statement: string): ReturnType<typeof sampleReport> {
  const report = sampleReport();
  return { ...report, sessions: report.sessions.map((session) => ({ ...session, id: statement, verdict: { ...session.verdict, statement } })) };
}

describe('the session list as CSV', () => {
  test.each(['=cmd()', '+1', '-1', '@SUM(A1)', '  =1', '\uff1d1'])('a text that a spreadsheet would take for a formula stays text: %s', (text) => {
    const [, line = ''] = [...renderCsv(reportSaying(text))];
    expect(line).toMatch(/^"'/);
    expect(line).toMatch(/"'[^"]*"\r\n$/);
  });

  test.each(['\t=cmd()', '\r@SUM(A1)', '\n+1', '\u00a0=1', '\u2003-1'])('nor does it begin with what a spreadsheet passes over before one: %j', (text) => {
    const [, line = ''] = [...renderCsv(reportSaying(text))];
    expect(line).toMatch(/^"(?:\\[trn]|'|\\u)/);
  });

  test('quotes are doubled, line ends and control characters are shown, every line has as many cells as the head', () => {
    const lines = [...renderCsv(reportSaying('a "b",\r\n\u001b[31m'))];
    expect(lines[1]).toContain('"a ""b"",\\r\\n\\x1b[31m"');
    const cells = (line: string): number => line.replace(/"(?:[^"]|"")*"/g, 'x').split(',').length;
    expect(new Set(lines.map(cells)).size).toBe(1);
  });
});

test.each([
  ['verdict.pdf', 'verdict.pdf would be no .pdf file'],
  ['evidence.pcapng', 'packets are written by whohungup extract'],
])('what cannot be written is not written under its name: %s', async (file, says) => {
  const { status, err, files } = await runCli(['x', '-o', file]);
  expect([status, files.size]).toEqual([2, 0]);
  expect(err).toContain(says);
  expect((await runCli(['x', '-o', file, '--format', 'md'])).files.get(file)?.toString()).toMatch(/^# Who hung up/);
});

describe('a ticket in Markdown', () => {
  test.each([
    ['<b>x</b>', '\\<b\\>x\\</b\\>'],
    ['[x](http://evil.example)', '\\[x\\](http\\://evil.example)'],
    ['@all see www.evil.example', '\\@all see www\\.evil.example'],
    ['`code` *bold* _it_ ~no~ |', '\\`code\\` \\*bold\\* \\_it\\_ \\~no\\~ \\|'],
    ['line\n# heading', 'line\\\\n# heading'],
  ])('shows %j as it is', (text, shown) => {
    expect([...renderMarkdown(reportSaying(text), () => null, true)].join('')).toContain(`**${shown}**`);
  });

  test('a list item is not turned into another list or heading', () => {
    const report = sampleReport();
    const text = [...renderMarkdown({ ...report, caveats: ['# big', '1. one', '- dash'] }, () => null, true)].join('');
    for (const line of ['- \\# big', '- 1\\. one', '- \\- dash']) expect(text).toContain(`${line}\n`);
  });

  test('nothing ends a block early: its fence is longer than any run of its own', () => {
    const report = sampleReport();
    const sessions = report.sessions.map((session) => ({ ...session, nextCapture: [{ where: 'x', why: 'y', command: 'a ``` b ```` c' }] }));
    expect([...renderMarkdown({ ...report, sessions }, () => null, true)].join('')).toContain('`````\na ``` b ```` c\n`````\n');
  });
});

describe('the form of the answer', () => {
  test.each([
    ['v.md', /^# Who hung up/],
    ['v.csv', /^id,direction,/],
    ['v.json', /^\{\n"schemaVersion"/],
    ['v.ndjson', /^\{"type":"input"/],
    ['v.html', /^<!DOCTYPE html>/],
    ['v.txt', /^What was read/],
  ])('the ending of %s tells it', async (file, begins) => {
    const { files, status } = await runCli(['x', '-o', file]);
    expect(status).toBe(0);
    expect(files.get(file)?.toString()).toMatch(begins);
  });

  test('an option is stronger than an ending, and a file gets no colours of the terminal', async () => {
    const { files, out } = await runCli(['x', '-o', 'v.json', '--format', 'text'], { outIsTerminal: true });
    expect(out).toBe('');
    expect(files.get('v.json')?.toString()).toMatch(/^What was read/);
    expect(files.get('v.json')?.includes('\u001b')).toBe(false);
  });

  test.each([
    [['transcript', 'x', '-o', 'v.csv'], /transcript has no form csv/],
    [['x', '--json', '--csv'], /cannot be used with/],
    [['x', '--format', 'docx'], /choices|Allowed/],
  ])('%j: told as wrong usage', async (argv, says) => {
    const { status, err } = await runCli(argv);
    expect(status).toBe(2);
    expect(err).toMatch(says);
  });
});

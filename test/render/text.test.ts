import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type TextStyle,
  paletteFor,
  refStyleOf,
  renderNdjson,
  renderText,
  renderTranscript,
  renderVerificationText,
  wantsColour,
} from '../../src/render/index.ts';
import { displayFilter } from '../../src/render/display-filter.ts';
import { escapeText, toSafeJson } from '../../src/render/escape.ts';
import { showPackets } from '../../src/render/refs.ts';
import { MAX_TABLE_ROWS, renderTable } from '../../src/render/table.ts';
import { displayWidth, wrapText } from '../../src/render/width.ts';
import type { Report } from '../../src/model/report.ts';
import { completedSession, sampleReport, sampleSession, sampleTranscript } from './sample-report.ts';

const plain = (width: number): TextStyle => ({ width, palette: paletteFor(false) });
const join = (pieces: Iterable<string>): string => [...pieces].join('');
const refs = (...numbers: number[]) => numbers.map((number) => ({ input: 0, number }));
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** A copy in which every text is replaced. */
function poison<T>(value: T, text: string): T {
  const walk = (member: unknown): unknown => {
    if (typeof member === 'string') return text;
    if (Array.isArray(member)) return member.map(walk);
    if (typeof member !== 'object' || member === null) return member;
    return Object.fromEntries(Object.entries(member).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value) as T;
}

describe('the report for people', () => {
  const text = join(renderText(sampleReport(), plain(120), false));

  test('tells who, what, how sure and by which packets', () => {
    expect(text).toContain('A box in between reset the session after RCPT');
    expect(text).toContain('rst by middlebox, at stage rcpt');
    expect(text).toContain('strong (what ended it: proven; who did: strong)');
    expect(text).toContain('The client goes on sending after the RST (#13, #14, #16)');
    expect(text).toContain('The log has the connection lost (log line 12)');
    expect(text).toContain("tcpdump -i eth0 -s 0 -w client.pcap 'host 192.0.2.25'");
    expect(text).toContain('ip.addr == 198.51.100.147 && ip.addr == 192.0.2.25 && tcp.port == 60846 && tcp.port == 25\n');
  });

  test('shows the interrupted session first and the completed one only in the table', () => {
    expect(text.indexOf('ICID 10293')).toBeLessThan(text.indexOf('ICID 10294'));
    expect(text.split('ICID 10294')).toHaveLength(2);
    expect(text).toContain('1 session ended well: --all shows it in full too.');
    expect(join(renderText(sampleReport(), plain(120), true)).split('ICID 10294')).toHaveLength(3);
  });

  test('names inputs by number where several captures could be meant', () => {
    const inputs = [...sampleReport().inputs, ...sampleReport().inputs];
    expect(join(renderText(sampleReport({ inputs }), plain(120), false))).toContain('([0]#13, #14, [0]#16)');
  });

  test('bounds the display filter in time where ports were used again', () => {
    const reused = sampleReport({ sessions: [sampleSession(), sampleSession({ id: 'later', icid: 10300 })] });
    expect(join(renderText(reused, plain(120), false))).toContain('frame.time_epoch >= 1795283661.057155 && frame.time_epoch <= 1795283697.562434');
    expect(displayFilter(completedSession(), true)).toBeNull();
  });

  test('names the first transactions of many, those that failed before all others', () => {
    const transactions = Array.from({ length: 300 }, (_, at) => ({
      mid: 2000 + at,
      outcome: at === 290 ? ('aborted' as const) : ('accepted' as const),
      stage: 'data-end' as const,
      recipients: 1,
      octets: null,
    }));
    const told = join(renderText(sampleReport({ sessions: [sampleSession({ transactions })] }), plain(120), false)).replaceAll(/\s+/g, ' ');
    expect(told).toContain('; MID 2290 aborted at data-end (1 recipient); MID 2000 accepted');
    expect(told).toContain('; MID 2018 accepted at data-end (1 recipient); … and 280 more in --json');
    expect(told).not.toContain('MID 2019');
  });

  test('stops a long table and says how many are left and how to narrow', () => {
    const sessions = Array.from({ length: MAX_TABLE_ROWS + 17 }, (_, index) => ({ ...completedSession(), id: `s${index}` }));
    const long = join(renderText(sampleReport({ sessions }), plain(120), false));
    expect(long).toContain('and 17 more. Narrow with --client');
    expect(long.split('\n').length).toBeLessThan(MAX_TABLE_ROWS * 2 + 40);
  });

  test.each([80, 120, 200])('fits into %i columns, but for what must be copied whole', (width) => {
    const copied = /^ {4,}(ip\.addr|tcpdump)/;
    for (const line of join(renderText(sampleReport(), plain(width), true)).split('\n'))
      if (!copied.test(line)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    for (const line of join(renderTranscript(sampleTranscript(), refStyleOf(sampleReport()), plain(width))).split('\n')) {
      expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }
  });
});

describe('a table', () => {
  const columns = [
    { head: 'one', least: 4 },
    { head: 'two', least: 6, colour: (text: string) => (text === '' ? '' : `<${text}>`) },
  ];

  test('cells are wrapped, filled by the columns that they take, and coloured without being wider', () => {
    expect(
      renderTable(
        columns,
        [
          ['漢字 b', 'first second'],
          ['c', ''],
        ],
        16,
      ),
    ).toEqual(['one     two', '------  --------', '漢字 b  <first>', '        <second>', 'c']);
  });

  test('a word of a hundred thousand letters is only long', () => {
    const lines = renderTable(columns, [['x', 'A'.repeat(100_000)]], 60);
    expect(lines.join('').replace(/[^A]/g, '')).toHaveLength(100_000);
    expect(lines.length).toBeLessThan(3000);
  });
});

describe('the transcript', () => {
  test.each([80, 120, 200])('at %i columns', (width) => {
    expect(join(renderTranscript(sampleTranscript(), refStyleOf(sampleReport()), plain(width)))).toMatchSnapshot();
  });

  test('marks the end in words without any colour', () => {
    const text = join(renderTranscript(sampleTranscript(), refStyleOf(sampleReport()), plain(120)));
    expect(text).toContain('<== ended here: a RST that the client did not send\n');
    expect(text.indexOf('came after the end')).toBeGreaterThan(text.indexOf('<== ended here'));
  });
});

describe('hostile text', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '\u001b]0;owned\u0007',
      '\u009b2J',
      '\u202egnp.exe',
      'a\u2066b\u2069',
      '\ud800',
      '\u200b',
      '\u2028',
      '\u061c',
      'x\r\ny',
      '\u{e0041}',
      '日本語テキスト',
      '👍🏽e\u0301',
    ),
  );

  test('no control character, mark or separator of an input reaches the output, and nothing is wider than the terminal', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(80, 120, 200), (bad, width) => {
        const poisoned = poison(sampleReport(), bad);
        // Our own word, never an input's.
        const report: Report = { ...poisoned, sessions: poisoned.sessions.map((session) => ({ ...session, impact: 'unknown' })) };
        const style = plain(width);
        const naming = refStyleOf(report);
        const transcript = join(renderTranscript(poison(sampleTranscript(), bad), naming, style));
        const verification = {
          inputs: [{ input: 0, path: bad, format: bad, applicable: false, why: bad }],
          verdicts: [
            {
              session: bad,
              icid: null,
              dcid: null,
              cause: 'rst' as const,
              actor: 'client' as const,
              result: 'different' as const,
              packets: [{ input: 0, number: 1, result: 'different' as const, octets: 1, why: bad }],
            },
          ],
          packets: { same: 0, different: 1, notApplicable: 0 },
        };
        const outputs = [join(renderText(report, style, true)), transcript, join(renderVerificationText(verification, report.inputs, naming, style))];
        for (const line of [...outputs, join(renderNdjson(report, 0))].join('').split('\n')) expect(line).not.toMatch(HARMFUL);
        for (const line of transcript.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: 150 },
    );
  });

  test('escapes are readable and name the character', () => {
    expect(escapeText('a\u001b[31m\u202e\u{e0041}\ud800\n')).toBe('a\\x1b[31m\\u202e\\u{e0041}\\ud800\\n');
  });

  test('JSON keeps the value while a terminal sees only escapes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const json = toSafeJson({ text });
        expect(json).not.toMatch(HARMFUL);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });

  test('wrapping loses no character but blanks and keeps to the width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }).map(escapeText), fc.integer({ min: 4, max: 40 }), (text, width) => {
        const lines = wrapText(text, width);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
      }),
    );
  });
});

test('wide characters fill two columns, combining ones none', () => {
  expect(displayWidth('日本')).toBe(4);
  expect(displayWidth('👍')).toBe(2);
  expect(displayWidth('e\u0301')).toBe(1);
});

test('runs of packets are joined and long lists cut short', () => {
  const style = { manyCaptures: false, manyLogs: false };
  expect(showPackets(refs(1, 2, 3, 7), style)).toBe('#1-#3, #7');
  expect(showPackets(refs(1, 3, 5, 7, 9, 11, 13, 15), style)).toBe('#1, #3, #5, #7, #9, #11 and 2 more');
});

describe('colour', () => {
  test.each([
    ['auto', {}, true, true],
    ['auto', {}, false, false],
    ['auto', { TERM: 'dumb' }, true, false],
    ['auto', { NO_COLOR: '1' }, true, false],
    ['auto', { NO_COLOR: '' }, true, true],
    ['auto', { FORCE_COLOR: '1' }, false, true],
    ['auto', { FORCE_COLOR: '0' }, true, false],
    ['auto', { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
    ['always', { NO_COLOR: '1' }, false, true],
    ['never', { FORCE_COLOR: '1' }, true, false],
  ] as const)('%s with %j, terminal %s: %s', (mode, env, isTerminal, wanted) => {
    expect(wantsColour(mode, env, isTerminal)).toBe(wanted);
  });

  test('without colour no escape sequence is written, with it only those of colours', () => {
    expect(join(renderText(sampleReport(), plain(120), true))).not.toContain('\u001b');
    const coloured = join(renderText(sampleReport(), { width: 120, palette: paletteFor(true) }, true));
    expect(coloured).toContain('\u001b[31m');
    // oxlint-disable-next-line no-control-regex -- colours are what is looked for
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(join(renderText(sampleReport(), plain(120), true)));
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entryOfHot } from '../../src/maillog/hot-entries.ts';
import { HotLine } from '../../src/maillog/hot-line.ts';
import { recognise } from '../../src/maillog/hot-shapes.ts';
import { LOG_PATTERNS, readLogs } from '../../src/maillog/index.ts';
import { matchText } from '../../src/maillog/patterns/index.ts';
import { outline, SAMPLE_LOG } from './sample-log.ts';
import { textSource } from './sources.ts';

const FURTHER = [
  'MID 1404 ICID 48213 To: <nobody@example.com> Rejected by RAT Rejected by RAT',
  "MID 1404 Subject 'caf\\xc3\\xa9 \\'x\\''",
  "MID 1404 RID [0, 12] Response '2.0.0 Ok\\r\\nqueued'",
  "MID 1404 RID [0] Response '5.7.0 AUTH PLAIN dGVzdAB0ZXN0 rejected'",
  'MID 1404 SDR: Domains for which SDR is requested: reverse DNS host: a, b, helo: c, helo: d,e, env-from: f',
  'MID 1404 SDR: Domains for which SDR is requested: reverse DNS host: a, helo: mx7.example.net',
  'ICID 7 REJECT SG BLOCKED match sbrs[-10.0:-3.0] SBRS not enabled country Viet Nam',
  'ICID 7 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384',
  'DCID 7 TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 for partner.example',
  'New SMTP ICID 9 interface Data 1 (2001:db8::25) address 2001:DB8:0::1 reverse dns host mx.example.net verified no',
  'New SMTP DCID 9 interface 2001:db8::25 address 2001:DB8:0::2 port 25',
  'Message done DCID 165 MID 1404 to RID [0, 1, 2]',
  "Message done DCID 165 MID 1404 to RID [0, 1] [('subject', 'Re: [x] it\\'s'), ('from', 'a@example.com')]",
  "MID 1404 RID  [0, 1, 2] Response 'CRR09734 accepted for delivery'",
  'ICID 7 ACCEPT SG GOOD match 192.0.2.0/24',
  'ICID 7 ACCEPT SG GOOD match SBRS',
  'Start MID 999999999999999 ICID 0',
  'Start MID 9999999999999999 ICID 0',
];
const lines = [...LOG_PATTERNS.flatMap((pattern) => pattern.samples.map(({ line }) => line)), ...SAMPLE_LOG.map((line) => line.slice(31)), ...FURTHER];

function quickEntry(octets: Buffer, from: number, to: number): unknown {
  const hot = new HotLine();
  const kind = recognise(new DataView(octets.buffer, octets.byteOffset, octets.length), from, to, hot);
  return kind === null ? null : entryOfHot(kind, octets, hot);
}

/** The quick reader stands in for the table, so it may refuse but never differ. */
function expectSame(line: string): void {
  const quick = quickEntry(Buffer.from(line, 'latin1'), 0, line.length);
  if (quick !== null) expect(quick, line).toEqual(matchText(line)?.entry);
  const within = quickEntry(Buffer.from(`junk ${line} junk`, 'latin1'), 5, 5 + line.length);
  expect(within, line).toEqual(quick);
}

const characters = ' \t()[]<>:\'"\\0159.aZ,-{\u007f\u0001'.split('');
const place = fc.nat();
const change = fc.record({ place, cut: fc.nat({ max: 2 }), character: fc.constantFrom(...characters) });

function changed(line: string, { place: at, cut, character }: { place: number; cut: number; character: string }): string {
  const from = at % (line.length + 1);
  return line.slice(0, from) + (cut < 2 ? character : '') + line.slice(from + Math.min(cut, 1));
}

describe('shapes read by hand', () => {
  test('give what the table gives', () => {
    for (const line of lines) expectSame(line);
  });

  test('also when a character is lost, added or changed', () => {
    const property = fc.property(fc.constantFrom(...lines), change, (line, edit) => expectSame(changed(line, edit).trim()));
    fc.assert(property, { numRuns: 8000 });
  });

  test('also cut short anywhere', () => {
    for (const line of lines) for (let length = 0; length < line.length; length++) expectSame(line.slice(0, length).trim());
  });

  test('cover the bulk of a log', () => {
    const known = SAMPLE_LOG.filter((line) => quickEntry(Buffer.from(line), 31, line.length) !== null);
    expect(known.length / SAMPLE_LOG.length).toBeGreaterThan(0.75);
  });

  test('leave a text that may show credentials to the table', () => {
    const line = "MID 1404 RID [0] Response '5.7.0 AUTH PLAIN dGVzdAB0ZXN0 rejected'";
    expect(quickEntry(Buffer.from(line), 0, line.length)).toBeNull();
  });
});

describe('heads known from lines before', () => {
  const clock = (text: string) => `Tue Mar  3 10:00:00 2026 Info:${text}`;

  test('are not taken from a line without text', async () => {
    const log = await readLogs([textSource([clock(''), clock('<ICID 5 close'), clock(' ICID 5 close')].join('\n'))]);
    expect(log.injections.map(({ lines }) => lines.map(({ text }) => text))).toEqual([['ICID 5 close']]);
  });

  test.each(['10:00:6x', '10:0a:01', '25:00:01', '10-00:01', '10:00'])('a time such as %s begins no entry', async (time) => {
    const bad = clock(' ICID 6 close').replace('10:00:00', time);
    const log = await readLogs([textSource([clock(' ICID 5 lost'), bad, clock(' ICID 5 close')].join('\n'))]);
    expect(log.injections.map(({ icid, lines }) => [icid, lines.length])).toEqual([[5, 2]]);
  });

  test('another day, level, host or zone is another head', async () => {
    const lines = [
      'Tue Mar  3 10:00:00 2026 Info: ICID 5 lost',
      'Wed Mar  4 10:00:00 2026 Warning: ICID 5 close',
      '2026-03-05T10:00:00.123+01:00 esa1 mail_logs: Info: ICID 7 lost',
      '2026-03-05T10:00:09.987+01:00 esa2 mail_logs: Info: ICID 7 close',
      '2026-03-05T10:00:09.98+01:00 esa1 mail_logs: Info: ICID 7 close',
    ];
    const log = await readLogs([textSource(lines.join('\n'))]);
    const seconds = [...log.injections].flatMap((one) => one.lines.map(({ atUs }) => `${one.appliance} ${new Date(atUs / 1000).toISOString()}`));
    expect(seconds.toSorted()).toEqual([
      ' 2026-03-03T10:00:00.000Z',
      ' 2026-03-04T10:00:00.000Z',
      'esa1 2026-03-05T10:00:00.000Z',
      'esa1 2026-03-05T10:00:09.000Z',
      'esa2 2026-03-05T10:00:09.000Z',
    ]);
  });
});

describe('the quick way and the slow way give the same log', () => {
  const heads: Record<string, (text: string, second: number) => string> = {
    file: (text, second) => `Tue Mar  3 10:00:${String(second).padStart(2, '0')} 2026 Info: ${text}`,
    syslog: (text, second) => `<166>Mar  3 10:00:${String(second).padStart(2, '0')} esa1 mail_logs: Info: ${text}`,
    'syslog with parts of a second': (text, second) => `2026-03-03T10:00:${String(second).padStart(2, '0')}.${second}00+01:00 esa1 mail_logs: Info: ${text}`,
    'two stamps': (text, second) => `<22>Mar  3 11:00:59 relay esa: Tue Mar  3 10:00:${String(second).padStart(2, '0')} 2026 Warning: ${text}`,
  };
  /** A pager's prompt has every line of a block read the long way. */
  const DIRT = '-Press Any Key For More-\n';
  const parts = fc.array(
    fc.tuple(fc.constantFrom(...lines), fc.option(change), fc.nat({ max: 59 }), fc.constantFrom('\n', '\n', '\n', '\r\n', ' \n', '\n\n', '\nmore of it\n')),
    {
      minLength: 1,
      maxLength: 12,
    },
  );

  test.each(Object.entries(heads))('in the form %s', async (_, head) => {
    const property = fc.asyncProperty(parts, async (rows) => {
      const text = rows.map(([line, edit, second, newline]) => head((edit ? changed(line, edit) : line).trim(), second) + newline).join('');
      fc.pre(!text.includes('\u0001\n') && !text.includes('\u0001\r'));
      const quick = await readLogs([textSource(`\n${text}`)], { fallbackYear: 2026 });
      const slow = await readLogs([textSource(DIRT + text)], { fallbackYear: 2026 });
      const options = { lineNumbers: true, appliance: true };
      expect(outline(quick, options)).toEqual(outline(slow, options));
      expect(quick.files[0]?.kind).toBe(slow.files[0]?.kind);
    });
    await fc.assert(property, { numRuns: 150 });
  });
});

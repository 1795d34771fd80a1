import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MailLog } from '../../src/model/maillog.ts';
import { readLogs, type ReadLogsOptions } from '../../src/maillog/index.ts';
import { outline, SAMPLE_LOG } from './sample-log.ts';
import { textSource } from './sources.ts';

const PLAIN = SAMPLE_LOG.join('\n');
const outlineOf = async (content: string | Uint8Array, options: ReadLogsOptions = {}, piece = Number.POSITIVE_INFINITY): Promise<unknown> =>
  outline(await readLogs([textSource(content, 0, piece)], options));
const withoutAppliance = async (content: string | Uint8Array, options: ReadLogsOptions = {}): Promise<unknown> =>
  outline(await readLogs([textSource(content)], options), { lineNumbers: false, appliance: false });

/** Wraps between words, as mail programs and terminals with word wrap do. */
function wrapWords(line: string, columns: number): string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of line.split(' ')) {
    if (row !== '' && row.length + 1 + word.length > columns) {
      rows.push(row);
      row = word;
    } else {
      row = row === '' ? word : `${row} ${word}`;
    }
  }
  return [...rows, row];
}

const shortDay = SAMPLE_LOG.map((line) => line.replaceAll('Mar  3', 'Mar 3'));

describe('the same log in other clothes gives the same histories', () => {
  const forms: Record<string, () => string | Uint8Array> = {
    'one blank before the day': () => shortDay.join('\n'),
    CRLF: () => `${SAMPLE_LOG.join('\r\n')}\r\n`,
    'trailing blanks': () => SAMPLE_LOG.map((line) => `${line} \t`).join('\n'),
    'UTF-8 byte order mark': () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(PLAIN)]),
    'UTF-16 as PowerShell writes it': () => Buffer.from(`\ufeff${SAMPLE_LOG.join('\r\n')}\r\n`, 'utf16le'),
    'UTF-16 big endian': () => Buffer.from(`\ufeff${PLAIN}`, 'utf16le').swap16(),
    'UTF-16 without a byte order mark': () => Buffer.from(PLAIN, 'utf16le'),
    'with what a terminal puts before lines': () => SAMPLE_LOG.map((line, i) => (i % 3 === 0 ? `\u001b[2K\u001b(B\u0007${line}` : `\r${line}`)).join('\n'),
    "with the pager's prompt wiped out by backspaces": () =>
      SAMPLE_LOG.map((line, i) => (i % 20 === 19 ? `-Press Any Key For More-${'\b'.repeat(24)}${' '.repeat(24)}${'\b'.repeat(24)}${line}` : line)).join('\n'),
    'blank lines between': () => SAMPLE_LOG.join('\n\n'),
    'quoted in a mail': () => SAMPLE_LOG.map((line) => `> ${line}`).join('\n'),
    'quoted twice': () => SAMPLE_LOG.map((line) => `> > ${line}`).join('\n'),
    'in a code fence, behind a prompt': () => `Hello,\n\n\`\`\`\nesa.example.com> grep -i "" mail_logs\n${PLAIN}\nesa.example.com> \n\`\`\`\nKind regards\n`,
    'with file names before the lines, as grep writes': () => SAMPLE_LOG.map((line) => `mail.@20260303T095958.s:${line}`).join('\n'),
    'with Windows file names and line numbers': () => SAMPLE_LOG.map((line, i) => `C:\\logs\\mail logs.txt:${i + 1}:${line}`).join('\n'),
    "with the pager's prompt in between": () => SAMPLE_LOG.flatMap((line, i) => (i % 20 === 19 ? ['-Press Any Key For More-', line] : [line])).join('\n'),
    "with the pager's prompt before lines": () =>
      SAMPLE_LOG.map((line, i) => (i % 20 === 19 ? `-Press Any Key For More-\r                        \r${line}` : line)).join('\n'),
    "with the pager's prompt in the middle of lines": () =>
      SAMPLE_LOG.map((line, i) => (i % 7 === 3 ? `${line.slice(0, 40)}-Press Any Key For More-${line.slice(40)}` : line)).join('\n'),
    'with colours': () => SAMPLE_LOG.map((line) => line.replace('example', '\u001b[01;31m\u001b[Kexample\u001b[m\u001b[K')).join('\n'),
    'with the blanks of web pages in the text': () => SAMPLE_LOG.map((line) => line.replace(/(?<=Info: .*) /, '\u00a0')).join('\n'),
    'with the blanks of web pages': () => SAMPLE_LOG.map((line) => line.replace('Tue Mar', 'Tue\u00a0Mar')).join('\n'),
    'in prose': () =>
      `Bonjour,\n\nvoici le journal :\n\n${SAMPLE_LOG.slice(0, 14).join('\n')}\n\nPuis le deuxième message, qui a été livré :\n\n${SAMPLE_LOG.slice(14).join('\n')}\n\nMerci\n`,
  };
  test.each(Object.entries(forms))('%s', async (_name, deform) => {
    const expected = await outlineOf(_name === 'one blank before the day' ? PLAIN.replaceAll('till Tue Mar  3', 'till Tue Mar 3') : PLAIN);
    expect(await outlineOf(deform())).toEqual(expected);
  });

  const syslog: Record<string, (line: string) => string> = {
    'RFC 3164': (line) => `<166>${line.slice(4, 19)} esa1 mail_logs: ${line.slice(25)}`,
    'RFC 3164 with the year behind the time': (line) => `${line.slice(4, 24)} esa1 mail_logs: ${line.slice(25)}`,
    'RFC 3164 with its weekday': (line) => `${line.slice(0, 19)} esa1 mail_logs: ${line.slice(25)}`,
    'RFC 5424': (line) => `<22>1 2026-03-03T${line.slice(11, 19)}.123456+01:00 esa1 mail_logs 4711 - [meta x="a]b"] ${line.slice(25)}`,
    'ISO stamps of rsyslog': (line) => `2026-03-03T${line.slice(11, 19)}.123456+01:00 esa1 mail_logs: ${line.slice(25)}`,
    'syslog before its own stamp': (line) => `<111>Aug 10 10:00:24 esa1 esa: ${line}`,
    'syslog before a second syslog head': (line) => `<111>Aug 10 10:00:24 collector esa: ${line.slice(4, 19)}  esa1 mail_logs: ${line.slice(25)}`,
  };
  test.each(Object.entries(syslog))('%s', async (_name, deform) => {
    const log = await readLogs([textSource(SAMPLE_LOG.map(deform).join('\n'))], { fallbackYear: 2026 });
    expect(outline(log, { lineNumbers: false, appliance: false })).toEqual(await withoutAppliance(PLAIN));
    expect(log.injections.at(0)?.appliance).toBe('564D0000AAAA-BBBB0001');
    expect(log.files[0]?.format).toMatch(/syslog/);
  });

  test('without host', async () => {
    const form = SAMPLE_LOG.map((line) => `<166>${line.slice(4, 19)} mail_logs: ${line.slice(25)}`).join('\n');
    expect(await outlineOf(form, { fallbackYear: 2026 })).toEqual(await outlineOf(PLAIN));
  });
});

describe('wrapped', () => {
  const plain = SAMPLE_LOG.join('\n');

  test('at any column between words', async () => {
    const expected = await outlineOf(shortDay.join('\n'));
    const property = fc.asyncProperty(fc.integer({ min: 60, max: 200 }), fc.constantFrom('\n', '\r\n'), async (columns, newline) => {
      expect(await outlineOf(shortDay.flatMap((line) => wrapWords(line, columns)).join(newline))).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 80 });
  });

  test('with blank lines between the pieces', async () => {
    const expected = await outlineOf(shortDay.join('\n'));
    for (const columns of [60, 72, 80, 82, 100]) {
      // oxlint-disable-next-line no-await-in-loop -- one column after the other
      expect(await outlineOf(shortDay.flatMap((line) => wrapWords(line, columns)).join('\n\n')), `at ${columns}`).toEqual(expected);
    }
  });

  test('hard at the edge of a terminal, through the middle of words', async () => {
    const envelopes = ({ messages }: MailLog) => messages.map(({ mid, sender, recipients }) => [mid, sender, recipients.map(({ address }) => address)]);
    const expected = envelopes(await readLogs([textSource(PLAIN)]));
    const property = fc.asyncProperty(fc.integer({ min: 70, max: 160 }), async (columns) => {
      const rows = SAMPLE_LOG.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []);
      const log = await readLogs([textSource(rows.join('\n'))]);
      expect(log.unknown).toEqual([]);
      expect(envelopes(log)).toEqual(expected);
      expect(log.injections.map(({ icid, ends, mids }) => [icid, ends.map(({ kind }) => kind), mids])).toEqual([
        [7001, ['lost', 'close'], [9001]],
        [7002, ['close'], [9002]],
        [7003, ['rejected', 'close'], []],
        [7004, ['timeout-no-injection', 'close'], [9004]],
      ]);
      expect(log.deliveries.map(({ dcid, remoteIp }) => [dcid, remoteIp])).toEqual([
        [3001, '203.0.113.80'],
        [3002, '203.0.113.81'],
      ]);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('and quoted in a mail, in a fence broken in two', async () => {
    const rows = shortDay.flatMap((line) => wrapWords(line, 76)).map((row) => `> ${row}`);
    expect(await outlineOf([...rows.slice(0, 5), '```', '', '```', ...rows.slice(5)].join('\n'))).toEqual(await outlineOf(shortDay.join('\n')));
  });

  test('reflowed into paragraphs, so that the line ends are lost', async () => {
    const paragraph = wrapWords(shortDay.slice(0, 14).join(' '), 90).join('\n');
    const log = await readLogs([textSource(paragraph)]);
    expect(log.unknown).toEqual([]);
    expect(log.injections.map(({ icid, ends, mids }) => [icid, ends.map(({ kind }) => kind), mids])).toEqual([[7001, ['lost', 'close'], [9001]]]);
  });

  test('prose behind a complete line is not taken for its end', async () => {
    const log = await readLogs([
      textSource(
        [
          'Thu Mar  5 11:05:36 2026 Info: Message aborted MID 1404 Receiving aborted',
          '',
          'by the look of it, the firewall again.',
          'Thu Mar  5 11:06:00 2026 Info: ICID 7 RELAY SG RELAY_SG match 198.51.100.7',
          '',
          'SBRS not enabled',
          '',
          'That was all.',
        ].join('\n'),
      ),
    ]);
    expect(log.messages.at(0)?.aborted?.how).toBe('receiving');
    expect(log.injections.at(0)?.policy?.score).toBe('not enabled');
    expect(log.unknown).toEqual([]);
  });

  test('the same octets in other pieces', async () => {
    const expected = outline(await readLogs([textSource(plain)]), { lineNumbers: true, appliance: true });
    const property = fc.asyncProperty(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 400, max: 5000 }), async (piece, blockBytes) => {
      expect(outline(await readLogs([textSource(plain, 0, piece)], { blockBytes }), { lineNumbers: true, appliance: true })).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('the same from a pipe, whose octets are gone once read', async () => {
    const { reread: _, ...piped } = textSource(plain);
    const options = { lineNumbers: true, appliance: true };
    expect(outline(await readLogs([piped], { blockBytes: 1000 }), options)).toEqual(outline(await readLogs([textSource(plain)]), options));
  });

  test('an entry that blank lines part from the next one by more than a block', async () => {
    const far = shortDay.flatMap((line) => [...wrapWords(line, 80), ...Array.from({ length: 900 }, () => '')]).join('\n');
    expect(outline(await readLogs([textSource(far)], { blockBytes: 400 }))).toEqual(await outlineOf(shortDay.join('\n')));
  });

  test('a file that is gone when its lines are read again leaves the histories and says so', async () => {
    const source = { ...textSource(plain), reread: () => 0 };
    const log = await readLogs([source]);
    expect(log.injections.at(0)?.opened?.text).toBe('');
    expect(log.injections.at(0)?.peerIp).toBe('198.51.100.7');
    expect(source.anomalies.list().map(({ kind }) => kind)).toEqual(['read-error']);
  });

  test('wrapped UTF-16 in other pieces', async () => {
    const content = Buffer.from(`\ufeff${shortDay.flatMap((line) => wrapWords(line, 80)).join('\r\n')}`, 'utf16le');
    const expected = await outlineOf(shortDay.join('\n'));
    const property = fc.asyncProperty(fc.integer({ min: 1, max: 999 }), async (piece) => {
      expect(await outlineOf(content, { blockBytes: 2001 }, piece)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 20 });
  });
});

describe('years', () => {
  const night = ['Dec 31 23:59:58 esa1 mail_logs: Info: ICID 5 lost', 'Jan  1 00:00:01 esa1 mail_logs: Info: ICID 5 close'].join('\n');

  test('run on over new year', async () => {
    const log = await readLogs([textSource(night)], { fallbackYear: 2025 });
    expect(log.injections.at(0)?.lost?.atUs).toBe(Date.UTC(2025, 11, 31, 23, 59, 58) * 1000);
    expect(log.injections.at(0)?.closed?.atUs).toBe(Date.UTC(2026, 0, 1, 0, 0, 1) * 1000);
  });

  test('follow the captures where their time is known', async () => {
    const log = await readLogs([textSource(night)], { nearUs: Date.UTC(2026, 0, 1, 0, 0, 3) * 1000 });
    expect(log.injections.at(0)?.lost?.atUs).toBe(Date.UTC(2025, 11, 31, 23, 59, 58) * 1000);
  });

  test('the 29th of February finds a leap year', async () => {
    const log = await readLogs([textSource('Feb 29 12:00:00 esa1 mail_logs: Info: ICID 5 lost')], { fallbackYear: 2026 });
    expect(log.injections.at(0)?.lost?.atUs).toBe(Date.UTC(2024, 1, 29, 12) * 1000);
  });

  test('a missing year is noted', async () => {
    const source = textSource(night);
    await readLogs([source], { fallbackYear: 2025 });
    expect(source.anomalies.list().map(({ kind }) => kind)).toEqual(['year-missing']);
  });
});

const subjectLine = (subject: string, encoding: BufferEncoding): Buffer =>
  Buffer.from(`Tue Mar  3 10:00:00 2026 Info: MID ${encoding === 'utf8' ? 1 : 2} Subject '${subject}'\n`, encoding);

describe('bad input is normal', () => {
  test('random octets never throw', async () => {
    const fragment = fc.oneof(
      fc.constantFrom(...SAMPLE_LOG, '\n', '\r\n', '> ', '```', 'Tue Mar  3 10:00:01 2026 Info: ', '<22>1 ', '\u001b['),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    const property = fc.asyncProperty(fc.array(fragment, { maxLength: 30 }), fc.uint8Array({ maxLength: 60 }), async (parts, tail) => {
      const log = await readLogs([textSource(Buffer.concat([Buffer.from(parts.join('')), tail]))], { blockBytes: 300 });
      outline(log);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('a line longer than any appliance writes is cut and noted', async () => {
    const source = textSource(
      [`Tue Mar  3 10:00:00 2026 Info: MID 5 Custom Log Entry: ${'x'.repeat(3_000_000)}`, 'Tue Mar  3 10:00:01 2026 Info: ICID 5 lost'].join('\n'),
    );
    const log = await readLogs([source]);
    expect(source.anomalies.list().map(({ kind }) => kind)).toContain('overlong-line');
    expect(log.injections.at(0)?.lost).not.toBeNull();
    expect(log.message('', 5)?.lines[0]?.text.length).toBeLessThan(40_000);
  });

  test('invalid UTF-8 is kept as latin1, valid UTF-8 is decoded', async () => {
    const log = await readLogs([textSource(Buffer.concat([subjectLine('Grüße', 'utf8'), subjectLine('Grüße', 'latin1')]))]);
    expect(log.messages.map(({ subject }) => subject)).toEqual(['Grüße', 'Grüße']);
    expect(log.messages.at(1)?.lines[0]?.text).toBe("MID 2 Subject 'Grüße'");
  });

  test('a line folded inside its text is one entry', async () => {
    const log = await readLogs([
      textSource(
        "Tue Mar  3 10:00:00 2026 Info: Message done DCID 9 MID 5 to RID [0] [('to', '<a@example.com>,\r\n\t<b@example.com>')]\r\nTue Mar  3 10:00:01 2026 Info: DCID 9 close\r\n",
      ),
    ]);
    expect(log.unknown).toEqual([]);
    expect(log.deliveries.at(0)?.lines.map(({ text }) => text)).toEqual([
      "Message done DCID 9 MID 5 to RID [0] [('to', '<a@example.com>, <b@example.com>')]",
      'DCID 9 close',
    ]);
  });

  test('an empty file, and one without any log', async () => {
    const log = await readLogs([textSource('', 0), textSource('Dear all,\nthe mail is gone.\n', 1)]);
    expect(log.files.map(({ kind, entries, unknownLines }) => [kind, entries, unknownLines])).toEqual([
      ['unknown text', 0, 0],
      ['unknown text', 0, 0],
    ]);
  });
});

describe('control characters', () => {
  const CONTROLS = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).filter((one) => !'\t\n\v\f\r'.includes(one));
  const forms: Record<string, (text: string) => string> = {
    file: (text) => `Tue Mar  3 10:00:01 2026 Info: ${text}`,
    syslog: (text) => `Mar  3 10:00:01 esa1 mail_logs: Info: ${text}`,
    quoted: (text) => `> Tue Mar  3 10:00:01 2026 Info: ${text}`,
  };
  test.each(Object.entries(forms))('of the log itself stay in the text, in the %s form', async (_, form) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom(...CONTROLS, '\u007f'), fc.constantFrom('a', 'b', '7')), { minLength: 1, maxLength: 8 }),
        async (parts) => {
          const name = `x${parts.join('')}x`;
          // A colour is no part of the log.
          fc.pre(!name.includes('\u001b['));
          const lines = ['Start MID 9 ICID 5', `MID 9 ICID 5 From: <${name}@example.net>`, `MID 9 ICID 5 RID 0 To: <${name}@example.com>`].map(form);
          const log = await readLogs([textSource(lines.join('\n'))], { fallbackYear: 2026 });
          expect(log.messages.at(0)).toMatchObject({ sender: `${name}@example.net`, recipients: [{ address: `${name}@example.com` }] });
          expect(log.messages.at(0)?.lines[1]?.text).toContain(`<${name}@example.net>`);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('what moves the cursor is no colour', async () => {
    const log = await readLogs([textSource(forms['file']?.("MID 9 Subject 'a\u001b[31mb\u001b[0m\u001b[2Jc'") ?? '')]);
    expect(log.messages.at(0)?.lines[0]?.text).toBe("MID 9 Subject 'ab\u001b[2Jc'");
  });
});

test.each([2, 3, 5])('each of %d copies of a log says its own kind, and none counts twice', async (copies) => {
  const log = await readLogs(Array.from({ length: copies }, (_, i) => i).map((input) => textSource(PLAIN, input)));
  expect(log.files.map(({ kind }) => kind)).toEqual(Array.from({ length: copies }, () => 'mail_logs'));
  expect(new Set(log.files.map(({ serials }) => serials.join())).size).toBe(1);
  expect(outline(log)).toEqual(outline(await readLogs([textSource(PLAIN)])));
});

test('a text without a line of any log says so, a log does not', async () => {
  const kindsOf = async (content: string) => {
    const source = textSource(content);
    await readLogs([source]);
    return source.anomalies.list().map(({ kind, severity }) => `${kind} ${severity}`);
  };
  expect(await kindsOf('Dear all,\nplease find the log attached.\n')).toEqual(['no-log-line notice']);
  expect(await kindsOf('Mar  3 10:00:01 fw %ASA-6-302014: Teardown TCP connection 1\n')).toContain('no-log-line notice');
  expect(await kindsOf(PLAIN)).not.toContain('no-log-line notice');
  expect(await kindsOf(SAMPLE_LOG[0] ?? '')).not.toContain('no-log-line notice');
});

describe('lines that stand in several files', () => {
  const DEBUG = [
    "Tue Mar  3 10:00:02 2026 Info: 7001 Rcvd from '198.51.100.7': 'AUTH PLAIN AGFubgBzZWNyZXQ=\\015\\012'",
    "Tue Mar  3 10:00:02 2026 Info: 7001 Rcvd from '198.51.100.7': 'AGFubgBzZWNyZXQ=\\015\\012'",
    "Tue Mar  3 10:00:02 2026 Info: 7001 Sent to '198.51.100.7': '235 #2.0.0 OK\\015\\012'",
  ];
  const day = [...SAMPLE_LOG, ...DEBUG].toSorted((a, b) => (a.slice(11, 19) < b.slice(11, 19) ? -1 : 1));

  test('count once, whichever parts the files hold, and credentials stay hidden', async () => {
    const whole = outline(await readLogs([textSource(day.join('\n'))]));
    expect(JSON.stringify(whole)).not.toContain('AGFubg');
    const property = fc.asyncProperty(fc.array(fc.tuple(fc.nat(day.length), fc.nat(day.length)), { maxLength: 3 }), fc.boolean(), async (ranges, wrapped) => {
      const parts = ranges.map(([a, b]) => day.slice(Math.min(a, b), Math.max(a, b)));
      const texts = [day, ...parts].map((lines, i) => (wrapped && i > 0 ? lines.map((line) => `> ${line}`) : lines).join('\n'));
      expect(outline(await readLogs(texts.map((text, input) => textSource(text, input))))).toEqual(whole);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('of two appliances count twice', async () => {
    const other = PLAIN.replace('564D0000AAAA-BBBB0001', '564D0000AAAA-BBBB0002');
    const log = await readLogs([textSource(PLAIN, 0), textSource(other, 1)]);
    expect(log.injections.length).toBe(8);
  });
});

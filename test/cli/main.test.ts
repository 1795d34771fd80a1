import { describe, expect, test } from 'vitest';
import { writeAll } from '../../src/cli/output.ts';
import type { Analysis, AnalyzeRequest } from '../../src/model/analysis.ts';
import { UserError } from '../../src/model/user-error.ts';
import { completedSession, sampleAnalysis, sampleReport } from '../render/sample-report.ts';
import { runCli } from './fake-io.ts';

const findsNothing = () => Promise.reject(new UserError('no-input', 'no file fits logs/*.gz', 'quote nothing, or name the files'));
const fails = () => Promise.reject(new TypeError('oops \u001b[31m'));
const widthOfRule = (out: string): number => Math.max(...out.split('\n').map((line) => (line.startsWith('-----') ? line.length : 0)));

async function readsSlowly(request: AnalyzeRequest): Promise<Analysis> {
  const until = performance.now() + 450;
  while (performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  request.onProgress?.({ bytes: 5_000_000, totalBytes: 10_000_000 });
  return sampleAnalysis();
}

const nothingWrong = { report: sampleReport({ sessions: [completedSession()] }) };

describe('help', () => {
  test('without arguments it teaches by example', async () => {
    const { status, out } = await runCli([]);
    expect(status).toBe(0);
    expect(out).toContain('whohungup transcript capture.pcap mail_logs --icid 10293');
  });

  test('--help has the examples, the commands and every option', async () => {
    const { status, out } = await runCli(['--help']);
    expect(status).toBe(0);
    for (const text of ['whohungup capture.pcap mail_logs', 'transcript', 'verify', '--icid', '--log-tz', '--exit-code', 'Exit status'])
      expect(out).toContain(text);
  });

  test('--version is the one of the package', async () => {
    expect((await runCli(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('exit status', () => {
  const failure = { failures: [{ path: 'x.zip', message: 'a zip archive at offset 0; expected a capture or a log', hint: 'unzip x.zip' }] };

  test.each([
    ['0: analysed', ['a.pcap'], {}, 0],
    ['0: harm found, but nobody asked', ['a.pcap', '--all'], {}, 0],
    ['1: harm found with --exit-code', ['a.pcap', '--exit-code'], {}, 1],
    ['0: no harm with --exit-code', ['a.pcap', '--exit-code'], nothingWrong, 0],
    ['4: an input was damaged', ['a.pcap'], { damaged: true }, 4],
    ['4 comes before 1', ['a.pcap', '--exit-code'], { damaged: true }, 4],
    ['3: nothing readable', ['x.zip'], { ...failure, anyReadable: false, damaged: true }, 3],
    ['0: nothing selected', ['a.pcap', '--icid', '7'], { report: sampleReport({ sessions: [] }) }, 0],
  ])('%s', async (_, argv, analysis, status) => {
    expect((await runCli(argv, { analysis })).status).toBe(status);
  });

  test.each([
    [['--icd', '5', 'a.pcap'], 'Did you mean --icid?'],
    [['--icid', 'x', 'a.pcap'], 'expected a number'],
    [['--icid'], 'argument missing'],
    [['--json', '--ndjson', 'a.pcap'], 'cannot be used with'],
    [['diagnose'], 'no input given'],
    [['transcript', '--all'], 'no input given'],
    [['a.pcap', '--color', 'pink'], 'Allowed choices'],
    [['a.pcap', '--since', 'yesterday'], 'ISO 8601'],
    [['a.pcap', '--since', '2026-02-30'], 'exist'],
    [['a.pcap', '--log-tz', 'Mars/Phobos'], 'time zone'],
    [['a.pcap', '--port', '70000'], 'ports'],
    [['a.pcap', '--client', '1.2.3.4/40'], 'block'],
    [['a.pcap', '--at', 'client.pcap'], 'NAME=FILE'],
    [['a.pcap', '--inbound-timeout', '-3'], 'seconds'],
    [['diagnose', '--with-verdict', 'a.pcap'], 'diagnose has no option --with-verdict'],
  ])('2: usage, with a hint and without a stack trace: %j', async (argv, message) => {
    const { status, out, err } = await runCli(argv);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).toMatch(/^whohungup: .*\n {2}.*\n$/);
  });

  test('3: every input failed: each is named with what helps', async () => {
    const { status, out, err } = await runCli(['x.zip'], { analysis: { ...failure, anyReadable: false } });
    expect([status, out]).toEqual([3, '']);
    expect(err).toBe('whohungup: x.zip: a zip archive at offset 0; expected a capture or a log\n  unzip x.zip\n');
  });

  test('3: analyze itself finds no input', async () => {
    expect((await runCli(['logs/*.gz'], { analyze: findsNothing })).status).toBe(3);
  });

  test('130: interrupted', async () => {
    const { status, err } = await runCli(['a.pcap'], { interrupts: true });
    expect([status, err]).toEqual([130, 'whohungup: interrupted\n']);
  });

  test('130: interrupted while reading, with what is known so far', async () => {
    const { status, out, err } = await runCli(['a.pcap', '--ndjson'], { interrupts: true, analyze: () => Promise.resolve(sampleAnalysis({})) });
    expect([status, err]).toEqual([130, 'whohungup: interrupted\n']);
    expect(out).toContain('"exitStatus":130');
  });

  test('70: a bug of ours, with the stack only when asked for', async () => {
    const quiet = await runCli(['a.pcap'], { analyze: fails });
    expect([quiet.status, quiet.err.includes('    at ')]).toEqual([70, false]);
    expect(quiet.err).toContain('internal error: oops \\x1b[31m');
    expect((await runCli(['a.pcap', '--debug'], { analyze: fails })).err).toContain('    at ');
  });

  test.each([[['a.pcap']], [['a.pcap', '--json']], [['--help']], [['explain', 'rst']], [[]]])(
    '74: a full disk is told, not taken for a reader who left: %j',
    async (argv) => {
      const { status, err } = await runCli(argv, { outFails: 'ENOSPC: no space left on device, write' });
      expect(status).toBe(74);
      expect(err).toContain('whohungup: the output could not be written: ENOSPC: no space left on device, write\n  it is incomplete');
    },
  );

  test('a standard error that takes nothing does not cost the answer', async () => {
    const { status, out } = await runCli(['a.pcap', '--json'], { analysis: failure, errFails: 'ENOSPC' });
    expect([status, JSON.parse(out)]).toEqual([0, sampleReport()]);
  });

  test('0: the reader has seen enough', async () => {
    const { status, err } = await runCli(['a.pcap', '--exit-code'], { closesAfter: 0 });
    expect([status, err]).toEqual([0, '']);
  });
});

describe('what is asked of the analysis', () => {
  test('inputs, vantage points, site and selection', async () => {
    const { request } = await runCli(
      [
        'diagnose',
        'a b.pcap',
        '-',
        '--at',
        'client=c=1.pcap',
        '--icid',
        '1',
        '--icid',
        '2',
        '--client',
        '198.51.100.0/24',
        '--subject',
        'Re: x',
        '--stream',
        '0',
      ].concat(
        ['--appliance', '192.0.2.25', '--appliance', '2001:db8::25', '--balancer', '10.0.0.0/8', '--port', '25,10025', '--port', '26', '--log-tz', 'UTC+1'],
        ['--clock-offset', '-3600.5', '--inbound-timeout', '8.0', '--since', '2026-11-21T17:54:21+01:00', '--until', '2026-11-22'],
      ),
    );
    expect(request).toMatchObject({
      inputs: [
        { path: 'a b.pcap', vantage: null },
        { path: '-', vantage: null },
        { path: 'c=1.pcap', vantage: 'client' },
      ],
      site: {
        applianceAddresses: ['192.0.2.25', '2001:db8::25'],
        balancers: ['10.0.0.0/8'],
        ports: [25, 10025, 26],
        logTimeZone: '+01:00',
        clockOffsetSeconds: -3600.5,
        inboundTimeoutSeconds: 8,
        inboundTimeoutGiven: true,
        totalTimeLimitSeconds: 900,
      },
      selection: {
        icid: [1, 2],
        client: ['198.51.100.0/24'],
        subject: ['Re: x'],
        stream: [0],
        since: Date.UTC(2026, 10, 21, 16, 54, 21) * 1000,
        until: null,
      },
      sinceLocal: null,
      untilLocal: Date.UTC(2026, 10, 23) * 1000 - 1,
    });
  });

  test.each([
    ['2026-11-18', { untilLocal: Date.UTC(2026, 10, 19) * 1000 - 1 }],
    ['2026-11-18T00:00', { untilLocal: Date.UTC(2026, 10, 18) * 1000 }],
    ['2026-11-18Z', { selection: { until: Date.UTC(2026, 10, 19) * 1000 - 1 } }],
    ['2026-11-18 +01:00', { selection: { until: Date.UTC(2026, 10, 18, 23) * 1000 - 1 } }],
    ['2026-11-18 10:00 +01:00', { selection: { until: Date.UTC(2026, 10, 18, 9) * 1000 } }],
  ])('--until %s: a date includes its day, a time is a time', async (text, expected) => {
    expect((await runCli(['a.pcap', '--until', text])).request).toMatchObject(expected);
    expect((await runCli(['a.pcap', '--since', '2026-11-18'])).request).toMatchObject({ sinceLocal: Date.UTC(2026, 10, 18) * 1000 });
  });

  test('the default command needs no name, options may come first', async () => {
    const { request } = await runCli(['--icid', '5', 'a.pcap']);
    expect(request?.inputs).toEqual([{ path: 'a.pcap', vantage: null }]);
    expect(request?.site).toMatchObject({ inboundTimeoutSeconds: 300, inboundTimeoutGiven: false, logTimeZone: null, clockOffsetSeconds: null });
  });
});

describe('output', () => {
  test('one JSON document, with every session whether --all is given or not', async () => {
    const { out } = await runCli(['a.pcap', '--json']);
    expect(JSON.parse(out)).toEqual(sampleReport());
  });

  test('NDJSON ends with a line that tells the exit status', async () => {
    const { out, status } = await runCli(['a.pcap', '--ndjson', '--exit-code']);
    const last: unknown = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ type: 'end', sessions: 2, exitStatus: status });
  });

  test('a transcript shows the interrupted sessions; a selection or --all shows the others too', async () => {
    const some = (await runCli(['transcript', 'a.pcap'])).out;
    expect(some).toContain('<== ended here');
    expect(some).toContain('1 of 2 sessions ended well and is not shown');
    expect((await runCli(['transcript', 'a.pcap', '--all'])).out).toContain('icid-10294');
    expect((await runCli(['transcript', 'a.pcap', '--icid', '10294'])).out).toContain('icid-10294');
  });

  test('--with-verdict puts the verdict above the transcript', async () => {
    const { out } = await runCli(['transcript', 'a.pcap', '--with-verdict']);
    expect(out.indexOf('What carries it')).toBeLessThan(out.indexOf('<== ended here'));
    expect(out).toContain('What carries it');
  });

  test('unknown lines are listed with file and line, escaped; with --json beside the document', async () => {
    expect((await runCli(['a.pcap', '--unknown-lines'])).out).toContain('mail_logs:7: something \\x1b[31mred\n');
    const json = await runCli(['a.pcap', '--unknown-lines', '--json']);
    expect(() => JSON.parse(json.out) as unknown).not.toThrow();
    expect(json.err).toContain('mail_logs:7');
  });

  test('an empty answer says why, unless -q', async () => {
    const analysis = { report: sampleReport({ sessions: [] }) };
    expect((await runCli(['a.pcap', '--mid', '5'], { analysis })).err).toContain('no session fits the selection');
    expect((await runCli(['a.pcap'], { analysis })).err).toContain('no mail session was found');
    expect((await runCli(['a.pcap', '-q'], { analysis })).err).toBe('');
  });

  test('piped it is 120 columns wide, or what COLUMNS says', async () => {
    expect(widthOfRule((await runCli(['transcript', 'a.pcap'])).out)).toBe(120);
    expect(widthOfRule((await runCli(['transcript', 'a.pcap'], { env: { COLUMNS: '150' } })).out)).toBe(150);
    expect(widthOfRule((await runCli(['transcript', 'a.pcap'], { outIsTerminal: true, columns: 132 })).out)).toBe(132);
  });

  test.each([
    [['--color', 'always'], { NO_COLOR: '1' }, false, true],
    [[], {}, true, true],
    [[], {}, false, false],
    [[], { NO_COLOR: '1' }, true, false],
    [[], { FORCE_COLOR: '1' }, false, true],
    [['--color', 'never'], { FORCE_COLOR: '1' }, true, false],
  ])('colours with %j, %j, terminal %s: %s', async (argv, env, outIsTerminal, coloured) => {
    const { out } = await runCli(['a.pcap', ...argv], { env, outIsTerminal });
    expect(out.includes('\u001b[')).toBe(coloured);
  });
});

test('what waits gets its turn while an answer takes long, so that Ctrl-C is heard', async () => {
  let waited = false;
  const seen: boolean[] = [];
  function* pieces(): Generator<string> {
    setImmediate(() => {
      waited = true;
    });
    for (let i = 0; i < 3; i++) {
      for (const fromMs = performance.now(); performance.now() - fromMs < 60; );
      yield '';
      seen.push(waited);
    }
  }
  await writeAll({ isTerminal: false, columns: null, rows: null, write: () => Promise.resolve(true) }, pieces());
  expect(seen.at(-1)).toBe(true);
});

test('progress of judging is shown, and gone before the answer', async () => {
  const analyze = async (request: AnalyzeRequest): Promise<Analysis> => {
    await new Promise((resolve) => setTimeout(resolve, 450));
    const analysis = sampleAnalysis();
    request.onJudged?.(3_000, 12_000);
    return analysis;
  };
  const { err } = await runCli(['a.pcap'], { analyze, errIsTerminal: true, outIsTerminal: true });
  expect(err).toContain('judged 3000 of 12000 sessions');
  expect(err.endsWith('\r\u001b[K')).toBe(true);
});

test('progress is shown on a terminal only, and not with -q', async () => {
  expect((await runCli(['a.pcap'], { analyze: readsSlowly, errIsTerminal: true })).err).toContain('read 5.0 MB of 10.0 MB');
  expect((await runCli(['a.pcap'], { analyze: readsSlowly })).err).toBe('');
  expect((await runCli(['a.pcap', '-q'], { analyze: readsSlowly, errIsTerminal: true })).err).toBe('');
});

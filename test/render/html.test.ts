import { describe, expect, test } from 'vitest';
import { html } from '../../src/render/html/markup.ts';
import { renderOverview } from '../../src/render/html/overview.ts';
import { rowsOfLeg } from '../../src/render/html/diagram-rows.ts';
import { refStyleOf } from '../../src/render/refs.ts';
import type { ComparedLeg, ComparisonRow } from '../../src/model/comparison.ts';
import type { PacketRef } from '../../src/model/evidence.ts';
import type { Transcript } from '../../src/model/report.ts';
import { runCli } from '../cli/fake-io.ts';
import { sampleReport, sampleTranscript } from './sample-report.ts';

const HOSTILE = `<img src=x onerror=alert(1)>"'&\u202e\u001b[31m</style></svg><script>`;

// oxlint-disable-next-line no-control-regex -- control characters are what must be absent
const UNSAFE = /<img|<script|\u202e|\u001b/;

async function page(changes: Parameters<typeof runCli>[1] = {}): Promise<string> {
  return (await runCli(['report', 'x', '--all', '-o', '-'], changes)).out;
}

describe('markup', () => {
  test('whatever is put in is text, in attributes too; only markup is markup', () => {
    const inner = html`<b title="${HOSTILE}">${HOSTILE}</b>`;
    expect(inner.text).not.toMatch(UNSAFE);
    expect(inner.text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\\u202e\\x1b[31m');
    expect(html`<p>${[inner, null, false, 7]}</p>`.text).toBe(`<p>${inner.text}7</p>`);
  });
});

describe('the page', () => {
  test('holds verdict, diagram, evidence, alternatives, next capture, transcript and inputs', async () => {
    const text = await page();
    for (const part of [
      '<svg class="sequence"',
      'What carries it',
      'Could also be',
      'Capture next',
      'Transcript',
      'What was read',
      'Clocks',
      'Show it in Wireshark',
      'frame.number in {',
    ])
      expect(text).toContain(part);
  });

  test('neither loads nor runs anything: no script, no address of another place, no style but the one that the policy names', async () => {
    const text = await page();
    expect(text).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/);
    expect(text).not.toMatch(/<script|<link|<iframe|<img| style=| on[a-z]+=|url\(|@import|(?:src|href)="(?!#)/i);
  });

  test('hostile text of a capture is shown as text', async () => {
    const report = sampleReport();
    const sessions = report.sessions.map((session) => ({
      ...session,
      clientIp: HOSTILE,
      verdict: { ...session.verdict, statement: HOSTILE },
      caveats: [HOSTILE],
    }));
    const rows = sampleTranscript().rows.map((row) => ({ ...row, client: HOSTILE, log: HOSTILE }));
    const analysis = {
      report: { ...report, sessions, caveats: [HOSTILE], inputs: report.inputs.map((input) => ({ ...input, path: HOSTILE })) },
      transcripts: (id: string) => ({ ...sampleTranscript(), session: id, rows }),
    };
    const text = await page({ analysis });
    expect(text).not.toMatch(UNSAFE);
    expect(text.match(/<\/style>/g)).toHaveLength(1);
  });

  test('is written to a file, never over an input', async () => {
    const { files, out } = await runCli(['report', 'x', '--all', '-o', 'page.html']);
    expect(files.get('page.html')?.toString()).toMatch(/^<!DOCTYPE html>/);
    expect(out).toMatch(/^page\.html: \d+ sessions?, \d+ in full; open it in any browser, it loads nothing\n$/);
  });
});

describe('a page of more sessions than it tells', () => {
  test('tells the interrupted ones first, and says how many of these are left', async () => {
    const report = sampleReport();
    const [one] = [...report.sessions].filter(({ verdict }) => verdict.cause !== 'completed');
    if (!one) throw new Error('no interrupted session');
    const well = { ...one, impact: 'none' as const, verdict: { ...one.verdict, cause: 'completed' as const } };
    const sessions = Array.from({ length: 500 }, (_, index) => ({ ...(index < 250 ? well : one), id: `x/${index}`, icid: index }));
    const { out } = await runCli(['report', 'x', '--all', '-o', '-'], { analysis: { report: { ...report, sessions } } });
    expect(out).toContain('500 mail sessions, 200 told in full');
    expect(out).toContain('50 interrupted sessions more: counted above, not told below.');
    expect(out).toContain('>ICID 250</a>');
    expect(out).not.toContain('>ICID 7</a>');
  });
});

describe('the overview', () => {
  const session = (hour: number, peerIp: string, ending: string, octets: number | null, hops: number | null) => ({
    openedUs: Date.UTC(2026, 10, 21, hour) * 1000,
    peerIp,
    ending,
    octets,
    hops,
  });
  const text = renderOverview([
    session(9, '198.51.100.7', 'rst by middlebox', 12_000, 5),
    session(9, '198.51.100.9', 'ended well', 800, 5),
    session(21, '2001:db8:1:2::3', 'rst by middlebox', null, null),
  ]).text;

  test.each([
    ['over time', /2026-11-21 09:00:00<\/th>.*?<td class="n">1 \(50 %\)<\/td><td class="n">2/],
    ['by network', /198\.51\.100\.0\/24<\/th>.*?<td class="n">2<.*2001:db8:1::\/48<\/th>.*?<td class="n">1</s],
    ['by size', /no message<\/th>.*?<td class="n">1<.*below 10 kB<\/th>.*?<td class="n">1<.*10 to 100 kB<\/th>.*?<td class="n">1</s],
    ['by distance, the unknown last', />5<\/th>.*?<td class="n">2<.*unknown<\/th>.*?<td class="n">1</s],
    ['how many of them were interrupted', /198\.51\.100\.0\/24<\/th>.*?<td class="n">1 \(50 %\)<\/td><td class="n">2</],
    ['what ended well stands last and in its own colour', /1 rst by middlebox, 1 ended well/],
  ])('%s', (_, expected) => expect(text).toMatch(expected));

  const ENDINGS = ['premature-fin by client', 'timeout by appliance', 'rst by middlebox'];
  /** 500 sessions of 100 networks, of which one in fourteen is interrupted in one of three ways. */
  const crowd = Array.from({ length: 500 }, (_, index) => {
    const ending = index % 14 === 3 ? (ENDINGS[Math.floor(index / 14) % 3] ?? '') : 'ended well';
    return session(index % 5, `203.0.${(index * 37) % 100}.7`, ending, ((index * 977) % 50) * 4000, 4 + (index % 9));
  });
  const standingOut = (sessions: Parameters<typeof renderOverview>[0]): string[] =>
    [...renderOverview(sessions).text.matchAll(/<li>(<b>\d+ of.*?)<\/li>/g)].map(([, found = '']) => found.replace(/<.*?>/g, ''));

  test('of a crowd in which nothing belongs together nothing stands out', () => expect(standingOut(crowd)).toEqual([]));

  test.each([
    ['one network', { peerIp: '192.0.2.9' }, /^9 of 9 sessions of network 192\.0\.2\.0\/24: rst by middlebox; of all others 1\d of 500$/],
    ['one size', { octets: 4_000_000 }, /^9 of 9 sessions with a message of 1 to 10 MB: rst by middlebox; /],
    ['one distance', { hops: 17 }, /^9 of 9 sessions from 17 hops away: rst by middlebox; /],
    ['one hour', { openedUs: Date.UTC(2026, 10, 22, 3) * 1000 }, /^9 of 9 sessions opened in the hour from 2026-11-22 03:00:00 UTC: rst by middlebox; /],
  ])('%s stands out', (_, common, expected) => {
    const struck = Array.from({ length: 9 }, (__, index) => ({
      ...session(index % 5, `203.0.${index * 11}.7`, 'rst by middlebox', index * 4000, 4 + index),
      ...common,
    }));
    expect(standingOut([...crowd, ...struck])[0]).toMatch(expected);
  });

  test('the bar of all others does not make the rest small', () => {
    const bars = [
      ...renderOverview(crowd.map((one, index) => ({ ...one, peerIp: `203.${index}.1.1` }))).text.matchAll(
        /others<\/th>.*?<svg.*?width="([\d.]+)" height="14"\/><\/svg>/g,
      ),
    ];
    expect(bars).toHaveLength(1);
    expect(renderOverview(crowd).text).toMatch(/203\.0\.\d+\.0\/24<\/th>.*?width="(?:200\.00|1\d\d\.\d\d)"/);
  });
});

describe('the diagram of two points', () => {
  test('lines of the log stand by the packets beside which the transcript has them, whatever the clocks say', () => {
    const packet = (number: number): PacketRef => ({ input: 0, number });
    const row = (at: string, number: number, right: string): ComparisonRow => ({
      at,
      gapSeconds: null,
      kind: 'same',
      sender: 'server',
      left: right,
      path: '',
      right,
      leftPackets: [],
      rightPackets: [packet(number)],
      ended: false,
    });
    const leg = { rows: [row('2026-11-21T17:55:21.791Z', 20, 'RST'), row('2026-11-21T17:55:29.646300Z', 22, '421 timeout')] } as unknown as ComparedLeg;
    const said = (at: string, refs: readonly PacketRef[], log: string): Transcript['rows'][number] =>
      ({ at, gapSeconds: null, client: '', packets: '', appliance: '', log, refs, ended: false, after: false }) as unknown as Transcript['rows'][number];
    const transcript = {
      ...sampleTranscript(),
      rows: [said('2026-11-21T17:55:29.646100Z', [packet(22)], 'Message aborted'), said('2026-11-21T17:55:25Z', [], 'ICID lost')],
    };
    expect(rowsOfLeg(leg, transcript, refStyleOf(sampleReport())).map(({ log }) => log)).toEqual([['ICID lost'], ['Message aborted']]);
  });
});

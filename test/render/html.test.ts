import { describe, expect, test } from 'vitest';
import { html } from '../../src/render/html/markup.ts';
import { renderOverview } from '../../src/render/html/overview.ts';
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
    expect(out).toMatch(/^page\.html: \d+ sessions?; open it in any browser, it loads nothing\n$/);
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
    ['over time', /2026-11-21 09:00:00<\/th><td class="n">2/],
    ['by network', /198\.51\.100\.0\/24<\/th><td class="n">2.*2001:db8:1::\/48<\/th><td class="n">1/s],
    ['by size', /no message<\/th><td class="n">1.*below 10 kB<\/th><td class="n">1.*10 to 100 kB<\/th><td class="n">1/s],
    ['by distance, the unknown last', />5<\/th><td class="n">2.*unknown<\/th><td class="n">1/s],
    ['what ended well stands last and in its own colour', /1 rst by middlebox, 1 ended well/],
  ])('%s', (_, expected) => expect(text).toMatch(expected));
});

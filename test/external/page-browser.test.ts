import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { runCli } from '../cli/fake-io.ts';
import { encodePcap } from '../support/captures.ts';
import { conversation } from '../support/mail-capture.ts';

/** The page in a real browser, as Debian packs it; skipped where none is installed, and vitest says so. Pictures are kept where SCREENSHOTS names a folder. */
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const samples = fileURLToPath(new URL('../../samples', import.meta.url));
const pictures = process.env['SCREENSHOTS'];
const folder = mkdtempSync(join(tmpdir(), 'pages-'));

/** Each width in one of the two schemes: layout and colours do not depend on one another. */
const LOOKS = [
  ['desktop', 'light', { width: 1280, height: 900 }],
  ['phone', 'dark', { width: 390, height: 844 }],
] as const;

const HOSTILE = '<img src=http://evil.example/x onerror=document.title="hit"></svg><script>document.title="hit"</script>';

function hostileCapture(): string {
  const path = join(folder, 'hostile.pcap');
  const steps = conversation([
    ['S', `220 ${HOSTILE} ESMTP\r\n`],
    ['C', `EHLO ${HOSTILE}\r\n`],
    ['S', '250 ok\r\n'],
    ['C', `MAIL FROM:<"${HOSTILE}"@x>\r\n`],
    ['S', '250 ok\r\n'],
    'CF',
    'SF',
  ]);
  writeFileSync(path, encodePcap(steps));
  return path;
}

const PAGES: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ['client-fin', [join(samples, 'fin-mid-envelope')]],
  ['firewall-reset', [join(samples, 'firewall-reset-two-points'), '--at', `client=${join(samples, 'firewall-reset-two-points', 'client.pcap.gz')}`]],
  ['timeout', [join(samples, 'five-minute-timeout')]],
  ['quarantine-release', [join(samples, 'spam-quarantine-release'), '--all']],
  ['many', [samples, '--all']],
  ['hostile', []],
];

describe.skipIf(executablePath === undefined)('the page in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  test.each(PAGES.flatMap(([name, argv]) => LOOKS.map(([device, scheme, viewport]) => [name, device, scheme, argv, viewport] as const)))(
    '%s, %s, %s: no error, no request, nothing run, accessible, nothing wider than the screen',
    async (name, device, scheme, argv, viewport) => {
      const path = join(folder, `${name}.html`);
      const { files } = await runCli(['report', ...(argv.length > 0 ? argv : [hostileCapture(), '--all']), '-o', path], { analyze });
      for (const [file, octets] of files) writeFileSync(file, octets);
      // The page's own policy forbids what axe needs to run; it is bypassed for axe alone, in a second visit.
      const plain = await visit(viewport, scheme, false, path);
      expect(plain.troubles).toEqual([]);
      expect(plain.requests).toEqual([pathToFileURL(path).href]);
      expect(await plain.page.title()).toMatch(/^Who hung up: /);
      expect(await plain.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      if (pictures) await plain.page.screenshot({ path: join(pictures, `${name}-${device}-${scheme}.png`), fullPage: true });
      await plain.page.context().close();
      const checked = await visit(viewport, scheme, true, path);
      await checked.page.evaluate(axe.source);
      const violations = await checked.page.evaluate(
        'axe.run().then(({violations}) => violations.map(({id, nodes}) => id + ": " + nodes.map((node) => node.html.slice(0, 160)).join(" | ")))',
      );
      expect(violations).toEqual([]);
      await checked.page.context().close();
    },
  );

  test('every region that scrolls is reached with the keyboard, and the page prints without them', async () => {
    const path = join(folder, 'print.html');
    const { files } = await runCli(['report', join(samples, 'fin-mid-envelope'), '-o', path], { analyze });
    for (const [file, octets] of files) writeFileSync(file, octets);
    const { page } = await visit({ width: 390, height: 844 }, 'light', false, path);
    const reached = new Set<string>();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      reached.add(String(await page.evaluate('document.activeElement.getAttribute("aria-label") || document.activeElement.textContent.slice(0, 40)')));
    }
    expect([...reached]).toEqual(expect.arrayContaining(['Skip to the verdicts', 'Inputs']));
    expect([...reached].some((label) => label.startsWith('Sequence diagram of'))).toBe(true);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    await page.context().close();
  });

  async function visit(
    viewport: { readonly width: number; readonly height: number },
    colorScheme: 'light' | 'dark',
    bypassCSP: boolean,
    path: string,
  ): Promise<{ page: Page; troubles: string[]; requests: string[] }> {
    const context = await browser.newContext({ viewport, colorScheme, bypassCSP });
    const page = await context.newPage();
    const troubles: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(path).href);
    return { page, troubles, requests };
  }
});

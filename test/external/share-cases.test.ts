import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { parseAddress } from '../../src/model/address.ts';
import { runCli } from '../cli/fake-io.ts';

/** Labelled incidents with recordings of their own; skipped where they are not available. */
const root = fileURLToPath(new URL('../../../shared/cases', import.meta.url));
const present = existsSync(join(root, 'a10-fin-after-banner', 'truth.json'));
const folder = mkdtempSync(join(tmpdir(), 'shared-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Truth {
  readonly vantage: Readonly<Record<string, readonly string[]>>;
  readonly logs: Readonly<Record<string, readonly string[]>>;
  readonly settings: { readonly inbound_timeout_s?: number; readonly log_timezone?: string; readonly appliance_ips?: readonly string[] };
}

function inputsOf(name: string): { readonly argv: string[]; readonly files: string[] } {
  const at = join(root, name);
  const { vantage, logs, settings } = JSON.parse(readFileSync(join(at, 'truth.json'), 'utf8')) as Truth;
  const captures = Object.entries(vantage).flatMap(([point, files]) => files.map((file) => [point, join(at, file)] as const));
  const texts = Object.values(logs).flatMap((files) => files.map((file) => join(at, file)));
  const facts = [
    ...(settings.appliance_ips ?? []).flatMap((ip) => ['--appliance', ip]),
    ...(settings.log_timezone === undefined ? [] : ['--log-tz', settings.log_timezone]),
    ...(settings.inbound_timeout_s === undefined ? [] : ['--inbound-timeout', String(settings.inbound_timeout_s)]),
  ];
  const argv = [...captures.flatMap(([point, file]) => (point === 'esa' ? [file] : ['--at', `${point}=${file}`])), ...texts, ...facts];
  return { argv, files: [...captures.map(([, file]) => file), ...texts] };
}

const MAILBOX = /[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]+/g;
const DOMAIN = /\b(?:[A-Za-z0-9-]+\.)+(?:example|net|com|org|test|lab)\b/g;
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b2001:[0-9a-f:]+/g;

/** Addresses, names and mailboxes in the originals, in the forms in which they may stand: text, octets, base64. */
function originalsIn(files: readonly string[]): Buffer[] {
  const names = new Set<string>();
  for (const file of files) {
    const octets = readFileSync(file);
    const text = (octets[0] === 0x1f && octets[1] === 0x8b ? gunzipSync(octets) : octets).toString('latin1');
    for (const pattern of [MAILBOX, DOMAIN, ADDRESS]) for (const [name] of text.matchAll(pattern)) if (!/^(?:0|127)\./.test(name)) names.add(name);
  }
  return [...names].flatMap((name) => {
    const octets = parseAddress(name);
    const base64 = [0, 1, 2].map((shift) =>
      Buffer.from(
        Buffer.from(' '.repeat(shift) + name)
          .toString('base64')
          .slice(shift === 0 ? 0 : 4, -4),
        'latin1',
      ),
    );
    return [Buffer.from(name), ...(octets ? [Buffer.from(octets)] : base64.filter(({ length }) => length > 7))];
  });
}

describe.skipIf(!present)('bundles of labelled incidents', () => {
  test.each(present ? readdirSync(root).filter((entry) => existsSync(join(root, entry, 'truth.json'))) : [])('%s: same verdicts, no original', async (name) => {
    const { argv, files } = inputsOf(name);
    const out = join(folder, name);
    const { status, err } = await runCli(['share', ...argv, '--all', '-o', out], { analyze });
    expect([err.replace(/^.*(?:ends inside|dropped).*\n/gm, ''), [0, 4].includes(status)]).toEqual(['', true]);
    const found: string[] = [];
    for (const file of readdirSync(out)) {
      const content = readFileSync(join(out, file));
      const lower = Buffer.from(content.toString('latin1').toLowerCase(), 'latin1');
      for (const original of originalsIn(files)) {
        const text = original.toString('latin1');
        const isText = /^[ -~]+$/.test(text) && original.length > 4;
        const hit = isText
          ? new RegExp(`(?<![a-z0-9.])${text.toLowerCase().replace(/[.+*?^$()[\]{}|\\]/g, '\\$&')}(?![a-z0-9]|\\.\\d)`).test(lower.toString('latin1'))
          : content.includes(original);
        if (hit) found.push(`${file}: ${isText ? text : original.toString('hex')}`);
      }
    }
    expect(found).toEqual([]);
  });
});

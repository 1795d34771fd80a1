import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import type { ReportSession } from '../../src/model/report.ts';
import { runCli } from '../cli/fake-io.ts';

/** Labelled incidents with recordings of their own, and Wireshark's reader; what is missing is skipped, and vitest says so. */
const root = fileURLToPath(new URL('../../../shared/cases', import.meta.url));
const present = existsSync(join(root, 'a10-fin-after-banner', 'truth.json'));
const tshark = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'extracts-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Truth {
  readonly vantage: Readonly<Record<string, readonly string[]>>;
  readonly logs: Readonly<Record<string, readonly string[]>>;
  readonly settings: { readonly inbound_timeout_s?: number; readonly log_timezone?: string; readonly appliance_ips?: readonly string[] };
}

function argumentsOf(name: string): string[] {
  const at = join(root, name);
  const { vantage, logs, settings } = JSON.parse(readFileSync(join(at, 'truth.json'), 'utf8')) as Truth;
  const captures = Object.entries(vantage).flatMap(([point, files]) =>
    files.flatMap((file) => (point === 'esa' ? [join(at, file)] : ['--at', `${point}=${join(at, file)}`])),
  );
  const facts = [
    ...(settings.appliance_ips ?? []).flatMap((ip) => ['--appliance', ip]),
    ...(settings.log_timezone === undefined ? [] : ['--log-tz', settings.log_timezone]),
    ...(settings.inbound_timeout_s === undefined ? [] : ['--inbound-timeout', String(settings.inbound_timeout_s)]),
  ];
  return [...captures, ...Object.values(logs).flatMap((files) => files.map((file) => join(at, file))), ...facts];
}

async function judge(argv: readonly string[]): Promise<ReportSession[]> {
  const parsed = parseCommandLine(['diagnose', ...argv], '0');
  if (!('invocation' in parsed)) throw new Error('no invocation');
  return [...(await analyze(parsed.invocation.request)).report.sessions];
}

function selectorOf({ icid, dcid, id }: ReportSession): string[] {
  if (icid !== null) return ['--icid', String(icid)];
  return dcid === null ? ['--stream', id.split('-').at(-1) ?? ''] : ['--dcid', String(dcid)];
}

function told({ verdict, icid, dcid, impact }: ReportSession): string {
  return JSON.stringify({ icid, dcid, impact, cause: verdict.cause, actor: verdict.actor, stage: verdict.stage, confidence: verdict.confidence });
}

describe.skipIf(!present)('extracts of labelled incidents', () => {
  test('every session, extracted alone, is judged as before', { timeout: 600_000 }, async () => {
    const wrong: string[] = [];
    for (const name of readdirSync(root).filter((entry) => existsSync(join(root, entry, 'truth.json')))) {
      const argv = argumentsOf(name);
      for (const session of await judge(argv)) {
        const { out, files } = await runCli(['extract', ...argv, ...selectorOf(session), '-o', join(folder, 'x.pcapng')], { analyze });
        for (const [path, octets] of files) writeFileSync(path, octets);
        const command = /judge it again: whohungup (.*)/.exec(out)?.[1]?.split(' ') ?? [];
        const again = (await judge(command)).map(told);
        if (!again.includes(told(session))) wrong.push(`${name} ${told(session)}: ${again.join(' ')}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test.skipIf(!tshark)('Wireshark opens them without complaint and shows comments and interfaces', async () => {
    for (const name of ['a10-fin-after-banner', 'c01-string-reject-two-points', 'a41-hang-helo', 'd30-isq-release']) {
      const path = join(folder, `${name}.pcapng`);
      const { files } = await runCli(['extract', ...argumentsOf(name), '--all', '-o', path], { analyze });
      for (const [file, octets] of files) writeFileSync(file, octets);
      const fields = ['frame.interface_name', 'frame.comment', '_ws.malformed', 'tcp.checksum.status'].flatMap((field) => ['-e', field]);
      const { stdout, status } = spawnSync('tshark', ['-r', path, '-o', 'tcp.check_checksum:TRUE', '-T', 'fields', '-E', 'separator=|', ...fields], {
        encoding: 'utf8',
      });
      expect(status).toBe(0);
      const rows = stdout.trim().split('\n');
      expect(rows.some((row) => row.includes('ended here: ') || row.includes('carries the verdict: '))).toBe(true);
      expect(new Set(rows.map((row) => row.split('|')[0]))).toEqual(new Set(name.startsWith('c01') ? ['appliance', 'client'] : ['appliance']));
      expect(rows.filter((row) => row.includes('Malformed'))).toEqual([]);
    }
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readLogs } from '../../src/maillog/index.ts';
import type { PairingResult } from '../../src/model/pairing.ts';
import { pairSessions } from '../../src/pairing/index.ts';
import { mailPorts, readVantages } from '../../src/route/read-vantages.ts';
import { openSources } from '../../src/source/index.ts';
import { SITE } from '../support/pairing-world.ts';
import { RsaKeys, Secrets } from '../../src/tls/index.ts';
import { depot } from '../support/depot.ts';

const cases = fileURLToPath(new URL('../../../shared/cases', import.meta.url));
const here = existsSync(cases);

interface Truth {
  readonly vantage: Record<string, readonly string[]>;
  readonly logs: Record<string, readonly string[]>;
  readonly settings: { readonly log_timezone: string; readonly appliance_ips: readonly string[]; readonly listener_ports: readonly number[] };
  readonly log_clock_offset_s: number;
  readonly log_offset_determinable: boolean;
  readonly sessions: readonly { readonly icid: number | null; readonly dcid: number | null; readonly client_port: number; readonly direction: string }[];
}

async function pairCase(folder: string, truth: Truth, bare: boolean): Promise<PairingResult> {
  const captures = Object.entries(truth.vantage).flatMap(([name, files]) => files.map((file) => ({ file, vantage: name === 'esa' ? null : name })));
  const logs = Object.values(truth.logs)
    .flat()
    .map((file) => ({ file, vantage: null }));
  const { sources } = await openSources([...captures, ...logs].map(({ file, vantage }) => ({ path: join(folder, file), vantage })));
  const log = logs.length > 0 ? await readLogs(sources.filter((source) => source.kind === 'text')) : null;
  const ports = mailPorts(bare ? [] : truth.settings.listener_ports, log?.deliveries.map((delivery) => delivery.remotePort) ?? []);
  const vantages = await readVantages(sources, {
    ports,
    depot,
    ring: { secrets: new Secrets(), rsa: new RsaKeys([]) },
    threads: null,
    onProgress: () => {},
    isAborted: () => false,
  });
  const captured = vantages.flatMap((vantage) => [...vantage.sessions]);
  const known = { ...SITE, applianceAddresses: truth.settings.appliance_ips, ports: truth.settings.listener_ports, logTimeZone: truth.settings.log_timezone };
  return pairSessions({ depot, captured, log, site: bare ? SITE : known });
}

/** Without a header and a given zone, a log that is whole hours off cannot be told from one in another zone. */
function isHidden(folder: string, truth: Truth): boolean {
  const text = Object.values(truth.logs)
    .flat()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  return Math.abs(truth.log_clock_offset_s) >= 900 && !text.includes('Time offset from UTC');
}

describe.skipIf(!here)('recorded incidents', () => {
  const names = here ? readdirSync(cases).filter((name) => existsSync(join(cases, name, 'truth.json'))) : [];

  test.each(['with settings', 'without any'])('every identifier and clock is right, %s', async (how) => {
    const bare = how === 'without any';
    const wrong: string[] = [];
    for (const name of names) {
      const folder = join(cases, name);
      const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth;
      const result = await pairCase(folder, truth, bare);
      for (const want of truth.sessions) {
        const found = [...result.sessions].find(({ captured }) => captured?.connection.originator.port === want.client_port);
        if (!found) continue;
        const id = found.injection?.icid ?? found.delivery?.dcid ?? null;
        if (id !== (Object.keys(truth.logs).length > 0 ? (want.icid ?? want.dcid) : null)) wrong.push(`${name}: ${id}`);
        if (found.direction !== want.direction) wrong.push(`${name}: ${found.direction}`);
      }
      if (!truth.log_offset_determinable || (bare && isHidden(folder, truth))) continue;
      const offset = result.clock.estimate?.logOffsetSeconds ?? NaN;
      if (!(Math.abs(offset - truth.log_clock_offset_s) <= 2)) wrong.push(`${name}: clock ${offset} instead of ${truth.log_clock_offset_s}`);
    }
    expect(wrong).toEqual([]);
  });
});

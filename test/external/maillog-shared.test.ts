import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readLogs } from '../../src/maillog/index.ts';
import { textSource } from '../maillog/sources.ts';

const shared = fileURLToPath(new URL('../../../shared', import.meta.url));
const here = existsSync(join(shared, 'cases'));

interface Truth {
  readonly logs: Record<string, string | readonly string[]>;
  readonly sessions: readonly { readonly icid: number | null; readonly dcid: number | null; readonly mids: readonly number[] | null }[];
}

const logsOf = (truth: Truth): string[] => Object.values(truth.logs).flat();

describe.skipIf(!here)('logs that nobody of us wrote', () => {
  test('the note on aborted receiving, pasted as it is', async () => {
    const log = await readLogs([textSource(readFileSync(join(shared, 'reference/cisco-note-receiving-aborted.fr.txt')))]);
    expect(log.unknown).toEqual([]);
    expect(log.injections.map(({ icid, lost, closed, mids }) => [icid, lost !== null, closed !== null, mids])).toEqual([
      [10293, true, true, [1404]],
      [10318, false, true, [1412]],
      [3875465, false, false, [1558778]],
    ]);
    expect(log.messages.map(({ mid, aborted }) => [mid, aborted?.how])).toEqual([
      [1404, 'receiving'],
      [1412, 'by-sender'],
      [1558778, 'receiving'],
    ]);
    expect(log.injections.at(0)).toMatchObject({
      interfaceName: 'Management',
      localIp: '192.168.0.199',
      peerIp: '192.168.0.200',
      policy: { score: 'not enabled' },
    });
  });

  test('the note on released messages, pasted as it is', async () => {
    const log = await readLogs([textSource(readFileSync(join(shared, 'reference/cisco-note-quarantine-release.fr.txt')))]);
    expect(log.unknown).toEqual([]);
    expect(log.message('', 1357)?.relations).toMatchObject([{ relation: 'reinjected', to: 1359 }]);
    expect(log.message('', 1359)).toMatchObject({ icid: 0, subject: '[SPAM] This is spam?', finished: { how: 'done' } });
    expect(
      log.deliveries.map(({ dcid, remoteIp, remotePort, deliveries }) => [dcid, remoteIp, remotePort, deliveries.map(({ mid, response }) => [mid, response])]),
    ).toEqual([
      [165, '192.168.0.200', 25, [[1359, '2.0.0 Ok: queued as 33B7380356']]],
      [169, '192.168.0.200', 25, [[1361, '2.0.0 Ok: queued as C702980356']]],
    ]);
  });

  const cases = here ? readdirSync(join(shared, 'cases')).filter((name) => existsSync(join(shared, 'cases', name, 'truth.json'))) : [];
  test.each(cases)('case %s', async (name) => {
    const folder = join(shared, 'cases', name);
    const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth;
    const names = logsOf(truth);
    const log = await readLogs(names.map((file, i) => textSource(readFileSync(join(folder, file)), i)));
    expect(log.unknown).toEqual([]);
    if (names.length === 0) return;
    const icids = new Set(log.injections.map(({ icid }) => icid));
    const dcids = new Set(log.deliveries.map(({ dcid }) => dcid));
    const mids = new Set(log.messages.map(({ mid }) => mid));
    for (const session of truth.sessions) {
      if (session.icid !== null && session.icid !== undefined) expect([...icids]).toContain(session.icid);
      if (session.dcid !== null && session.dcid !== undefined) expect([...dcids]).toContain(session.dcid);
      for (const mid of session.mids ?? []) expect([...mids]).toContain(mid);
    }
  });

  test.skipIf(!cases.includes('e43-injection-debug'))('an injection debug log joins its connection', async () => {
    const folder = join(shared, 'cases/e43-injection-debug');
    const log = await readLogs(['mail_logs.log', 'injection_debug.log'].map((file, i) => textSource(readFileSync(join(folder, file)), i)));
    expect(log.files.map(({ kind }) => kind)).toEqual(['mail_logs', 'injection debug']);
    expect(log.injections).toHaveLength(1);
    expect(log.injections.at(0)?.debug.length).toBeGreaterThan(5);
  });

  test('public samples of appliance logs: every line is recognised', async () => {
    const folder = join(shared, 'corpus/logs');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile() && name.endsWith('.log'));
    const unknown: string[] = [];
    for (const file of files) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const log = await readLogs([textSource(readFileSync(join(folder, file)))], { fallbackYear: 2020 });
      unknown.push(...log.unknown.map(({ ref, text }) => `${file}:${ref.line} ${text}`));
    }
    expect(unknown).toEqual([]);
  });
});

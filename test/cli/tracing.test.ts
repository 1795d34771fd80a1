import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { runCli } from './fake-io.ts';

const spam = fileURLToPath(new URL('../../samples/spam-quarantine-release', import.meta.url));
const policy = fileURLToPath(new URL('../../samples/policy-quarantine-release', import.meta.url));
const fin = fileURLToPath(new URL('../../samples/fin-mid-envelope', import.meta.url));

interface Document {
  readonly sessions: readonly { readonly id: string; readonly dcid: number | null }[];
  readonly messages: readonly {
    readonly mid: number;
    readonly outcome: string;
    readonly deliveries: readonly { readonly dcid: number; readonly session: string }[];
  }[];
}

describe('trace', () => {
  test('a message released from the spam quarantine, down to the response, with both verdicts', async () => {
    const { status, out } = await runCli(['trace', spam, '--mid', '1359'], { analyze });
    expect(status).toBe(0);
    expect(out).toContain('MID 1357 -> 1359  delivered');
    expect(out).toMatch(/out {2}DCID 165 to .*:25/);
    expect(out).toMatch(/capture {2}the receiver answered "250 2\.0\.0 Ok: queued as/);
    expect(out).toMatch(/verdict {2}completed by appliance/);
  });

  test('as JSON: the message, and the sessions that it came and went over', async () => {
    const { out } = await runCli(['trace', spam, '--mid', '1357', '--json'], { analyze });
    const { messages, sessions } = JSON.parse(out) as Document;
    expect(messages).toMatchObject([{ mid: 1357, outcome: 'delivered' }]);
    expect(sessions.map(({ id }) => id)).toContain(messages[0]?.deliveries[0]?.session);
    expect(sessions).toHaveLength(2);
  });

  test('several fit: a list and a hint; none: a word on why', async () => {
    const several = await runCli(['trace', spam, policy, '--sender', 'spam@'], { analyze });
    expect(several.out).toContain('Several messages fit');
    const none = await runCli(['trace', spam, '--sender', 'spam@', '--exact'], { analyze });
    expect([none.status, none.out]).toEqual([0, '']);
    expect(none.err).toContain('no message fits the selection');
  });
});

test('messages: filtered by outcome, as lines for programs', async () => {
  const { out } = await runCli(['messages', spam, fin, '--aborted', '--ndjson'], { analyze });
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly outcome?: string });
  expect(lines.filter(({ type }) => type === 'message')).toMatchObject([{ outcome: 'aborted' }]);
  expect(lines.at(-1)).toMatchObject({ type: 'end', messages: 1 });
});

test('connections: how each ended by the log', async () => {
  const { out } = await runCli(['connections', fin], { analyze });
  expect(out).toMatch(/ICID 10293 .*lost: the client was gone/s);
  const selected = await runCli(['connections', spam, '--dcid', '165', '--json'], { analyze });
  expect(JSON.parse(selected.out)).toMatchObject({ connections: [{ dcid: 165, ending: 'closed' }] });
});

test("diagnose's JSON holds the messages of the selection", async () => {
  const { out } = await runCli([spam, '--mid', '1359', '--json'], { analyze });
  expect((JSON.parse(out) as Document).messages).toMatchObject([{ mid: 1357, outcome: 'delivered' }]);
});

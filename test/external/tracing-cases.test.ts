import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { readInvocation } from '../../src/cli/invocation.ts';
import type { ReportMessage } from '../../src/model/report.ts';

const cases = fileURLToPath(new URL('../../../shared/cases/', import.meta.url));
const notes = fileURLToPath(new URL('../../../shared/reference/', import.meta.url));

interface Truth {
  readonly messages?: readonly {
    readonly mid: number;
    readonly released_as: number | null;
    readonly dcid: number;
    readonly delivery: string;
    readonly quarantine: string;
  }[];
}

async function trace(inputs: readonly string[], mid: number): Promise<{ messages: ReportMessage[]; sessions: string[] }> {
  const { request } = readInvocation('trace', inputs, { mid: [String(mid)] });
  const { report } = await analyze(request);
  return { messages: [...report.messages], sessions: report.sessions.map(({ id }) => id) };
}

/** Recorded quarantine releases, told by those who played them. */
describe.skipIf(!existsSync(cases))('recorded messages', () => {
  const folders = existsSync(cases) ? readdirSync(cases).filter((name) => existsSync(`${cases}${name}/truth.json`)) : [];
  const told = folders.flatMap((folder) => {
    const truth = JSON.parse(readFileSync(`${cases}${folder}/truth.json`, 'utf8')) as Truth;
    return (truth.messages ?? []).map((message) => ({ folder, ...message }));
  });

  test('there are some', () => expect(told.length).toBeGreaterThan(0));

  test.each(told)('$folder: MID $mid', async ({ folder, mid, released_as, dcid, delivery }) => {
    for (const asked of released_as === null ? [mid] : [mid, released_as]) {
      const { messages, sessions } = await trace([`${cases}${folder}`], asked);
      expect(messages).toHaveLength(1);
      const [story] = messages;
      expect(story?.mid).toBe(mid);
      if (released_as !== null) expect(story?.lineage).toContainEqual(expect.objectContaining({ mid: released_as, from: mid, relation: 'reinjected' }));
      const attempt = story?.deliveries.find((one) => one.dcid === dcid);
      expect(attempt?.session).not.toBeNull();
      expect(sessions).toContain(attempt?.session);
      expect(attempt?.captureView).not.toBeNull();
      expect(story?.receptions).toHaveLength(1);
      if (delivery === 'done') {
        expect(story?.outcome).toBe('delivered');
        expect(attempt?.response).toContain('queued as');
      } else {
        expect(['delayed', 'bounced', 'unknown']).toContain(story?.outcome);
      }
    }
  });
});

describe.skipIf(!existsSync(notes))("the vendor's note, pasted as it is", () => {
  const note = `${notes}cisco-note-quarantine-release.fr.txt`;

  test('MID 1357, or 1359: released and delivered over DCID 165', async () => {
    for (const asked of [1357, 1359]) {
      const { messages } = await trace([note], asked);
      expect(messages).toMatchObject([{ mid: 1357, outcome: 'delivered', recipients: [{ address: 'end_user@domain.com', mid: 1359 }] }]);
      expect(messages[0]?.deliveries).toMatchObject([{ dcid: 165, mid: 1359, response: '2.0.0 Ok: queued as 33B7380356' }]);
    }
  });

  test('MID 1361: released by hand and delivered over DCID 169', async () => {
    const { messages } = await trace([note], 1361);
    expect(messages).toMatchObject([{ mid: 1361, outcome: 'delivered', deliveries: [{ dcid: 169, response: '2.0.0 Ok: queued as C702980356' }] }]);
    expect(messages[0]?.legs).toContainEqual(expect.objectContaining({ kind: 'quarantine', seconds: 29 }));
  });
});

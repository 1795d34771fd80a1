import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decodeHeaderText, readLogs } from '../../src/maillog/index.ts';
import type { MailLog } from '../../src/model/maillog.ts';
import { EVERYTHING } from '../../src/model/settings.ts';
import type { Source } from '../../src/model/source.ts';
import { MessageTraces } from '../../src/tracing/index.ts';
import { ScratchDepot } from '../../src/vault/index.ts';
import { PLAIN_CLOCK } from '../tracing/stories.ts';
import { outline, SAMPLE_LOG } from './sample-log.ts';
import { textSource } from './sources.ts';

const PRECISE = { lineNumbers: true, appliance: true };
/** Less than a block holds, so that nothing stays in memory. */
const NO_ROOM = 1000;

function generated(): string {
  const folder = mkdtempSync(join(tmpdir(), 'whohungup-shelved-'));
  const generator = fileURLToPath(new URL('../bench/generate-log.mjs', import.meta.url));
  execFileSync(process.execPath, [generator, join(folder, 'mail_logs'), '--megabytes', '0.4', '--rate', '1', '--seed', '11']);
  const text = readFileSync(join(folder, 'mail_logs'), 'latin1');
  rmSync(folder, { recursive: true });
  return text;
}

function shelved(sources: readonly Source[], roundLines: number): Promise<MailLog> {
  return readLogs(sources, { depot: new ScratchDepot(NO_ROOM), roundLines, blockBytes: 20_000 });
}

/** Everything that the log tells: histories, how they hang together, and the stories made of them. */
function all(log: MailLog): unknown {
  const stories = new MessageTraces({ log, sessions: [], clock: PLAIN_CLOCK, decodeHeader: decodeHeaderText }, EVERYTHING);
  return {
    histories: outline(log, PRECISE),
    joined: log.messages.map(({ mid, order, injection, handedOver }) => [mid, order, injection?.order, injection?.icid, handedOver?.dcid]),
    uses: log.messages.map(({ appliance, mid, last }) => [log.uses(appliance, mid).map(({ order }) => order), log.message(appliance, mid, last)?.order]),
    stories: JSON.stringify([...stories]),
  };
}

describe('histories on a shelf', () => {
  const logs: readonly (readonly [string, string])[] = [
    ['of every kind of story', generated()],
    ['a sample, twice over, so that its numbers are used again', `${SAMPLE_LOG.join('\n')}\n${SAMPLE_LOG.join('\n').replaceAll('Mar  3', 'Mar  4')}\n`],
  ];

  test.each(logs)('tell what they told before: %s', async (_, text) => {
    const expected = all(await readLogs([textSource(text)], { blockBytes: 20_000 }));
    for (const roundLines of [1, 100]) expect(all(await shelved([textSource(text)], roundLines))).toEqual(expected);
  });

  test('of a pipe or a packed file, too, which cannot be read again', async () => {
    const text = generated();
    const { reread: _reread, ...piped } = textSource(text);
    expect(all(await shelved([piped], 50))).toEqual(all(await readLogs([textSource(text)], { blockBytes: 20_000 })));
  });
});

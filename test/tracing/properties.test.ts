import { array, assert, asyncProperty, boolean, subarray } from 'fast-check';
import { expect, test } from 'vitest';
import { RECIPIENT_OUTCOMES } from '../../src/model/report.ts';
import { SAMPLE_LOG } from '../maillog/sample-log.ts';
import { delivered, headerOf, logOf, outcomes, received, tell } from './stories.ts';

const STORY = [
  ...headerOf('09:59:59', '564D-1'),
  ...received(1357, 10152, ['bob@example.com', 'eve@example.com']),
  '10:00:01 ISQ: Tagging MID 1357 for quarantine',
  '10:00:01 MID 1357 was split creating MID 1358 due to a per-recipient policy Board in the inbound table',
  '10:00:01 MID 1358 ICID 0 RID 0 To: <eve@example.com>',
  '10:00:01 MID 1357 queued for delivery',
  '10:00:02 RPC Delivery start RCID 161 MID 1357 to local IronPort Spam Quarantine',
  '10:00:03 ISQ: Quarantined MID 1357',
  '10:00:03 RPC Message done RCID 161 MID 1357',
  '10:00:03 Message finished MID 1357 done',
  '10:00:04 Delivery start DCID 164 MID 1358 to RID [0]',
  "10:00:04 Delayed: DCID 164 MID 1358 to RID 0 - 4.2.1 - Busy ('451', ['later']) []",
  '10:05:00 Start MID 1359 ICID 0 (ISQ Released Message)',
  '10:05:00 ISQ: Reinjected MID 1357 as MID 1359',
  '10:05:00 MID 1359 ICID 0 RID 0 To: <bob@example.com>',
  '10:05:00 MID 1359 queued for delivery',
  ...delivered(1359, 165, [0], '10:05:00', '10:05:01'),
  '10:05:01 Message finished MID 1359 done',
  ...delivered(1358, 166, [0], '10:06:00', '10:06:01'),
  '10:06:01 Message finished MID 1358 done',
];

test('any lines of a log, in any number: told without a throw, in the words of the contract, each line once', async () => {
  const lines = [...STORY, ...SAMPLE_LOG];
  await assert(
    asyncProperty(subarray(lines), async (kept) => {
      for (const story of await tell(logOf(...kept))) {
        expect([...RECIPIENT_OUTCOMES, 'mixed']).toContain(story.outcome);
        for (const { outcome, why } of story.recipients) {
          expect(RECIPIENT_OUTCOMES).toContain(outcome);
          expect(why).not.toBe('');
        }
        const cited = story.events.flatMap((event) => event.lines.map(({ input, line }) => `${input}:${line}`));
        expect(new Set(cited).size).toBe(cited.length);
        expect(story.events.map(({ at }) => at)).toEqual(story.events.map(({ at }) => at).toSorted());
        for (const { seconds } of story.legs) expect(seconds).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 150 },
  );
});

test('wherever the log is cut off, nothing is delivered that no line says so of', async () => {
  for (let end = 3; end <= STORY.length; end++) {
    const kept = STORY.slice(0, end);
    for (const { recipients } of await tell(logOf(...kept))) {
      for (const { address, outcome, mid } of recipients) {
        if (outcome !== 'delivered') continue;
        expect(
          kept.some((line) => line.includes(`Message done DCID`) && line.includes(`MID ${mid} to RID [0]`)),
          `${address} after ${kept.at(-1)}`,
        ).toBe(true);
      }
    }
  }
  const [story] = await tell(logOf(...STORY));
  expect(story && outcomes(story)).toEqual(['bob@example.com delivered 1359', 'eve@example.com delivered 1358']);
});

test('every message of a log belongs to exactly one story, whichever of its MIDs is asked for', async () => {
  const log = logOf(...STORY, ...SAMPLE_LOG);
  const stories = await tell(log);
  const mids = stories.flatMap(({ lineage }) => [...new Set(lineage.map(({ mid }) => mid))]);
  expect(new Set(mids).size).toBe(mids.length);
  for (const story of stories) {
    for (const { mid } of story.lineage) expect(await tell(log, { mid: [mid] })).toEqual([story]);
  }
});

test('the same lines, told in several files, give the same outcomes', async () => {
  await assert(
    asyncProperty(array(boolean(), { minLength: STORY.length, maxLength: STORY.length }), async (sides) => {
      const [header, body] = [STORY.slice(0, 3), STORY.slice(3)];
      const files = [true, false].map((side) => logOf(...header, ...body.filter((_, at) => sides[at] === side)));
      const stories = await tell(files);
      expect(stories.map(outcomes)).toEqual([['bob@example.com delivered 1359', 'eve@example.com delivered 1358']]);
    }),
    { numRuns: 60 },
  );
});

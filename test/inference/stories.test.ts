import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import type { Known } from '../../src/inference/known.ts';
import type { Inference } from '../../src/model/inference.ts';
import { nameOf } from '../lab/tls/score.mjs';
import * as said from './story.ts';

const { ACCEPTED, BYE, CLOSE_BY_CLIENT, CLOSE_BY_SERVER, DATA, DOT, EHLO, GO_AHEAD, HELLO, MAIL, MAIL_OK, MESSAGE, QUIT, RCPT, RCPT_OK, known } = said;

function told(spoken: readonly said.Spoken[], changes: Partial<Known> = {}, lossy = false): Inference {
  const inference = infer(said.records(...spoken), 0, known(changes), lossy);
  if (!inference) throw new Error('nothing was inferred');
  return inference;
}

const words = (inference: Inference): string[] => inference.records.map((record) => nameOf(record)).slice(5);
const WITH_LOG: Partial<Known> = { messages: [{ ...MESSAGE, fate: 'withdrawn' }], isWhole: true };

describe('a QUIT within TLS before DATA', () => {
  const session = [EHLO, HELLO, MAIL, MAIL_OK, RCPT, RCPT_OK, QUIT, BYE, CLOSE_BY_SERVER];

  test.each([
    ['with the log', WITH_LOG],
    ['without a log', {}],
  ])('is told %s', (_, changes) => {
    const inference = told(session, { ...changes, closedBy: 'server' });
    expect(words(inference)).toEqual(['EHLO', 'reply EHLO yes', 'MAIL', 'reply MAIL yes', 'RCPT', 'reply RCPT yes', 'QUIT', 'reply QUIT yes', 'close_notify']);
    expect(inference.quit).toMatchObject({ answer: 'yes', confidence: 'strong' });
    expect(inference.completed.answer).toBe('no');
    expect(inference.stage?.stage).toBe('rcpt');
    expect(inference.quitAt?.packet.number).toBe(12);
  });

  test('has the words of the log where they fit the length, and none where nothing tells them', () => {
    const text = (inference: Inference, at: number): string | null | undefined => inference.records[at + 5]?.parts[0]?.text;
    const logged = told(session, { ...WITH_LOG, closedBy: 'server' });
    expect(text(logged, 2)).toBe('MAIL FROM:<sender@client.example>');
    expect(text(logged, 3)).toBe('250 sender <sender@client.example> ok');
    expect(text(logged, 7)).toBe('221 esa.example.net');
    const alone = told(session, { closedBy: 'server' });
    expect([text(alone, 2), text(alone, 3)]).toEqual([null, null]);
    expect(text(alone, 6)).toBe('QUIT');
  });
});

test('a completed session is told from one that only closes', () => {
  const until = [EHLO, HELLO, MAIL, MAIL_OK, RCPT, RCPT_OK, DATA, GO_AHEAD, ['C', 2501] as const, DOT, ACCEPTED];
  const whole = told([...until, QUIT, BYE, CLOSE_BY_CLIENT, CLOSE_BY_SERVER]);
  expect([whole.quit.answer, whole.completed.answer, whole.answered.answer, whole.stage?.stage]).toEqual(['yes', 'yes', 'yes', 'quit']);
  const closed = told([...until, CLOSE_BY_CLIENT]);
  expect([closed.quit.answer, closed.stage?.stage]).toEqual(['no', 'idle-after-message']);
});

test('a 421 after silence is told, and who owed what before it', () => {
  const inference = told([EHLO, HELLO, MAIL, MAIL_OK, RCPT, RCPT_OK, ['S', 72, 300], CLOSE_BY_SERVER], { closedBy: 'server' });
  expect(words(inference).slice(-2)).toEqual(['notice', 'close_notify']);
  expect(inference.notice).toMatchObject({ answer: 'yes', confidence: 'strong' });
  expect(inference.quit.answer).toBe('no');
  expect(inference.debts.find(({ sinceUs }) => sinceUs === inference.records[10]?.at.atUs)).toMatchObject({ side: 'client', what: 'command' });
});

test('a final dot without an answer is told', () => {
  const inference = told([EHLO, HELLO, MAIL, MAIL_OK, RCPT, RCPT_OK, DATA, GO_AHEAD, ['C', 2501], DOT]);
  expect([inference.ended.answer, inference.answered.answer, inference.stage?.stage]).toEqual(['yes', 'no', 'data-end']);
  expect(inference.debts.at(-1)).toMatchObject({ side: 'server', what: 'reply to the end of data' });
  expect(inference.messageOctets).toEqual([2501, 2501]);
});

test('nothing is told of a suite that is not known, or of records without a handshake', () => {
  const summary = said.records(EHLO, HELLO);
  expect(infer({ ...summary, suite: null }, 0, known(), false)).toBeNull();
  expect(infer({ ...summary, version: null }, 0, known(), false)).toBeNull();
  expect(infer({ ...summary, records: summary.records.slice(3) }, 0, known(), false)).toBeNull();
});

test('where octets are missing nothing is more than limited', () => {
  const inference = told([EHLO, HELLO, MAIL, MAIL_OK, RCPT, RCPT_OK, QUIT, BYE], {}, true);
  expect(inference.records.slice(5).filter(({ confidence }) => confidence === 'strong' || confidence === 'moderate')).toEqual([]);
});

test('a gap between the kept records ends the use of the envelope, not the reading', () => {
  const body = Array.from({ length: 251 }, () => ['C', 16_384] as const);
  const before = [EHLO, HELLO, MAIL, MAIL_OK, RCPT, RCPT_OK, DATA, GO_AHEAD];
  const summary = said.records(...before, ...body.slice(0, 256 - 5 - before.length), ...body.slice(0, 60), DOT, ACCEPTED, QUIT, BYE);
  const inference = infer({ ...summary, recordsDropped: 4000 }, 0, known({ messages: [MESSAGE], isWhole: true }), false);
  expect(inference?.records.slice(-4).map((record) => nameOf(record))).toEqual(['end-of-data', 'reply end-of-data yes', 'QUIT', 'reply QUIT yes']);
});

test('any list of records is read without complaint, and no share leaves its bounds', () => {
  const spoken = fc.array(fc.tuple(fc.constantFrom('C' as const, 'S' as const), fc.integer({ min: 0, max: 17_000 })), { maxLength: 60 });
  fc.assert(
    fc.property(spoken, fc.boolean(), fc.boolean(), (list, logged, lossy) => {
      const inference = infer(said.records(...list), 0, known(logged ? WITH_LOG : {}), lossy);
      for (const record of inference?.records ?? []) {
        expect(record.probability).toBeGreaterThanOrEqual(0);
        expect(record.probability).toBeLessThanOrEqual(1.000001);
        expect(record.confidence).not.toBe('proven');
      }
    }),
    { numRuns: 60 },
  );
});

import { expect, test } from 'vitest';
import { fitEnvelope, turnsOf } from '../../src/pairing/encrypted-lines.ts';
import type { LoggedMessage, LoggedSession } from '../../src/pairing/traits.ts';
import type { SmtpDialogue } from '../../src/model/smtp.ts';
import { DATA, GO_AHEAD, MAIL, MAIL_OK, RCPT, RCPT_OK, records, type Spoken } from '../inference/story.ts';

function turns(...spoken: readonly Spoken[]) {
  return turnsOf({ tls: records(...spoken), client: 0 } as unknown as SmtpDialogue) ?? [];
}

function logged(kind: 'icid' | 'dcid', sender: string, recipients: readonly string[], response: string | null = null): LoggedSession {
  const message = { mid: 1, sender, recipients, response } as unknown as LoggedMessage;
  return { kind, messages: [message] } as unknown as LoggedSession;
}

const SESSION = [MAIL, MAIL_OK, RCPT, RCPT_OK, DATA, GO_AHEAD] as const;

test('an envelope fits where commands and the replies that repeat them have its lengths', () => {
  expect(fitEnvelope(turns(...SESSION), logged('icid', 'sender@client.example', ['rcpt@example.net']))).toEqual({ found: 2, missing: 0, isExact: true });
  expect(fitEnvelope(turns(...SESSION), logged('icid', 'somebody.else@client.example', ['rcpt@example.net']))).toMatchObject({ found: 1, missing: 1 });
});

test('a delivery is measured by its commands and by the response that the log repeats', () => {
  const accepted = [
    ['C', 900],
    ['C', 3],
    ['S', '250 2.0.0 Ok: queued as 33B7380356\r\n'.length],
  ] as const satisfies readonly Spoken[];
  const fit = (response: string) => fitEnvelope(turns(...SESSION, ...accepted), logged('dcid', 'sender@client.example', ['rcpt@example.net'], response));
  expect(fit('2.0.0 Ok: queued as 33B7380356')?.missing).toBe(0);
  expect(fit('2.0.0 Ok: queued as 4ZQK33B7380356')?.missing).toBeGreaterThan(1);
});

test('an envelope that was said in one record is measured as a whole', () => {
  const together = MAIL[1] + RCPT[1] + DATA[1];
  expect(fitEnvelope(turns(['C', together], ['S', 90]), logged('icid', 'sender@client.example', ['rcpt@example.net']))?.missing).toBe(0);
});

test('without a suite lengths tell nothing', () => {
  expect(turnsOf({ tls: { ...records(...SESSION), suite: null }, client: 0 } as unknown as SmtpDialogue)).toBeNull();
  expect(fitEnvelope([], logged('icid', 'sender@client.example', []))).toBeNull();
});

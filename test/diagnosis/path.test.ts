import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_RST, TCP_SYN } from '../../src/model/packet.ts';
import type { Judgement } from '../../src/model/judgement.ts';
import type { CapturedSession } from '../../src/model/pairing.ts';
import { surveyPeers } from '../../src/diagnosis/index.ts';
import { synOptions, type Wire } from '../support/segments.ts';
import { envelope, greet, message, record, trial } from '../support/trial.ts';

function seen({ interference, evidence }: Judgement): string[] {
  return [...interference.map(({ kind }) => kind), ...evidence.filter(({ side }) => side === 'neutral').map(({ kind }) => kind)];
}

function inbound(sessions: readonly CapturedSession[]) {
  return sessions.map((captured) => ({ captured, direction: 'inbound' as const }));
}

const SECOND = 1_000_000;
/** The appliance is the client: a delivery. */
const DELIVERY = { client: { ip: '192.0.2.25', ttl: 64 }, server: { ip: '203.0.113.80', ttl: 50 } };

describe('what a device in between did besides', () => {
  test('EHLO arrives as XXXX: inspection, and the session completes all the same', async () => {
    const judged = await trial((wire) => {
      wire
        .handshake()
        .answers('220 esa ESMTP')
        .says('XXXX mail.example.org')
        .answers('500 #5.5.1 command not recognized')
        .says('HELO mail.example.org')
        .answers('250 esa');
      wire.says('MAIL FROM:<a@example.org>').answers('250 ok').says('RCPT TO:<b@example.com>').answers('250 ok').says('DATA').answers('354 go');
      return wire.says('Subject: x\r\n\r\nx\r\n.').answers('250 ok').says('QUIT').answers('221 bye').close();
    });
    expect(judged.verdict.cause).toBe('completed');
    expect(seen(judged)).toEqual(['command-masked']);
  });

  test('a delivery is greeted with asterisks and offered masked keywords', async () => {
    const judged = await trial(
      (wire) =>
        wire
          .handshake()
          .answers('220 ****************0*')
          .says('EHLO esa.example.com')
          .answers('250-mx\r\n250-SIZE 1000\r\n250 XXXXXXXA')
          .says('QUIT')
          .answers('221 bye')
          .close(),
      DELIVERY,
    );
    expect(seen(judged)).toEqual(['banner-masked', 'capability-masked']);
  });

  test('asterisks in our own greeting prove nothing: nothing has stood between yet', async () => {
    expect(seen(await trial((wire) => wire.handshake().answers('220 ********************').says('QUIT').answers('221 bye').close()))).toEqual([]);
  });

  test('a firewall answers in the name of the remote server', async () => {
    const judged = await trial(
      (wire) =>
        wire
          .handshake()
          .answers('220 mx')
          .says('EHLO esa')
          .answers('250 mx')
          .says('MAIL FROM:<a@example.com>')
          .answers('250 ok')
          .says('RCPT TO:<b@example.org>')
          .answers('541 5.4.1 Content blocked by Palo Alto Networks Firewall')
          .says('QUIT')
          .close(),
      DELIVERY,
    );
    expect(seen(judged)).toEqual(['proxy']);
    expect(judged.interference[0]?.statement).toContain('Palo Alto');
  });

  test('TCP options replaced by padding, and the segment size of an ASA', async () => {
    const judged = await trial((wire) => {
      wire
        .client(TCP_SYN, { options: [2, 4, 5, 100, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] })
        .server(TCP_SYN | TCP_ACK, { options: synOptions() })
        .client(TCP_ACK);
      return wire.answers('220 esa').says('QUIT').answers('221 bye').close();
    });
    expect(seen(judged)).toEqual(['option-stripped', 'segment-size-clamped']);
  });

  test('a RST from another place after a long pause: forgotten state', async () => {
    const judged = await trial((wire) =>
      envelope(wire)
        .wait(3600 * SECOND)
        .client(TCP_RST, { seq: wire.next[0], ttl: 63, ipId: 0, window: 0 }),
    );
    expect(seen(judged)).toContain('idle-expiry');
    expect(judged.interference[0]?.statement).toContain('ASA');
  });

  test('the hundredth recipient is the last that came', async () => {
    const judged = await trial((wire) => {
      greet(wire).says('MAIL FROM:<a@example.org>').answers('250 ok');
      for (let i = 0; i < 100; i++) wire.says(`RCPT TO:<user${i}@example.com>`).answers('250 ok');
      return wire.wait(300 * SECOND).answers('421 Timed out waiting for successful message injection');
    });
    expect(seen(judged)).toEqual(['inspection-limit']);
  });

  test('all clients of the internet are one hop away: one box speaks for them', async () => {
    const stories = Array.from({ length: 12 }, () => (wire: Wire) => message(wire).says('QUIT').answers('221 bye').close());
    const sessions = stories.flatMap((story, i) => record([story], { client: { ip: `${20 + i}.1.2.3`, ttl: 63 } }).sessions);
    const survey = surveyPeers(inbound(sessions));
    expect(survey).toMatchObject({ networks: 12, oneBox: { hops: 1 } });
    expect(seen(await trial((wire) => envelope(wire), { survey }))).toContain('proxy');
    expect(surveyPeers(inbound(sessions.slice(0, 5))).oneBox).toBeNull();
  });

  test('an ordinary message shows nothing', async () => {
    expect(seen(await trial((wire) => message(wire).says('QUIT').answers('221 bye').close()))).toEqual([]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { TCP_ACK, TCP_FIN } from '../../src/model/packet.ts';
import type { ReportMessage } from '../../src/model/report.ts';
import { EVERYTHING } from '../../src/model/settings.ts';
import { type Captured, encodePcap } from '../support/captures.ts';
import { conversation } from '../support/mail-capture.ts';
import { tcpPacket } from '../support/packets.ts';
import { SITE } from '../support/pairing-world.ts';
import { logOf, received } from '../tracing/stories.ts';

const folder = mkdtempSync(join(tmpdir(), 'whohungup-unheard-'));
afterAll(() => rmSync(folder, { recursive: true }));

const START_US = Date.UTC(2026, 2, 3, 10, 0, 5, 200_000 / 1000) * 1000;
const APPLIANCE = '192.0.2.25';
const REMOTE = '203.0.113.80';

/** A delivery whose last answer reaches the capture point, but not the appliance: it comes again and again, and after five minutes the appliance closes. */
function unheard(): Captured[] {
  const packets = conversation(
    [
      ['S', '220 mx.remote.example ESMTP\r\n'],
      ['C', 'EHLO esa.example.com\r\n'],
      ['S', '250 mx.remote.example\r\n'],
      ['C', 'MAIL FROM:<ann@partner.example>\r\n'],
      ['S', '250 2.1.0 Ok\r\n'],
      ['C', 'RCPT TO:<bob@example.com>\r\n'],
      ['S', '250 2.1.5 Ok\r\n'],
      ['C', 'DATA\r\n'],
      ['S', '354 go ahead\r\n'],
      ['C', 'Message-ID: <figures.1404@partner.example>\r\nSubject: Figures 1404\r\n\r\nfour\r\n.\r\n'],
      ['S', '250 2.0.0 Ok: queued as 33B7380356\r\n'],
    ],
    { client: APPLIANCE, server: REMOTE, clientPort: 31_025, startUs: START_US },
  ).slice(0, -1);
  const answer = packets.at(-1);
  if (!answer) throw new Error('nothing was said');
  const again = [1, 3, 7, 15, 31, 63].map((seconds) => ({ ...answer, atUs: answer.atUs + seconds * 1e6 }));
  const close = tcpPacket({
    src: APPLIANCE,
    dst: REMOTE,
    srcPort: 31_025,
    dstPort: 25,
    seq: 1001 + saidBy(packets),
    ack: 5001,
    ttl: 64,
    ipId: 900,
    flags: TCP_FIN | TCP_ACK,
    payload: '',
  });
  return [...packets, ...again, { atUs: answer.atUs + 300e6, ip: close }];
}

/** Octets that the appliance said. */
function saidBy(packets: readonly Captured[]): number {
  return packets.reduce((sum, { ip }) => sum + (Buffer.from(ip?.subarray(12, 16) ?? []).equals(Buffer.from([192, 0, 2, 25])) ? (ip?.length ?? 40) - 40 : 0), 0);
}

async function trace(...ending: readonly string[]): Promise<ReportMessage | undefined> {
  const log = logOf(
    '10:00:00 Begin Logfile',
    '10:00:00 Version: 15.0.1-030 SN: 4215A1B2C3D4E5F60718-90A1B2C3D4E5',
    '10:00:00 Time offset from UTC: 0 seconds',
    ...received(1404, 10293, ['bob@example.com']),
    '10:00:04 MID 1404 queued for delivery',
    `10:00:05 New SMTP DCID 200 interface ${APPLIANCE} address ${REMOTE} port 25`,
    '10:00:05 Delivery start DCID 200 MID 1404 to RID [0]',
    ...ending,
    '10:05:06 DCID 200 close',
  );
  const paths = [join(folder, 'esa.pcap'), join(folder, 'mail_logs')];
  writeFileSync(paths[0] ?? '', encodePcap(unheard()));
  writeFileSync(paths[1] ?? '', log);
  const { report } = await analyze({
    inputs: paths.map((path) => ({ path, vantage: null })),
    site: SITE,
    selection: { ...EVERYTHING, mid: [1404] },
    subject: 'one-message',
  });
  const [story] = report.messages;
  return story;
}

const CALLED_OUT = 'But the capture shows that the receiver took it over DCID 200 (250 2.0.0 Ok: queued as 33B7380356, packet';

test('the log says timeout, and the capture shows the 250', async () => {
  const story = await trace(
    `10:05:06 Connection Error: DCID 200 domain: example.com IP: ${REMOTE} port: 25 details: timeout interface: ${APPLIANCE} reason: network error`,
    "10:05:06 Delayed: DCID 200 MID 1404 to RID 0 - 4.4.2 - Connection timed out ('000', ['timeout']) []",
    '10:05:06 Message 1404 to RID [0] pending till Tue Mar  3 10:15:06 2026',
  );
  expect(story?.deliveries).toMatchObject([{ dcid: 200, contradiction: true }]);
  expect(story?.recipients[0]?.outcome).toBe('delayed');
  expect(story?.recipients[0]?.why).toContain(CALLED_OUT);
  expect(story?.recipients[0]?.why).toContain('comes twice');
});

test('possible delivery, and the capture shows the 250', async () => {
  const story = await trace(
    '10:05:06 Possible Delivery: DCID: 200 MID 1404 to [0]',
    '10:05:06 Message done DCID 200 MID 1404 to RID [0]',
    '10:05:06 Message finished MID 1404 done',
  );
  expect(story?.deliveries).toMatchObject([{ dcid: 200, contradiction: true }]);
  expect(story?.recipients[0]).toMatchObject({ outcome: 'delivered' });
  expect(story?.recipients[0]?.why).toContain(CALLED_OUT);
});

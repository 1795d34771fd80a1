import type { MailLog } from '../../src/model/maillog.ts';

/** A day at a small site: a session lost mid-envelope, a delivery, a quarantine release, a timeout, a refused client. */
export const SAMPLE_LOG = [
  'Tue Mar  3 09:59:58 2026 Info: Begin Logfile',
  'Tue Mar  3 09:59:58 2026 Info: Version: 15.0.1-030 SN: 564D0000AAAA-BBBB0001',
  'Tue Mar  3 09:59:58 2026 Info: Time offset from UTC: 3600 seconds',
  'Tue Mar  3 10:00:01 2026 Info: New SMTP ICID 7001 interface Data 1 (192.0.2.25) address 198.51.100.7 reverse dns host mx.partner.example verified yes',
  'Tue Mar  3 10:00:01 2026 Info: ICID 7001 ACCEPT SG UNKNOWNLIST match sbrs[-1.0:10.0] SBRS 3.5 country United States',
  'Tue Mar  3 10:00:02 2026 Info: ICID 7001 TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384',
  'Tue Mar  3 10:00:03 2026 Info: Start MID 9001 ICID 7001',
  'Tue Mar  3 10:00:03 2026 Info: MID 9001 ICID 7001 From: <ann@partner.example>',
  'Tue Mar  3 10:00:04 2026 Info: MID 9001 ICID 7001 RID 0 To: <bob@example.com>',
  'Tue Mar  3 10:00:04 2026 Info: MID 9001 ICID 7001 To: <nobody@example.com> Rejected by RAT',
  'Tue Mar  3 10:00:40 2026 Info: ICID 7001 lost',
  'Tue Mar  3 10:00:40 2026 Info: Message aborted MID 9001 Receiving aborted',
  'Tue Mar  3 10:00:40 2026 Info: Message finished MID 9001 aborted',
  'Tue Mar  3 10:00:40 2026 Info: ICID 7001 close',
  'Tue Mar  3 10:01:00 2026 Info: New SMTP ICID 7002 interface Management (2001:db8::25) address 2001:db8:7::1 reverse dns host unknown verified no',
  'Tue Mar  3 10:01:00 2026 Info: ICID 7002 RELAY SG RELAY_SG match 2001:db8:7::1 SBRS not enabled',
  'Tue Mar  3 10:01:01 2026 Info: Start MID 9002 ICID 7002',
  'Tue Mar  3 10:01:01 2026 Info: MID 9002 ICID 7002 From: <carla@example.com>',
  'Tue Mar  3 10:01:02 2026 Info: MID 9002 ICID 7002 RID 0 To: <dave@remote.example>',
  "Tue Mar  3 10:01:03 2026 Info: MID 9002 Message-ID '<figures.1@example.com>'",
  "Tue Mar  3 10:01:03 2026 Info: MID 9002 Subject 'Figures of the third quarter for everybody who asked'",
  'Tue Mar  3 10:01:03 2026 Info: MID 9002 SDR: Domains for which SDR is requested: reverse DNS host: Not Present, helo: mail.example.com, env-from: example.com, header-from: example.com, reply-to: Not Present',
  'Tue Mar  3 10:01:03 2026 Info: MID 9002 ready 20480 bytes from <carla@example.com>',
  'Tue Mar  3 10:01:03 2026 Info: MID 9002 matched all recipients for per-recipient policy DEFAULT in the outbound table',
  'Tue Mar  3 10:01:04 2026 Info: MID 9002 interim verdict using engine: CASE spam negative',
  'Tue Mar  3 10:01:04 2026 Info: MID 9002 using engine: CASE spam negative',
  'Tue Mar  3 10:01:04 2026 Info: MID 9002 interim AV verdict using Sophos CLEAN',
  'Tue Mar  3 10:01:04 2026 Info: MID 9002 antivirus negative',
  'Tue Mar  3 10:01:04 2026 Info: MID 9002 queued for delivery',
  'Tue Mar  3 10:01:04 2026 Info: New SMTP DCID 3001 interface 192.0.2.25 address 203.0.113.80 port 25',
  'Tue Mar  3 10:01:04 2026 Info: Delivery start DCID 3001 MID 9002 to RID [0]',
  'Tue Mar  3 10:01:05 2026 Info: Message done DCID 3001 MID 9002 to RID [0]',
  "Tue Mar  3 10:01:05 2026 Info: MID 9002 RID [0] Response '2.0.0 Ok: queued as 4Zk1TgRw'",
  'Tue Mar  3 10:01:05 2026 Info: Message finished MID 9002 done',
  'Tue Mar  3 10:01:06 2026 Info: ICID 7002 close',
  'Tue Mar  3 10:01:10 2026 Info: DCID 3001 close',
  'Tue Mar  3 10:02:00 2026 Info: Start MID 9003 ICID 0 (ISQ Released Message)',
  'Tue Mar  3 10:02:00 2026 Info: ISQ: Reinjected MID 8950 as MID 9003',
  'Tue Mar  3 10:02:00 2026 Info: MID 9003 ICID 0 From: <offers@shop.example>',
  'Tue Mar  3 10:02:00 2026 Info: MID 9003 ICID 0 RID 0 To: <bob@example.com>',
  'Tue Mar  3 10:02:06 2026 Info: Connection Error: DCID 3002 domain: example.com IP: 203.0.113.81 port: 25 details: [Errno 54] Connection reset by peer interface: 192.0.2.25 reason: network error',
  "Tue Mar  3 10:02:06 2026 Info: Delayed: DCID 3002 MID 9003 to RID 0 - 4.4.0 - Other network problem ('000', ['[Errno 54] Connection reset by peer']) []",
  'Tue Mar  3 10:02:06 2026 Info: Message 9003 to RID [0] pending till Tue Mar  3 10:12:06 2026',
  'Tue Mar  3 10:03:00 2026 Info: New SMTP ICID 7003 interface Data 1 (192.0.2.25) address 198.51.100.9 reverse dns host pool9.isp.example verified no',
  'Tue Mar  3 10:03:00 2026 Info: ICID 7003 REJECT SG BLACKLIST match sbrs[-10.0:-3.0] SBRS -6.2',
  'Tue Mar  3 10:03:00 2026 Info: ICID 7003 close',
  'Tue Mar  3 10:04:00 2026 Info: New SMTP ICID 7004 interface Data 1 (192.0.2.25) address 198.51.100.10 reverse dns host mx.slow.example verified yes',
  'Tue Mar  3 10:04:00 2026 Info: ICID 7004 ACCEPT SG UNKNOWNLIST match sbrs[none] SBRS None',
  'Tue Mar  3 10:04:01 2026 Info: Start MID 9004 ICID 7004',
  'Tue Mar  3 10:04:01 2026 Info: MID 9004 ICID 7004 From: <eve@slow.example>',
  'Tue Mar  3 10:09:01 2026 Info: Message aborted MID 9004 Receiving aborted by sender',
  'Tue Mar  3 10:09:01 2026 Info: Message finished MID 9004 aborted',
  'Tue Mar  3 10:09:01 2026 Info: ICID 7004 disconnected address 198.51.100.10, no messages injected within timeout period',
  'Tue Mar  3 10:09:01 2026 Info: ICID 7004 close',
];

export interface OutlineOptions {
  /** Leave out which line of the file it was (deformed files count differently). */
  readonly lineNumbers: boolean;
  readonly appliance: boolean;
}

/** Everything that the histories tell, as plain data. */
export function outline(log: MailLog, options: OutlineOptions = { lineNumbers: false, appliance: true }): unknown {
  const plain: unknown = JSON.parse(
    JSON.stringify(
      { injections: log.injections.map(own), messages: log.messages.map(own), deliveries: log.deliveries.map(own), unknown: log.unknown },
      (key, value: unknown) => {
        if (key === 'ref' && !options.lineNumbers) return undefined;
        return key === 'appliance' && !options.appliance ? undefined : value;
      },
    ),
  );
  return plain;
}

/** Histories read their lines on demand, so their properties are listed by name. */
function own(history: object): Record<string, unknown> {
  const names = [
    'appliance icid opened interfaceName localIp peerIp reverseDns policy first last ends lost closed tls auth heloName mids lines ownLines debug',
    'mid started sender recipients messageId subject ready aborted finished relations',
    'dcid remoteIp remotePort deliveries problems',
  ].flatMap((list) => list.split(' '));
  return Object.fromEntries(names.filter((name) => name in history).map((name) => [name, (history as Record<string, unknown>)[name]]));
}

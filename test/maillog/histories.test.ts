import { describe, expect, test } from 'vitest';
import { readLogs } from '../../src/maillog/index.ts';
import type { MailLog } from '../../src/model/maillog.ts';
import { SAMPLE_LOG } from './sample-log.ts';
import { textSource } from './sources.ts';

const read = (...lines: string[]): Promise<MailLog> => readLogs([textSource(lines.join('\n'))]);
const at = (time: string, text: string): string => `Tue Mar  3 ${time} 2026 Info: ${text}`;
const texts = (lines: readonly { readonly text: string }[]): string[] => lines.map(({ text }) => text);

describe('the histories of a day', () => {
  test('a session lost in the middle of the envelope', async () => {
    const log = await read(...SAMPLE_LOG);
    const [injection] = log.injections;
    expect(injection).toMatchObject({ appliance: '564D0000AAAA-BBBB0001', icid: 7001, interfaceName: 'Data 1', localIp: '192.0.2.25', peerIp: '198.51.100.7' });
    expect(injection).toMatchObject({ reverseDns: 'mx.partner.example', mids: [9001], ownLines: true });
    expect(injection?.policy).toEqual({ action: 'ACCEPT', group: 'UNKNOWNLIST', match: 'sbrs[-1.0:10.0]', score: '3.5' });
    expect(injection?.tls).toMatchObject({ ok: true, protocol: 'TLSv1.2' });
    expect(injection?.ends.map(({ kind }) => kind)).toEqual(['lost', 'close']);
    expect(injection?.lost?.atUs).toBe(Date.UTC(2026, 2, 3, 10, 0, 40) * 1000);
    expect(injection?.lost?.ref).toEqual({ input: 0, line: 11 });
    expect(injection?.lines).toHaveLength(11);
    const message = log.message('564D0000AAAA-BBBB0001', 9001);
    expect(message?.aborted).toMatchObject({ how: 'receiving' });
    expect(message?.recipients.map(({ rid, address, rejectedBy }) => [rid, address, rejectedBy])).toEqual([
      [0, 'bob@example.com', null],
      [null, 'nobody@example.com', 'RAT'],
    ]);
  });

  test('a message that was accepted and delivered', async () => {
    const log = await read(...SAMPLE_LOG);
    const message = log.message('564D0000AAAA-BBBB0001', 9002);
    expect(message).toMatchObject({ icid: 7002, sender: 'carla@example.com', messageId: '<figures.1@example.com>', ready: { octets: 20_480 } });
    const injection = log.injections.at(1);
    expect(injection).toMatchObject({ peerIp: '2001:db8:7::1', localIp: '2001:db8::25', heloName: 'mail.example.com' });
    // The connection closed after the delivery, so the message's lines up to there are the connection's, too.
    expect(texts(injection?.lines ?? [])).toContain('MID 9002 queued for delivery');
    const [delivery] = log.deliveries;
    expect(delivery).toMatchObject({ dcid: 3001, localIp: '192.0.2.25', remoteIp: '203.0.113.80', remotePort: 25, mids: [9002] });
    expect(delivery?.deliveries).toHaveLength(1);
    expect(delivery?.deliveries[0]).toMatchObject({ mid: 9002, rids: [0], response: '2.0.0 Ok: queued as 4Zk1TgRw' });
    expect(delivery?.deliveries[0]?.responseLine?.text).toContain('Response');
  });

  test('a delivery that shows up only in its errors', async () => {
    const log = await read(...SAMPLE_LOG);
    const delivery = log.deliveries.at(1);
    expect(delivery).toMatchObject({ dcid: 3002, opened: null, localIp: '192.0.2.25', remoteIp: '203.0.113.81', remotePort: 25, mids: [9003] });
    expect(delivery?.problems.map(({ kind, code, details, reason }) => [kind, code, details, reason])).toEqual([
      ['connection-error', null, '[Errno 54] Connection reset by peer', 'network error'],
      ['delayed', '000', '[Errno 54] Connection reset by peer', '4.4.0 - Other network problem'],
    ]);
  });

  test('a released message leads back to the quarantined one, of which nothing else is in the log', async () => {
    const log = await read(...SAMPLE_LOG);
    expect(log.message('564D0000AAAA-BBBB0001', 8950)?.relations).toMatchObject([{ relation: 'reinjected', to: 9003 }]);
    expect(log.message('564D0000AAAA-BBBB0001', 9003)).toMatchObject({ icid: 0, sender: 'offers@shop.example' });
    expect(log.injections.map(({ icid }) => icid)).not.toContain(0);
  });

  test('how connections end, each in its own words', async () => {
    const log = await read(...SAMPLE_LOG);
    expect(log.injections.map(({ icid, ends }) => [icid, ends.map(({ kind }) => kind)])).toEqual([
      [7001, ['lost', 'close']],
      [7002, ['close']],
      [7003, ['rejected', 'close']],
      [7004, ['timeout-no-injection', 'close']],
    ]);
  });

  test('the summary of the file', async () => {
    const log = await read(...SAMPLE_LOG);
    expect(log.files).toEqual([
      {
        input: 0,
        kind: 'mail_logs',
        format: 'file',
        lines: SAMPLE_LOG.length,
        entries: SAMPLE_LOG.length,
        unknownLines: 0,
        firstUs: Date.UTC(2026, 2, 3, 9, 59, 58) * 1000,
        lastUs: Date.UTC(2026, 2, 3, 10, 9, 1) * 1000,
        serials: ['564D0000AAAA-BBBB0001'],
        utcOffsetSeconds: 3600,
        appliances: ['564D0000AAAA-BBBB0001'],
      },
    ]);
  });
});

describe('numbers', () => {
  test('an ICID that only its messages mention has no lines of its own', async () => {
    const log = await read(
      at('10:00:00', 'Start MID 5 ICID 77'),
      at('10:00:00', 'MID 5 ICID 77 From: <a@b.example>'),
      at('10:05:00', 'Message aborted MID 5 Receiving aborted'),
    );
    expect(log.injections).toHaveLength(1);
    expect(log.injections.at(0)).toMatchObject({ icid: 77, ownLines: false, opened: null, mids: [5] });
    expect(log.injections.at(0)?.lines).toHaveLength(3);
  });

  test('after a reset of the counters the same number is another connection', async () => {
    const open = 'New SMTP ICID 5 interface Management (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no';
    const log = await read(
      at('10:00:00', open),
      at('10:00:01', 'Start MID 1 ICID 5'),
      at('10:00:02', 'ICID 5 close'),
      at('20:00:00', open),
      at('20:00:01', 'Start MID 1 ICID 5'),
    );
    expect(log.injections.map(({ icid, closed, lines }) => [icid, closed !== null, lines.length])).toEqual([
      [5, true, 3],
      [5, false, 2],
    ]);
    expect(log.messages.map(({ mid, lines }) => [mid, lines.length])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test('syslog may deliver the opening line late', async () => {
    const log = await read(
      at('10:00:00', 'ICID 5 ACCEPT SG UNKNOWNLIST match sbrs[none] SBRS None'),
      at('10:00:00', 'New SMTP ICID 5 interface Management (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no'),
    );
    expect(log.injections).toHaveLength(1);
    expect(log.injections.at(0)?.policy?.action).toBe('ACCEPT');
  });

  test('a message without a Start line, made by splitting', async () => {
    const log = await read(
      at('10:00:00', 'MID 5 was split creating MID 6 due to a per-recipient policy Board Members'),
      at('10:00:00', 'MID 6 matched all recipients for per-recipient policy Board Members in the inbound table'),
      at('10:00:00', 'Message finished MID 5 done'),
      at('10:00:01', 'MID 6 queued for delivery'),
    );
    expect(log.message('', 5)?.relations).toMatchObject([{ relation: 'split', to: 6, by: 'per-recipient policy Board Members' }]);
    expect(log.message('', 6)?.lines).toHaveLength(3);
  });

  test('two recipients with different ends on one delivery connection', async () => {
    const log = await read(
      at('10:00:00', 'New SMTP DCID 9 interface 192.0.2.25 address 203.0.113.80 port 25'),
      at('10:00:00', 'Delivery start DCID 9 MID 5 to RID [0, 1]'),
      at('10:00:01', "Bounced: DCID 9 MID 5 to RID 1 - 5.1.0 - Unknown address error ('550', ['5.1.1 <gone@remote.example>: no such user']) []"),
      at('10:00:02', 'Message done DCID 9 MID 5 to RID [0]'),
      at('10:00:02', "MID 5 RID [0] Response 'ok'"),
    );
    expect(log.deliveries.at(0)?.deliveries).toHaveLength(1);
    expect(log.deliveries.at(0)?.deliveries[0]).toMatchObject({ rids: [0, 1], response: 'ok' });
    expect(log.deliveries.at(0)?.problems).toMatchObject([{ kind: 'bounced', mid: 5, code: '550', details: '5.1.1 <gone@remote.example>: no such user' }]);
  });

  test('a harvest attack is told by address and belongs to the open connection from there', async () => {
    const log = await read(
      at('10:00:00', 'New SMTP ICID 5 interface Management (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no'),
      at('10:00:02', 'Warning: LDAP: x'),
      "Tue Mar  3 10:00:02 2026 Warning: LDAP: Dropping connection due to potential Directory Harvest Attack from host=('198.51.100.7', None), dhap_limit=25, sender_group=SUSPECTLIST",
    );
    expect(log.injections.at(0)?.ends.map(({ kind }) => kind)).toEqual(['dhap']);
  });

  test('DCID 0 is a bounce without any connection', async () => {
    const log = await read(at('10:00:00', "Bounced: DCID 0 MID 5 to RID 0 - 5.1.2 - Bad destination host ('000', ['DNS Hard Error']) []"));
    expect(log.deliveries).toHaveLength(0);
    expect(log.message('', 5)?.lines).toHaveLength(1);
  });

  test('a history keeps 2,000 lines', async () => {
    const many = Array.from({ length: 2500 }, (_, i) => at('10:00:00', `MID 5 ICID 7 RID ${i} To: <user${i}@example.com>`));
    const log = await read(...many);
    expect(log.injections.at(0)?.lines).toHaveLength(2000);
    expect(log.injections.at(0)?.last.ref.line).toBe(2500);
  });
});

const header = (serial: string): string[] => [at('10:00:00', 'Begin Logfile'), at('10:00:00', `Version: 15.0.1-030 SN: ${serial}`)];

const lost = (time: string): string[] => [at(time, 'ICID 5 lost'), at(time, 'ICID 5 close')];

const syslogLine = (host: string, text: string): string => `<22>Mar  3 10:00:00 ${host} mail_logs: Info: ${text}`;

describe('several appliances', () => {
  test('a new header with another serial number begins another appliance', async () => {
    const log = await read(...header('AAAA'), ...lost('10:00:01'), ...header('BBBB'), ...lost('10:00:02'));
    expect(log.injections.map(({ appliance, icid }) => [appliance, icid])).toEqual([
      ['AAAA', 5],
      ['BBBB', 5],
    ]);
    expect(log.files[0]?.serials).toEqual(['AAAA', 'BBBB']);
  });

  test('syslog hosts are kept apart, and a header gives a host its serial number', async () => {
    const log = await readLogs(
      [
        textSource(
          [
            syslogLine('esa1', 'ICID 5 lost'),
            syslogLine('esa2', 'ICID 5 close'),
            syslogLine('esa1', 'Version: 15.0 SN: AAAA'),
            syslogLine('esa1', 'ICID 5 close'),
          ].join('\n'),
        ),
      ],
      {
        fallbackYear: 2026,
      },
    );
    expect(log.injections.map(({ appliance, lost: isLost, closed }) => [appliance, isLost !== null, closed !== null])).toEqual([
      ['AAAA', true, true],
      ['esa2', false, true],
    ]);
  });

  test('lines before the first header belong to the appliance that it names', async () => {
    const log = await read(...lost('10:00:01'), ...header('AAAA'), at('10:00:03', 'ICID 6 close'));
    expect(new Set(log.injections.map(({ appliance }) => appliance))).toEqual(new Set(['AAAA']));
  });

  test('a grep extract beside the full log adds nothing', async () => {
    const full = await read(...SAMPLE_LOG);
    const extract = SAMPLE_LOG.filter((line) => line.includes('7001') || line.includes('9001'));
    const both = await readLogs([textSource(extract.join('\n'), 0), textSource(SAMPLE_LOG.join('\n'), 1)]);
    expect(both.injections.map(({ icid, lines }) => [icid, lines.length])).toEqual(full.injections.map(({ icid, lines }) => [icid, lines.length]));
    expect(both.injections.at(0)?.appliance).toBe('564D0000AAAA-BBBB0001');
  });

  test('rotated files in any order, and the spam quarantine log beside them, are one time line', async () => {
    const euq = ['Tue Mar  3 10:01:59 2026 Info: ISQ: Releasing MID [8950] for all', 'Tue Mar  3 10:02:01 2026 Info: ISQ: Deleted MID 8950 for all'];
    const log = await readLogs([
      textSource(SAMPLE_LOG.slice(30).join('\n'), 0),
      textSource(euq.join('\n'), 1),
      textSource(SAMPLE_LOG.slice(12, 30).join('\n'), 2),
      textSource(SAMPLE_LOG.slice(0, 12).join('\n'), 3),
    ]);
    expect(log.injections.at(0)?.lines).toHaveLength(11);
    expect(texts(log.message('564D0000AAAA-BBBB0001', 8950)?.lines ?? [])).toEqual([
      'ISQ: Releasing MID [8950] for all',
      'ISQ: Reinjected MID 8950 as MID 9003',
      'ISQ: Deleted MID 8950 for all',
    ]);
    expect(log.files[1]?.kind).toBe('euq_logs');
  });
});

describe('unknown lines', () => {
  test('are counted, listed, and kept with the numbers they name', async () => {
    const log = await read(at('10:00:00', 'Start MID 5 ICID 7'), at('10:00:01', 'MID 5 swallowed by a whale'), at('10:00:02', 'CrtMID 5 is no MID'));
    expect(log.unknown).toEqual([
      { ref: { input: 0, line: 2 }, text: 'MID 5 swallowed by a whale' },
      { ref: { input: 0, line: 3 }, text: 'CrtMID 5 is no MID' },
    ]);
    expect(log.files[0]?.unknownLines).toBe(2);
    expect(log.message('', 5)?.lines).toHaveLength(2);
  });

  test('10,000 of them are listed', async () => {
    const log = await read(...Array.from({ length: 10_005 }, (_, i) => at('10:00:00', `whale ${i}`)));
    expect(log.unknown).toHaveLength(10_000);
    expect(log.files[0]?.unknownLines).toBe(10_005);
  });
});

const open = (icid: number, time: string): string =>
  at(time, `New SMTP ICID ${icid} interface Management (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no`);

describe('injection debug', () => {
  test('records with a number join their connection, escapes undone', async () => {
    const log = await readLogs([
      textSource([open(5, '10:00:00'), at('10:00:09', 'ICID 5 close')].join('\n'), 0),
      textSource(
        [
          at('10:00:01', "5 Sent to '198.51.100.7': '220 esa.example.com ESMTP\\015\\012'"),
          at('10:00:02', "5 Rcvd from '198.51.100.7': 'QUIT\\015\\012'"),
        ].join('\n'),
        1,
      ),
    ]);
    expect(log.files[1]?.kind).toBe('injection debug');
    expect(log.injections.at(0)?.debug.map(({ direction, text }) => [direction, text])).toEqual([
      ['sent', '220 esa.example.com ESMTP\r\n'],
      ['received', 'QUIT\r\n'],
    ]);
  });

  test('records without a number are told apart by peer, time and greeting', async () => {
    const talk = (time: string, text: string): string => at(time, `${text.startsWith('2') ? 'Sent to' : 'Rcvd from'} '198.51.100.7': '${text}'`);
    const log = await readLogs([
      textSource([open(5, '10:00:00'), at('10:00:03', 'ICID 5 close'), open(6, '10:00:03'), at('10:00:09', 'ICID 6 close')].join('\n'), 0),
      textSource(
        [
          talk('10:00:00', '220 esa ESMTP'),
          talk('10:00:01', 'STARTTLS'),
          talk('10:00:01', '220 Go ahead'),
          talk('10:00:03', 'QUIT'),
          talk('10:00:03', '220 esa ESMTP'),
          talk('10:00:04', 'NOOP'),
        ].join('\n'),
        1,
      ),
    ]);
    expect(log.injections.map(({ icid, debug }) => [icid, debug.map(({ text }) => text)])).toEqual([
      [5, ['220 esa ESMTP', 'STARTTLS', '220 Go ahead', 'QUIT']],
      [6, ['220 esa ESMTP', 'NOOP']],
    ]);
  });

  test('a debug log alone tells of its connections', async () => {
    const log = await read(at('10:00:01', "5 Sent to '2001:DB8::7': '220 esa.example.com ESMTP\\015\\012'"));
    expect([...log.injections]).toMatchObject([{ icid: 5, peerIp: '2001:db8::7', ownLines: false }]);
    expect(log.injections.at(0)?.debug).toHaveLength(1);
  });

  test('credentials never get through', async () => {
    const log = await readLogs([
      textSource(open(5, '10:00:00'), 0),
      textSource(
        [
          at('10:00:01', "5 Rcvd from '198.51.100.7': 'AUTH PLAIN AGFubgBzZWNyZXQ=\\015\\012'"),
          at('10:00:01', "5 Sent to '198.51.100.7': '535 no\\015\\012'"),
          at('10:00:02', "5 Rcvd from '198.51.100.7': 'auth login\\015\\012'"),
          at('10:00:02', "5 Sent to '198.51.100.7': '334 VXNlcm5hbWU6\\015\\012'"),
          at('10:00:03', "5 Rcvd from '198.51.100.7': 'YW5u\\015\\012'"),
          at('10:00:03', "5 Sent to '198.51.100.7': '334 UGFzc3dvcmQ6\\015\\012'"),
          at('10:00:04', "5 Rcvd from '198.51.100.7': 'c2VjcmV0\\015\\012'"),
          at('10:00:04', "5 Sent to '198.51.100.7': '235 ok\\015\\012'"),
          at('10:00:05', "9 Sent: 'AUTH PLAIN AGFubgBzZWNyZXQ='"),
        ].join('\n'),
        1,
      ),
    ]);
    const shown = JSON.stringify([log.injections.map(({ debug }) => debug), log.deliveries.map(({ lines }) => lines)]);
    for (const secret of ['AGFubgBzZWNyZXQ', 'YW5u', 'c2VjcmV0']) expect(shown).not.toContain(secret);
    expect(log.injections.at(0)?.debug).toHaveLength(8);
  });

  test('credentials of an exchange whose AUTH was masked or misspelt never get through', async () => {
    const user = Buffer.from('postmaster@example.com').toString('base64');
    const password = Buffer.from('hunter2-Geheim!').toString('base64');
    const plain = Buffer.from('\0postmaster\0hunter2-Geheim!').toString('base64');
    const rcvd = (text: string) => `5 Rcvd from '198.51.100.7': '${text}\\015\\012'`;
    const sent = (text: string) => `5 Sent to '198.51.100.7': '${text}\\015\\012'`;
    const clean = (log: unknown) => {
      for (const secret of [user, password, plain, 'hunter2-Geheim!', plain.slice(0, 12)]) expect(JSON.stringify(log)).not.toContain(secret);
    };
    for (const opening of ['XXXX LOGIN', 'XXXX', 'XXXX XXXXX', 'AUHT LOGIN', 'xauth login', 'FOO'])
      for (const [name, word] of [
        [user, password],
        ['postmaster', 'hunter2-Geheim!'],
      ] as const)
        for (const code of [235, 535]) {
          const stepwise = [rcvd(opening), sent('334 VXNlcm5hbWU6'), rcvd(name), sent('334 UGFzc3dvcmQ6'), rcvd(word), sent(`${code} ${word}`)];
          const atOnce = [rcvd(opening), rcvd(name), rcvd(word), sent('334 VXNlcm5hbWU6'), sent('334 UGFzc3dvcmQ6'), sent(`${code} no`)];
          const alone = [rcvd(`${opening} ${plain}`), sent(`${code} no`), rcvd(password), sent('500 no')];
          for (const lines of [stepwise, atOnce, alone]) {
            const log = await read(open(5, '10:00:00'), ...lines.map((line) => at('10:00:01', line)), at('10:00:02', 'ICID 5 close'));
            clean(log);
            expect(log.injections.at(0)?.debug).toHaveLength(lines.length);
          }
        }
    const complaints = [
      `ICID 5 Unknown command: AUTH PLAIN ${plain}`,
      `ICID 5 Bad syntax for command: AUTH LOGIN ${user}`,
      `ICID 5 Bad syntax for command: 'AUTH=PLAIN ${plain}'`,
      `ICID 5 Bad syntax for command: AUTH ${plain}`,
      `ICID 5 Unknown command: AUTHPLAIN${plain}`,
      `ICID 5 Unknown command: XXXX PLAIN ${plain}`,
      `ICID 5 Unknown command: XXXX XXXXX ${plain}`,
      `ICID 5 Unknown command: XXXX ${plain}`,
      `ICID 5 Unknown command: ${user}`,
      `ICID 5 Unknown command: '${password}\\r\\n'`,
      'ICID 5 Unknown command: hunter2-Geheim!',
      'ICID 5 Unknown command: PASS hunter2-Geheim!',
      `Odd news: ICID 5 said AUTH PLAIN ${plain} to it`,
      `Rejected unknown command "auth login ${password}" of ICID 5`,
      `7 Odd debug: 'AUTH\tPLAIN\t${plain}'`,
    ];
    const log = await read(open(5, '10:00:00'), ...complaints.map((line) => at('10:00:01', line)));
    clean(log);
    clean([...log.injections].flatMap(({ lines }) => lines.map((line) => log.entryOf(line))));
    expect(
      log.injections
        .at(0)
        ?.lines.map(({ text }) => text)
        .slice(1, 4),
    ).toEqual(['ICID 5 Unknown command: AUTH PLAIN ***', 'ICID 5 Bad syntax for command: AUTH LOGIN ***', "ICID 5 Bad syntax for command: '***'"]);
    const harmless = [
      'XXXX',
      'XXXX mail.client.example',
      'FOOBAR',
      "'MAIL FROM me'",
      'XXXX [192.0.2.1]',
      'GET / HTTP/1.1',
      'Subject: AUTH is fine',
      'AUTH LOGIN',
    ];
    const kept = await read(open(5, '10:00:00'), ...harmless.map((text) => at('10:00:01', `ICID 5 Unknown command: ${text}`)));
    expect(
      kept.injections
        .at(0)
        ?.lines.slice(1)
        .map(({ text }) => text),
    ).toEqual(harmless.map((text) => `ICID 5 Unknown command: ${text}`));
  });
});

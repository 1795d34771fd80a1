import { done } from './boxes.mjs';
import { body, close, ehlo, greet, mail, message, one, pause, put, quit, rst, startTls, truth, until, upToData, upToRcpt } from './words.mjs';

const tool = (command, label, expect, more = {}) => [{ label: 's1', command, truth: label, expect, ...more }];
const smtplib = (script) => `{python} -c "import smtplib,ssl,time,socket
s=smtplib.SMTP('192.0.2.25',25,local_hostname='mail.client.example',timeout=5,source_address=('{ip}',0))
m='From: a@client.example\\r\\nSubject: from smtplib\\r\\n\\r\\n'+'line\\r\\n'*300
${script}" 2>/dev/null`;
const curl = (more) =>
  `printf 'From: a@client.example\\r\\nSubject: from curl\\r\\n\\r\\nhello\\r\\n' | curl -s --interface {ip} ${more} smtp://192.0.2.25:25/mail.client.example --mail-from sender@client.example --mail-rcpt rcpt@example.net -T - >/dev/null 2>&1`;
const expiry = (verdict) => [
  [
    'f',
    'nft',
    `table inet lab {
 chain f { type filter hook forward priority 0
  ct state invalid meta l4proto tcp ${verdict}
  ct state established,related accept
  tcp flags syn / syn,ack accept
 }
}`,
  ],
  ['f', 'sh', 'sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=240 net.netfilter.nf_conntrack_tcp_loose=0'],
];

/** Real clients, and (with `long`) real five-minute timers. */
export const REAL = [
  {
    id: 'g201-smtplib-complete',
    title: 'Python smtplib, one message, quit()',
    timeout: 20,
    sessions: tool(smtplib("s.sendmail('sender@client.example',['rcpt@example.net'],m);s.quit()"), done(), { end: 'quit' }),
  },
  {
    id: 'g202-smtplib-starttls',
    title: 'smtplib with STARTTLS',
    timeout: 20,
    esa: { tls: true },
    sessions: tool(
      smtplib("s.starttls();s.sendmail('sender@client.example',['rcpt@example.net'],m);s.quit()"),
      done({ encrypted: true, acceptStage: ['starttls'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'g203-smtplib-rcpt-refused',
    title: 'smtplib, recipient refused: RSET, then the script ends without QUIT',
    timeout: 20,
    esa: { bad_rcpts: ['rcpt@'] },
    sessions: tool(
      smtplib("s.sendmail('sender@client.example',['rcpt@example.net'],m)"),
      truth('rejected/appliance/rcpt', {
        accept: ['premature-fin/client/*'],
        acceptStage: ['helo', 'mail'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/*/*'],
      }),
      { end: 'eof' },
    ),
  },
  {
    id: 'g204-smtplib-timeout',
    title: 'smtplib gives up after five seconds without an answer to the dot',
    timeout: 20,
    esa: { hooks: [{ at: 'dot', delay: 8 }] },
    sessions: tool(
      smtplib("s.sendmail('sender@client.example',['rcpt@example.net'],m)"),
      truth('timeout/client/data-end', { silent: 'appliance', accept: ['premature-fin/client/data-end'] }),
      { order: 'cF' },
    ),
  },
  {
    id: 'g205-smtplib-no-quit',
    title: 'smtplib, message accepted, script ends',
    timeout: 20,
    sessions: tool(
      smtplib("s.sendmail('sender@client.example',['rcpt@example.net'],m)"),
      truth('premature-fin/client/idle-after-message', { accept: ['completed/*/*'], not: ['rst/*/*', 'timeout/*/*', '*/middlebox/*'] }),
      { end: 'eof' },
    ),
  },
  { id: 'g206-curl-complete', title: 'curl sends one message', timeout: 20, sessions: tool(curl(''), done(), { end: 'quit' }) },
  {
    id: 'g207-curl-gives-up',
    title: 'curl with --max-time: no 354 in three seconds',
    timeout: 20,
    esa: { hooks: [{ at: 'data', delay: 6 }] },
    sessions: tool(
      curl('--max-time 3'),
      truth('timeout/client/data-command', {
        silent: 'appliance',
        accept: ['premature-fin/client/data-command', 'rst/client/data-command', 'client-quit/client/*'],
      }),
      {},
    ),
  },
  {
    id: 'g208-curl-sender-refused',
    title: 'curl, sender refused: QUIT',
    timeout: 20,
    esa: { hooks: [{ at: 'mail', reply: '550 #5.1.0 sender rejected' }] },
    sessions: tool(
      curl(''),
      truth('rejected/appliance/mail', { accept: ['client-quit/client/*'], not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'premature-fin/*/*'] }),
      {},
    ),
  },
  {
    id: 'g209-s-client-verify',
    title: 'openssl s_client -starttls smtp, TLS 1.3, verifies and leaves',
    timeout: 10,
    esa: { tls: true },
    sessions: tool(
      'echo QUIT | openssl s_client -connect 192.0.2.25:25 -bind {ip}:0 -starttls smtp -verify_return_error -quiet >/dev/null 2>&1',
      truth('tls-failure/client/starttls', { accept: ['tls-failure/client/*'], not: ['*/appliance/*', '*/middlebox/*', 'completed/*/*', 'timeout/*/*'] }),
      {},
    ),
  },

  {
    id: 'f201-five-minutes-helo',
    long: 5,
    title: 'silent after EHLO for the real five minutes',
    timeout: 300,
    max: 330,
    sessions: one([greet, ehlo, until(320)], truth('timeout/appliance/helo', { silent: 'client' }), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'f202-state-expiry-240',
    long: 5,
    title: "the firewall forgets after 240 s; the client's DATA at 270 s is dropped, the appliance's 421 at 300 s too",
    timeout: 300,
    max: 340,
    before: expiry('drop'),
    sessions: one(
      [upToRcpt, pause(270), put('DATA'), until(50)],
      truth('silent-drop/undetermined/rcpt', {
        certain: false,
        accept: [
          'silent-drop/middlebox/*',
          'silent-drop/network/*',
          'silent-drop/undetermined/*',
          'undetermined/*/*',
          'timeout/undetermined/*',
          'timeout/appliance/*',
        ],
        acceptStage: ['data-command'],
        interference: ['idle-expiry'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/client/*>=0.7', '*/middlebox/*>=0.9', 'completed/*/*'],
      }),
      { end: 'timeout' },
    ),
    linger: 5,
  },
  {
    id: 'f203-slow-but-inside',
    long: 5,
    title: 'the client pauses for 285 s after RCPT, then completes',
    timeout: 300,
    max: 330,
    sessions: one([upToRcpt, pause(285), message, quit], done({ not: ['timeout/*/*', 'premature-fin/*/*', 'rst/*/*', 'silent-drop/*/*'] }), { end: 'quit' }),
  },
  {
    id: 'f204-client-300-data-end',
    long: 5,
    title: "the answer to the dot takes longer than the client's 300 s: it closes",
    timeout: 600,
    max: 360,
    settings: { inbound_timeout_s: 600 },
    esa: { hooks: [{ at: 'dot', delay: 310 }] },
    sessions: one(
      [upToData, body(3000), { op: 'send', text: '.\r\n' }, pause(300), close],
      truth('timeout/client/data-end', { silent: 'appliance', accept: ['premature-fin/client/data-end'] }),
      { order: 'cF' },
    ),
  },
  {
    id: 'f205-reset-at-290',
    long: 5,
    title: 'silent for 290 s, then the client resets: not the timeout',
    timeout: 300,
    max: 330,
    sessions: one(
      [upToRcpt, pause(290), rst],
      truth('rst/client/rcpt', { not: ['client-quit/*/*', 'premature-fin/*/*', 'timeout/appliance/*', '*/middlebox/*>=0.7'] }),
      { order: 'cR' },
    ),
  },
  {
    id: 'f206-tls-five-minutes',
    long: 5,
    title: 'TLS 1.3, silent after MAIL for five minutes',
    timeout: 300,
    max: 330,
    esa: { tls: true },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, until(320)],
      truth('timeout/appliance/mail', {
        silent: 'client',
        encrypted: true,
        accept: ['timeout/appliance/*'],
        acceptStage: ['starttls'],
        not: ['*/client/*', 'premature-fin/client/*', 'tls-failure/*/*', '*/middlebox/*', 'client-quit/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
];

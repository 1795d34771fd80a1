import { canonicalAddress } from '../../model/address.ts';
import { unescapeText, unquote } from '../quoting.ts';
import { type Fields, type LogPattern, shape } from './pattern.ts';

function address(field: Fields, name: string): string | null {
  const text = field.optional(name);
  return text === null || text === '' ? null : canonicalAddress(text);
}

/** The list of reply lines in Python's writing: `'5.1.1 no', 'such user'`, one line of text. */
function replyText(field: Fields): string | null {
  const list = field.optional('reply');
  if (list === null) return null;
  const lines = list.match(/'(?:[^'\\]|\\[\s\S]){0,8000}'|"(?:[^"\\]|\\[\s\S]){0,8000}"/g);
  return lines ? lines.map(unquote).join(' ') : unescapeText(list);
}

function recipientOf(field: Fields): string | null {
  const to = field.optional('to');
  return to === null || to === '' ? null : to.replace(/^<(.*)>$/, '$1');
}

/** Lines of delivery connections (DCID) and of what the receivers answered. */
export const DELIVERY_PATTERNS: readonly LogPattern[] = [
  shape({
    kind: 'dcid-open',
    heads: ['New'],
    regex: /^New SMTP DCID (?<dcid>\d{1,15}) interface (?<name>[^()]{1,80}?) address (?<remote>\S+)(?: port (?<port>\d{1,5}))?$/i,
    read: (field) => ({
      kind: 'dcid-open',
      dcid: field.number('dcid'),
      interfaceName: field.text('name'),
      remoteIp: canonicalAddress(field.text('remote')),
      remotePort: field.optionalNumber('port'),
    }),
    samples: [
      {
        line: 'New SMTP DCID 165 interface 192.0.2.25 address 203.0.113.80 port 25',
        gives: { kind: 'dcid-open', dcid: 165, interfaceName: '192.0.2.25', remoteIp: '203.0.113.80', remotePort: 25 },
      },
      {
        line: 'New SMTP DCID 166 interface Data 2 address 203.0.113.80',
        gives: { kind: 'dcid-open', dcid: 166, interfaceName: 'Data 2', remoteIp: '203.0.113.80', remotePort: null },
      },
      {
        line: 'New SMTP DCID 166 interface Data 2 address 2001:db8::80 port 25',
        gives: { kind: 'dcid-open', dcid: 166, interfaceName: 'Data 2', remoteIp: '2001:db8::80', remotePort: 25 },
      },
    ],
  }),
  shape({
    kind: 'dcid-tls',
    heads: ['DCID # TLS'],
    regex:
      /^DCID (?<dcid>\d{1,15}) TLS (?:(?<ok>success)(?: protocol (?<protocol>\S+) cipher (?<cipher>\S+))?(?: (?:CN[=:]|for ).{0,300})?|failed(?:[:,]? (?<reason>.{1,1000}))?)$/,
    open: true,
    read: (field) => ({
      kind: 'dcid-tls',
      dcid: field.number('dcid'),
      ok: field.has('ok'),
      protocol: field.optional('protocol'),
      cipher: field.optional('cipher'),
      reason: field.optional('reason'),
    }),
    samples: [
      {
        line: 'DCID 165 TLS success protocol TLSv1.2 cipher AES128-SHA for partner.example',
        gives: { kind: 'dcid-tls', dcid: 165, ok: true, protocol: 'TLSv1.2', cipher: 'AES128-SHA', reason: null },
      },
      {
        line: 'DCID 165 TLS success protocol TLSv1 cipher AES128-SHA CN: mx.partner.example',
        gives: { kind: 'dcid-tls', dcid: 165, ok: true, protocol: 'TLSv1', cipher: 'AES128-SHA', reason: null },
      },
      {
        line: 'DCID 165 TLS failed: STARTTLS unexpected response',
        gives: { kind: 'dcid-tls', dcid: 165, ok: false, protocol: null, cipher: null, reason: 'STARTTLS unexpected response' },
      },
      { line: 'DCID 165 TLS success', gives: { kind: 'dcid-tls', dcid: 165, ok: true, protocol: null, cipher: null, reason: null } },
      {
        line: 'DCID 165 TLS success protocol TLSv1.2 cipher AES128-SHA CN=mx.partner.example',
        gives: { kind: 'dcid-tls', dcid: 165, ok: true, protocol: 'TLSv1.2', cipher: 'AES128-SHA', reason: null },
      },
      { line: 'DCID 165 TLS success CN: mx.partner.example', gives: { kind: 'dcid-tls', dcid: 165, ok: true, protocol: null, cipher: null, reason: null } },
    ],
  }),
  shape({
    kind: 'dcid-tls-required',
    heads: ['DCID # IP', 'DCID # TLS'],
    regex: /^DCID (?<dcid>\d{1,15}) (?:IP (?<remote>\S+) )?TLS was required but (?:could not be successfully negotiated|.{1,200})$/,
    read: (field) => ({ kind: 'dcid-tls-required', dcid: field.number('dcid'), remoteIp: address(field, 'remote') }),
    samples: [
      {
        line: 'DCID 165 IP 203.0.113.80 TLS was required but could not be successfully negotiated',
        gives: { kind: 'dcid-tls-required', dcid: 165, remoteIp: '203.0.113.80' },
      },
    ],
  }),
  shape({
    kind: 'dcid-start',
    heads: ['Delivery'],
    regex:
      /^Delivery start DCID (?<dcid>\d{1,15}) MID (?<mid>\d{1,15}) to (?:RID )? ?\[(?<rids>\d[\d, ]*)\](?<quarantine> to offbox .{1,60}|(?: to)? external .{1,60})?$/,
    read: (field) => ({
      kind: 'dcid-start',
      dcid: field.number('dcid'),
      mid: field.number('mid'),
      rids: field.numbers('rids'),
      quarantine: field.has('quarantine'),
    }),
    samples: [
      { line: 'Delivery start DCID 165 MID 1404 to RID [0, 1]', gives: { kind: 'dcid-start', dcid: 165, mid: 1404, rids: [0, 1], quarantine: false } },
      { line: 'Delivery start DCID 165 MID 1404 to [0]', gives: { kind: 'dcid-start', dcid: 165, mid: 1404, rids: [0], quarantine: false } },
      {
        line: 'Delivery start DCID 165 MID 1404 to RID [0] to offbox IronPort Spam Quarantine',
        gives: { kind: 'dcid-start', dcid: 165, mid: 1404, rids: [0], quarantine: true },
      },
    ],
  }),
  shape({
    kind: 'dcid-done',
    heads: ['Message'],
    // Headers that are logged with it (`logheaders`) may hold anything, line breaks included.
    regex:
      /^Message done DCID (?<dcid>\d{1,15}) MID (?<mid>\d{1,15}) to (?:RID )? ?\[(?<rids>\d[\d, ]*)\](?: (?<quarantine>\(external quarantine\)))?(?: (?:\[[\s\S]{0,15000}\]|'[\s\S]{0,15000}))?$/,
    read: (field) => ({
      kind: 'dcid-done',
      dcid: field.number('dcid'),
      mid: field.number('mid'),
      rids: field.numbers('rids'),
      quarantine: field.has('quarantine'),
    }),
    samples: [
      { line: 'Message done DCID 165 MID 1404 to RID [0]', gives: { kind: 'dcid-done', dcid: 165, mid: 1404, rids: [0], quarantine: false } },
      {
        line: "Message done DCID 165 MID 1404 to RID [0, 1] [('subject', 'Figures'), ('to', '<a@example.com>,\\r\\n\\t<b@example.com>')]",
        gives: { kind: 'dcid-done', dcid: 165, mid: 1404, rids: [0, 1], quarantine: false },
      },
      {
        line: 'Message done DCID 165 MID 1404 to RID [0] (external quarantine)',
        gives: { kind: 'dcid-done', dcid: 165, mid: 1404, rids: [0], quarantine: true },
      },
      { line: 'Message done DCID 165 MID 1404 to [0]', gives: { kind: 'dcid-done', dcid: 165, mid: 1404, rids: [0], quarantine: false } },
    ],
  }),
  shape({
    kind: 'mid-response',
    heads: ['MID # RID'],
    regex: /^MID (?<mid>\d{1,15}) RID +\[(?<rids>\d[\d, ]*)\] Response (?<value>'.{0,8000}'|".{0,8000}"|[^'"].{0,8000})$/,
    read: (field) => ({ kind: 'mid-response', mid: field.number('mid'), rids: field.numbers('rids'), response: unquote(field.text('value')) }),
    samples: [
      {
        line: "MID 1404 RID [0] Response '2.0.0 Ok: queued as 4Zk1'",
        gives: { kind: 'mid-response', mid: 1404, rids: [0], response: '2.0.0 Ok: queued as 4Zk1' },
      },
      { line: 'MID 1404 RID  [0, 1] Response ok 1404', gives: { kind: 'mid-response', mid: 1404, rids: [0, 1], response: 'ok 1404' } },
      {
        line: 'MID 1404 RID [0] Response 2.0.0 Ok: queued as 4Zk1',
        gives: { kind: 'mid-response', mid: 1404, rids: [0], response: '2.0.0 Ok: queued as 4Zk1' },
      },
    ],
  }),
  ...(['bounced', 'delayed'] as const).map((kind) =>
    shape({
      kind,
      heads: [kind === 'bounced' ? 'Bounced:' : 'Delayed:'],
      regex: new RegExp(
        `^${kind === 'bounced' ? 'Bounced' : 'Delayed'}: (?:DCID:? (?<dcid>\\d{1,15}) )?(?:MID|Message) (?<mid>\\d{1,15}) (?:From: ?(?<from>\\S{0,500}) To: ?(?<to>\\S{0,500}) )?(?:to )?(?:RID )?\\[?(?<rids>\\d{1,9}(?:, ?\\d{1,9})*)\\]?(?: -)? (?<reason>.{1,1000}?)(?: \\('(?<code>\\d{3})', \\[(?<reply>.{0,8000}?)\\]\\)(?: \\[.{0,4000}\\])?)?$`,
      ),
      open: true,
      read: (field) => ({
        kind,
        dcid: field.optionalNumber('dcid'),
        mid: field.number('mid'),
        rids: field.numbers('rids'),
        reason: field.optional('reason'),
        code: field.optional('code'),
        reply: replyText(field),
        to: recipientOf(field),
      }),
      samples: [
        {
          line: `${kind === 'bounced' ? 'Bounced' : 'Delayed'}: DCID 165 MID 1404 to RID 0 - 5.1.0 - Unknown address error ('550', ['5.1.1 no', "such 'user'"]) []`,
          gives: {
            kind,
            dcid: 165,
            mid: 1404,
            rids: [0],
            reason: '5.1.0 - Unknown address error',
            code: '550',
            reply: "5.1.1 no such 'user'",
            to: null,
          },
        },
        {
          line: `${kind === 'bounced' ? 'Bounced' : 'Delayed'}: DCID 165 MID 1404 From: <a@example.com> To: <b@example.net> RID 0 - 4.4.0 - Other network problem ('000', ['[Errno 54] Connection reset by peer']) []`,
          gives: {
            kind,
            dcid: 165,
            mid: 1404,
            rids: [0],
            reason: '4.4.0 - Other network problem',
            code: '000',
            reply: '[Errno 54] Connection reset by peer',
            to: 'b@example.net',
          },
        },
        {
          line: `${kind === 'bounced' ? 'Bounced' : 'Delayed'}: DCID: 165 Message 1404 to 0 - Bounced by destination server ('552', ['too big'])`,
          gives: { kind, dcid: 165, mid: 1404, rids: [0], reason: 'Bounced by destination server', code: '552', reply: 'too big', to: null },
        },
      ],
    }),
  ),
  ...(['bounced', 'delayed'] as const).map((kind) =>
    // The form of bounce_logs.
    shape({
      kind,
      heads: [kind === 'bounced' ? 'Bounced:' : 'Delayed:'],
      regex: new RegExp(
        `^${kind === 'bounced' ? 'Bounced' : 'Delayed'}: (?<mid>\\d{1,15}):(?<rids>\\d{1,9}) From: ?(?<from>\\S{0,500}) To: ?(?<to>\\S{0,500})(?: Reason: "(?<reason>.{0,1000}?)")?(?: Response: "?\\('(?<code>\\d{3})', \\[(?<reply>.{0,8000}?)\\]\\)"?)?(?: (?:Headers|Message): .{0,15000})?$`,
      ),
      read: (field) => ({
        kind,
        dcid: null,
        mid: field.number('mid'),
        rids: field.numbers('rids'),
        reason: field.optional('reason'),
        code: field.optional('code'),
        reply: replyText(field),
        to: recipientOf(field),
      }),
      samples: [
        {
          line: `${kind === 'bounced' ? 'Bounced' : 'Delayed'}: 1404:0 From:<a@example.com> To:<b@example.net> Reason: "4.1.0 - Unknown address error" Response: "('451', ['try later'])" Headers: ['subject: x']`,
          gives: { kind, dcid: null, mid: 1404, rids: [0], reason: '4.1.0 - Unknown address error', code: '451', reply: 'try later', to: 'b@example.net' },
        },
      ],
    }),
  ),
  shape({
    kind: 'double-bounce',
    heads: ['Double'],
    regex: /^Double bounce: (?:DCID:? \d{1,15} )?MID (?<mid>\d{1,15}) to (?:RID )?\[?\d{1,9}\]? - (?<reason>.{1,2000})$/,
    open: true,
    read: (field) => ({ kind: 'double-bounce', mid: field.number('mid'), reason: field.text('reason') }),
    samples: [
      {
        line: "Double bounce: MID 1404 to RID 0 - 5.1.2 - Bad destination host ('000', ['DNS Hard Error'])",
        gives: { kind: 'double-bounce', mid: 1404, reason: "5.1.2 - Bad destination host ('000', ['DNS Hard Error'])" },
      },
      {
        line: "Double bounce: MID 1404 to 0 - 5.1.2 - Bad destination host ('000', ['DNS Hard Error'])",
        gives: { kind: 'double-bounce', mid: 1404, reason: "5.1.2 - Bad destination host ('000', ['DNS Hard Error'])" },
      },
    ],
  }),
  shape({
    kind: 'mid-pending',
    heads: ['MID # to', 'Message # to'],
    regex:
      /^(?:Message|MID) (?<mid>\d{1,15}) to RID ?\[(?<rids>\d[\d, ]*)\] pending till (?<until>\w{3} \w{3} {1,2}\d{1,2} \d{2}:\d{2}:\d{2} \d{4})(?: \[?[\w ]{1,60}\]?)?$/,
    read: (field) => ({ kind: 'mid-pending', mid: field.number('mid'), rids: field.numbers('rids'), until: field.text('until') }),
    samples: [
      {
        line: 'Message 1404 to RID [0] pending till Sat Mar  7 12:57:26 2026',
        gives: { kind: 'mid-pending', mid: 1404, rids: [0], until: 'Sat Mar  7 12:57:26 2026' },
      },
      {
        line: 'MID 1404 to RID [0, 2] pending till Sat Mar 7 12:57:26 2026 [Default]',
        gives: { kind: 'mid-pending', mid: 1404, rids: [0, 2], until: 'Sat Mar 7 12:57:26 2026' },
      },
      {
        line: 'Message 1404 to RID [0] pending till Sat Mar  7 12:57:26 2026 [Default]',
        gives: { kind: 'mid-pending', mid: 1404, rids: [0], until: 'Sat Mar  7 12:57:26 2026' },
      },
    ],
  }),
  shape({
    kind: 'dcid-connection-error',
    heads: ['Connection'],
    regex:
      /^Connection Error: (?:(?<why>[a-z][a-z ]{0,60}) )?DCID:? (?<dcid>\d{1,15})(?: domain: (?<domain>\S*))?(?: IP: (?<remote>\S*))?(?: port: (?<port>\d{1,5}))?(?: details: (?<details>[\s\S]{0,4000}?))?(?: interface: (?<local>\S+))?(?: reason: (?<reason>[\w ,'()-]{1,120}))?$/,
    open: true,
    read: (field) => ({
      kind: 'dcid-connection-error',
      dcid: field.number('dcid'),
      domain: field.optional('domain'),
      remoteIp: address(field, 'remote'),
      remotePort: field.optionalNumber('port'),
      details: field.optional('details'),
      localIp: address(field, 'local'),
      reason: field.optional('reason') ?? field.optional('why'),
    }),
    samples: [
      {
        line: 'Connection Error: DCID 165 domain: partner.example IP: 203.0.113.80 port: 25 details: [Errno 54] Connection reset by peer interface: 192.0.2.25 reason: network error',
        gives: {
          kind: 'dcid-connection-error',
          dcid: 165,
          domain: 'partner.example',
          remoteIp: '203.0.113.80',
          remotePort: 25,
          details: '[Errno 54] Connection reset by peer',
          localIp: '192.0.2.25',
          reason: 'network error',
        },
      },
      {
        line: 'Connection Error: connection timed out DCID: 165 IP: 203.0.113.80 details: timeout interface: 192.0.2.25',
        gives: {
          kind: 'dcid-connection-error',
          dcid: 165,
          domain: null,
          remoteIp: '203.0.113.80',
          remotePort: null,
          details: 'timeout',
          localIp: '192.0.2.25',
          reason: 'connection timed out',
        },
      },
      {
        line: 'Connection Error: DCID: 165 IP: 203.0.113.80 details: EOF interface: 192.0.2.25 reason: network error',
        gives: {
          kind: 'dcid-connection-error',
          dcid: 165,
          domain: null,
          remoteIp: '203.0.113.80',
          remotePort: null,
          details: 'EOF',
          localIp: '192.0.2.25',
          reason: 'network error',
        },
      },
      {
        line: 'Connection Error: DCID 165 domain: partner.example IP: 203.0.113.80 port: 25 details: [Errno 0] Error interface: 192.0.2.25 reason: network error',
        gives: {
          kind: 'dcid-connection-error',
          dcid: 165,
          domain: 'partner.example',
          remoteIp: '203.0.113.80',
          remotePort: 25,
          details: '[Errno 0] Error',
          localIp: '192.0.2.25',
          reason: 'network error',
        },
      },
      {
        line: 'Connection Error: DCID 165 domain: partner.example IP: 203.0.113.80 port: 25 details: 431-too busy\\n431 later interface: 192.0.2.25 reason: unexpected SMTP response',
        gives: {
          kind: 'dcid-connection-error',
          dcid: 165,
          domain: 'partner.example',
          remoteIp: '203.0.113.80',
          remotePort: 25,
          details: '431-too busy\\n431 later',
          localIp: '192.0.2.25',
          reason: 'unexpected SMTP response',
        },
      },
    ],
  }),
  shape({
    kind: 'dcid-possible',
    heads: ['Possible'],
    regex: /^Possible Delivery: DCID:? (?<dcid>\d{1,15}) MID (?<mid>\d{1,15}) to (?:RID )?\[(?<rids>\d[\d, ]*)\]$/,
    read: (field) => ({ kind: 'dcid-possible', dcid: field.number('dcid'), mid: field.number('mid'), rids: field.numbers('rids') }),
    samples: [
      { line: 'Possible Delivery: DCID 165 MID 1404 to RID [0]', gives: { kind: 'dcid-possible', dcid: 165, mid: 1404, rids: [0] } },
      { line: 'Possible Delivery: DCID: 165 MID 1404 to [0, 1]', gives: { kind: 'dcid-possible', dcid: 165, mid: 1404, rids: [0, 1] } },
    ],
  }),
  shape({
    kind: 'dcid-close',
    heads: ['DCID # close'],
    regex: /^DCID (?<dcid>\d{1,15}) close$/,
    read: (field) => ({ kind: 'dcid-close', dcid: field.number('dcid') }),
    samples: [{ line: 'DCID 165 close', gives: { kind: 'dcid-close', dcid: 165 } }],
  }),
  shape({
    kind: 'dcid-killed',
    heads: ['SMTP', 'Mail'],
    regex:
      /^(?:SMTP client connection killed DCID:? (?<dcid>\d{1,15})|Mail delivery client with DCID (?<exited>\d{1,15}) exited due to (?<reason>.{1,200}?)\.?)$/,
    read: (field) => ({
      kind: 'dcid-killed',
      dcid: field.number(field.has('dcid') ? 'dcid' : 'exited'),
      reason: field.optional('reason') ?? 'killed',
    }),
    samples: [
      { line: 'SMTP client connection killed DCID: 165', gives: { kind: 'dcid-killed', dcid: 165, reason: 'killed' } },
      {
        line: 'Mail delivery client with DCID 165 exited due to the maximum concurrency configuration.',
        gives: { kind: 'dcid-killed', dcid: 165, reason: 'the maximum concurrency configuration' },
      },
    ],
  }),
  shape({
    kind: 'delivery-deleted',
    heads: ['Deleted:'],
    regex: /^Deleted: MID (?<mid>\d{1,15}) to (?:RID )?\[(?<rids>\d[\d, ]*)\]$/,
    read: (field) => ({ kind: 'delivery-deleted', mid: field.number('mid'), rids: field.numbers('rids') }),
    samples: [{ line: 'Deleted: MID 1404 to [0]', gives: { kind: 'delivery-deleted', mid: 1404, rids: [0] } }],
  }),
];

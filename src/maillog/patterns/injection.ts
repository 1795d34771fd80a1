import { canonicalAddress } from '../../model/address.ts';
import { unquote } from '../quoting.ts';
import { type LogPattern, shape } from './pattern.ts';

/** Lines of injection connections (ICID). */
export const INJECTION_PATTERNS: readonly LogPattern[] = [
  shape({
    kind: 'icid-open',
    heads: ['New'],
    // The name of an interface may hold blanks; without addresses (seen in old notes) only one word and a number are taken for it.
    regex:
      /^New SMTP ICID (?<icid>\d{1,15}) interface (?:(?<name>[^\s()]+(?: [^\s()]+){0,4}?)(?: \((?<local>[^\s()]+)\))? address (?<peer>\S+)(?: +reverse dns +host +(?<ptr>\S+)(?: verified (?<verified>yes|no))?)?|(?<bare>[^\s()]+(?: \d{1,3})?)(?: \((?<bareLocal>[^\s()]+)\))?)$/i,
    read: (field) => {
      const local = field.optional('local') ?? field.optional('bareLocal');
      const peer = field.optional('peer');
      return {
        kind: 'icid-open',
        icid: field.number('icid'),
        interfaceName: field.optional('name') ?? field.text('bare'),
        localIp: local === null ? null : canonicalAddress(local),
        peerIp: peer === null ? null : canonicalAddress(peer),
        reverseDns: field.optional('ptr'),
        verified: field.has('verified') ? field.text('verified').toLowerCase() === 'yes' : null,
      };
    },
    samples: [
      {
        line: 'New SMTP ICID 48213 interface Data 1 (192.0.2.25) address 198.51.100.7 reverse dns host mx.example.net verified yes',
        gives: {
          kind: 'icid-open',
          icid: 48213,
          interfaceName: 'Data 1',
          localIp: '192.0.2.25',
          peerIp: '198.51.100.7',
          reverseDns: 'mx.example.net',
          verified: true,
        },
      },
      {
        line: 'New smtp ICID 7 Interface Management (2001:db8::25) address 2001:DB8:0::1 reverse dns  host unknown verified no',
        gives: {
          kind: 'icid-open',
          icid: 7,
          interfaceName: 'Management',
          localIp: '2001:db8::25',
          peerIp: '2001:db8::1',
          reverseDns: 'unknown',
          verified: false,
        },
      },
      {
        line: 'New SMTP ICID 8 interface PublicNet address 198.51.100.7',
        gives: { kind: 'icid-open', icid: 8, interfaceName: 'PublicNet', localIp: null, peerIp: '198.51.100.7', reverseDns: null, verified: null },
      },
      {
        line: 'New smtp ICID 9 Interface Management',
        gives: { kind: 'icid-open', icid: 9, interfaceName: 'Management', localIp: null, peerIp: null, reverseDns: null, verified: null },
      },
      {
        line: 'New SMTP ICID 9 interface 192.0.2.25 (192.0.2.25) address 198.51.100.7 reverse dns host mx.example.net verified yes',
        gives: {
          kind: 'icid-open',
          icid: 9,
          interfaceName: '192.0.2.25',
          localIp: '192.0.2.25',
          peerIp: '198.51.100.7',
          reverseDns: 'mx.example.net',
          verified: true,
        },
      },
    ],
  }),
  shape({
    kind: 'icid-policy',
    heads: ['ICID # ACCEPT', 'ICID # RELAY', 'ICID # REJECT', 'ICID # TCPREFUSE', 'ICID # CONTINUE'],
    regex:
      /^ICID (?<icid>\d{1,15}) (?<action>ACCEPT|RELAY|REJECT|TCPREFUSE|CONTINUE) SG (?<group>\S+)(?: +match(?: +(?!SBRS(?: |$))(?<match>[^\s[]+(?:\[[^\]]{0,200}\])?))?)?(?: +SBRS (?<score>not enabled|unable to retrieve|\S+))?(?: country (?<country>[^:'"<>]{1,60}))?$/,
    read: (field) => ({
      kind: 'icid-policy',
      icid: field.number('icid'),
      action: field.text('action'),
      group: field.text('group'),
      match: field.optional('match'),
      score: field.optional('score'),
    }),
    samples: [
      {
        line: 'ICID 48213 ACCEPT SG UNKNOWNLIST match sbrs[-0.5:10.0] SBRS 4.1 country United States',
        gives: { kind: 'icid-policy', icid: 48213, action: 'ACCEPT', group: 'UNKNOWNLIST', match: 'sbrs[-0.5:10.0]', score: '4.1' },
      },
      {
        line: 'ICID 1 RELAY SG RELAY_SG match 198.51.100.7 SBRS not enabled',
        gives: { kind: 'icid-policy', icid: 1, action: 'RELAY', group: 'RELAY_SG', match: '198.51.100.7', score: 'not enabled' },
      },
      {
        line: 'ICID 2 REJECT SG BLOCKED match  SBRS None',
        gives: { kind: 'icid-policy', icid: 2, action: 'REJECT', group: 'BLOCKED', match: null, score: 'None' },
      },
      { line: 'ICID 0 TCPREFUSE SG None', gives: { kind: 'icid-policy', icid: 0, action: 'TCPREFUSE', group: 'None', match: null, score: null } },
      { line: 'ICID 3 REJECT SG TCP-REFUSE match', gives: { kind: 'icid-policy', icid: 3, action: 'REJECT', group: 'TCP-REFUSE', match: null, score: null } },
      {
        line: 'ICID 3 REJECT SG BLOCKLIST match dnslist[bl.example.org] SBRS -9.1 country Norway',
        gives: { kind: 'icid-policy', icid: 3, action: 'REJECT', group: 'BLOCKLIST', match: 'dnslist[bl.example.org]', score: '-9.1' },
      },
      {
        line: 'ICID 3 ACCEPT SG LOCAL match .example.com SBRS rfc1918',
        gives: { kind: 'icid-policy', icid: 3, action: 'ACCEPT', group: 'LOCAL', match: '.example.com', score: 'rfc1918' },
      },
      {
        line: 'ICID 3 ACCEPT SG UNKNOWNLIST match sbrs[none] SBRS unable to retrieve country not applicable',
        gives: { kind: 'icid-policy', icid: 3, action: 'ACCEPT', group: 'UNKNOWNLIST', match: 'sbrs[none]', score: 'unable to retrieve' },
      },
      { line: 'ICID 3 ACCEPT SG ALL match ALL', gives: { kind: 'icid-policy', icid: 3, action: 'ACCEPT', group: 'ALL', match: 'ALL', score: null } },
    ],
  }),
  shape({
    kind: 'icid-reputation',
    heads: ['ICID # SBRS'],
    regex: /^ICID (?<icid>\d{1,15}) SBRS (?<score>not enabled|unable to retrieve|\S+)$/,
    read: (field) => ({ kind: 'icid-reputation', icid: field.number('icid'), score: field.text('score') }),
    samples: [
      { line: 'ICID 4 SBRS None', gives: { kind: 'icid-reputation', icid: 4, score: 'None' } },
      { line: 'ICID 4 SBRS 2.1', gives: { kind: 'icid-reputation', icid: 4, score: '2.1' } },
    ],
  }),
  shape({
    kind: 'icid-delayed-reject',
    heads: ['ICID # Delayed'],
    regex: /^ICID (?<icid>\d{1,15}) Delayed HAT REJECT continuing session for recipient logging \((?<peer>[^\s()]+)\)$/,
    read: (field) => ({ kind: 'icid-delayed-reject', icid: field.number('icid'), peerIp: canonicalAddress(field.text('peer')) }),
    samples: [
      {
        line: 'ICID 5 Delayed HAT REJECT continuing session for recipient logging (198.51.100.7)',
        gives: { kind: 'icid-delayed-reject', icid: 5, peerIp: '198.51.100.7' },
      },
    ],
  }),
  shape({
    kind: 'icid-tls',
    heads: ['ICID # TLS'],
    regex: /^ICID (?<icid>\d{1,15}) TLS (?:(?<ok>success)(?: protocol (?<protocol>\S+) cipher (?<cipher>\S+))?(?: .{1,200})?|failed(?:[:,]? (?<reason>.+))?)$/,
    open: true,
    read: (field) => ({
      kind: 'icid-tls',
      icid: field.number('icid'),
      ok: field.has('ok'),
      protocol: field.optional('protocol'),
      cipher: field.optional('cipher'),
      reason: field.optional('reason'),
    }),
    samples: [
      {
        line: 'ICID 6 TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384',
        gives: { kind: 'icid-tls', icid: 6, ok: true, protocol: 'TLSv1.2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384', reason: null },
      },
      { line: 'ICID 6 TLS success', gives: { kind: 'icid-tls', icid: 6, ok: true, protocol: null, cipher: null, reason: null } },
      { line: 'ICID 6 TLS failed', gives: { kind: 'icid-tls', icid: 6, ok: false, protocol: null, cipher: null, reason: null } },
      {
        line: 'ICID 6 TLS failed: [Errno 54] Connection reset by peer',
        gives: { kind: 'icid-tls', icid: 6, ok: false, protocol: null, cipher: null, reason: '[Errno 54] Connection reset by peer' },
      },
      {
        line: "ICID 6 TLS failed: (336109761, 'error:1408A0C1:SSL routines:ssl3_get_client_hello:no shared cipher')",
        gives: {
          kind: 'icid-tls',
          icid: 6,
          ok: false,
          protocol: null,
          cipher: null,
          reason: "(336109761, 'error:1408A0C1:SSL routines:ssl3_get_client_hello:no shared cipher')",
        },
      },
      {
        line: 'ICID 6 TLS success protocol TLSv1/SSLv3 cipher RC4-MD5',
        gives: { kind: 'icid-tls', icid: 6, ok: true, protocol: 'TLSv1/SSLv3', cipher: 'RC4-MD5', reason: null },
      },
    ],
  }),
  shape({
    kind: 'icid-tls-required',
    heads: ['ICID # TLS'],
    regex: /^ICID (?<icid>\d{1,15}) TLS was required but remote host did not initiate it$/,
    read: (field) => ({ kind: 'icid-tls-required', icid: field.number('icid') }),
    samples: [{ line: 'ICID 6 TLS was required but remote host did not initiate it', gives: { kind: 'icid-tls-required', icid: 6 } }],
  }),
  shape({
    kind: 'icid-tls-read',
    heads: ['MID # ICID'],
    regex: /^MID (?<mid>\d{1,15}) ICID (?<icid>\d{1,15}) TLS read (?<octets>\d{1,15}) bytes(?: \([\d.]+ seconds\))?$/,
    read: (field) => ({ kind: 'icid-tls-read', mid: field.number('mid'), icid: field.number('icid'), octets: field.number('octets') }),
    samples: [{ line: 'MID 11 ICID 6 TLS read 4096 bytes (0.02 seconds)', gives: { kind: 'icid-tls-read', mid: 11, icid: 6, octets: 4096 } }],
  }),
  shape({
    kind: 'icid-auth',
    heads: ['SMTP'],
    regex:
      /^SMTP Auth:? \(ICID (?<icid>\d{1,15})\) (?:(?<ok>succeeded)|failed) for user: (?<user>\S+)(?: using AUTH mechanism: (?<mechanism>\S+))?(?: with profile: .{1,200})?$/,
    read: (field) => ({
      kind: 'icid-auth',
      icid: field.number('icid'),
      ok: field.has('ok'),
      user: field.optional('user'),
      mechanism: field.optional('mechanism'),
    }),
    samples: [
      {
        line: 'SMTP Auth: (ICID 6) succeeded for user: roadwarrior using AUTH mechanism: PLAIN with profile: branch',
        gives: { kind: 'icid-auth', icid: 6, ok: true, user: 'roadwarrior', mechanism: 'PLAIN' },
      },
      {
        line: 'SMTP Auth (ICID 6) failed for user: guess using AUTH mechanism: LOGIN with profile: branch',
        gives: { kind: 'icid-auth', icid: 6, ok: false, user: 'guess', mechanism: 'LOGIN' },
      },
    ],
  }),
  shape({
    kind: 'icid-auth-trouble',
    heads: ['SMTP'],
    regex:
      /^SMTP Auth:? \(ICID (?<icid>\d{1,15})\):? (?<reason>was required but remote host did not initiate it|(?:(?:with )?profile: .{0,200}is misconfigured|.{0,100}could not reach forwarding server|.{0,100}(?:LDAP query|user lookup)).{0,400})$/,
    open: true,
    read: (field) => ({ kind: 'icid-auth-trouble', icid: field.number('icid'), reason: field.text('reason') }),
    samples: [
      {
        line: 'SMTP Auth (ICID 6) was required but remote host did not initiate it',
        gives: { kind: 'icid-auth-trouble', icid: 6, reason: 'was required but remote host did not initiate it' },
      },
      {
        line: 'SMTP Auth (ICID 6) could not reach forwarding server 192.0.2.9 with reason: timeout',
        gives: { kind: 'icid-auth-trouble', icid: 6, reason: 'could not reach forwarding server 192.0.2.9 with reason: timeout' },
      },
      {
        line: 'SMTP Auth (ICID 6) profile: branch is misconfigured or missing',
        gives: { kind: 'icid-auth-trouble', icid: 6, reason: 'profile: branch is misconfigured or missing' },
      },
      {
        line: 'SMTP Auth (ICID 6) LDAP query failed for user: guess',
        gives: { kind: 'icid-auth-trouble', icid: 6, reason: 'LDAP query failed for user: guess' },
      },
      {
        line: 'SMTP Auth: (ICID 6) LDAP user lookup failed for user: guess',
        gives: { kind: 'icid-auth-trouble', icid: 6, reason: 'LDAP user lookup failed for user: guess' },
      },
    ],
  }),
  shape({
    kind: 'icid-lost',
    heads: ['ICID # lost'],
    regex: /^ICID (?<icid>\d{1,15}) lost$/,
    read: (field) => ({ kind: 'icid-lost', icid: field.number('icid') }),
    samples: [{ line: 'ICID 6 lost', gives: { kind: 'icid-lost', icid: 6 } }],
  }),
  shape({
    kind: 'icid-close',
    heads: ['ICID # close'],
    regex: /^ICID (?<icid>\d{1,15}) close$/,
    read: (field) => ({ kind: 'icid-close', icid: field.number('icid') }),
    samples: [{ line: 'ICID 6 close', gives: { kind: 'icid-close', icid: 6 } }],
  }),
  shape({
    kind: 'icid-lost-early',
    heads: ['ICID # Connection'],
    regex:
      /^ICID (?<icid>\d{1,15}) Connection from (?<peer>\S+) on interface (?<name>[^()]{1,80}?)(?: \((?<local>[^\s()]+)\))? lost after (?<seconds>[\d.]{1,12}) seconds? \(DNS query took (?<dns>[\d.]{1,12}) seconds?\),? before any commands were received\.?$/,
    read: (field) => {
      const local = field.optional('local');
      return {
        kind: 'icid-lost-early',
        icid: field.number('icid'),
        peerIp: canonicalAddress(field.text('peer')),
        interfaceName: field.text('name'),
        localIp: local === null ? null : canonicalAddress(local),
        seconds: field.number('seconds'),
        dnsSeconds: field.number('dns'),
      };
    },
    samples: [
      {
        line: 'ICID 6 Connection from 198.51.100.7 on interface Data 1 (192.0.2.25) lost after 31 seconds (DNS query took 30 seconds), before any commands were received',
        gives: { kind: 'icid-lost-early', icid: 6, peerIp: '198.51.100.7', interfaceName: 'Data 1', localIp: '192.0.2.25', seconds: 31, dnsSeconds: 30 },
      },
    ],
  }),
  shape({
    kind: 'icid-timeout',
    heads: ['ICID # disconnected'],
    regex:
      /^ICID (?<icid>\d{1,15}) disconnected address (?<peer>\S+), (?:no messages injected within timeout period|(?<total>exceeded allowable connection time))\.?$/,
    read: (field) => ({ kind: 'icid-timeout', icid: field.number('icid'), peerIp: canonicalAddress(field.text('peer')), total: field.has('total') }),
    samples: [
      {
        line: 'ICID 6 disconnected address 198.51.100.7, no messages injected within timeout period',
        gives: { kind: 'icid-timeout', icid: 6, peerIp: '198.51.100.7', total: false },
      },
      {
        line: 'ICID 6 disconnected address 198.51.100.7, exceeded allowable connection time',
        gives: { kind: 'icid-timeout', icid: 6, peerIp: '198.51.100.7', total: true },
      },
    ],
  }),
  shape({
    kind: 'icid-killed',
    heads: ['SMTP'],
    regex: /^SMTP server connection killed ICID:? (?<icid>\d{1,15})$/,
    read: (field) => ({ kind: 'icid-killed', icid: field.number('icid') }),
    samples: [{ line: 'SMTP server connection killed ICID: 6', gives: { kind: 'icid-killed', icid: 6 } }],
  }),
  shape({
    kind: 'icid-limit',
    heads: ['System'],
    regex: /^System limit reached: connection limit for IP (?<peer>\S+) on listener (?<listener>.{1,100}?) ICID (?<icid>\d{1,15}): max: (?<max>\d{1,9})$/,
    read: (field) => ({
      kind: 'icid-limit',
      icid: field.number('icid'),
      peerIp: canonicalAddress(field.text('peer')),
      listener: field.text('listener'),
      max: field.number('max'),
    }),
    samples: [
      {
        line: 'System limit reached: connection limit for IP 198.51.100.7 on listener IncomingMail ICID 6: max: 10',
        gives: { kind: 'icid-limit', icid: 6, peerIp: '198.51.100.7', listener: 'IncomingMail', max: 10 },
      },
    ],
  }),
  shape({
    kind: 'icid-receiving-failed',
    heads: ['ICID # Receiving', 'ICID # Injection'],
    regex: /^ICID (?<icid>\d{1,15}) (?:Receiving|Injection) Failed: (?<reason>.{1,400})$/,
    open: true,
    read: (field) => ({ kind: 'icid-receiving-failed', icid: field.number('icid'), reason: field.text('reason') }),
    samples: [
      {
        line: 'ICID 6 Receiving Failed: Connection limit exceeded',
        gives: { kind: 'icid-receiving-failed', icid: 6, reason: 'Connection limit exceeded' },
      },
      { line: 'ICID 6 Injection Failed: Message loop', gives: { kind: 'icid-receiving-failed', icid: 6, reason: 'Message loop' } },
      { line: 'ICID 6 Receiving Failed: Message loop', gives: { kind: 'icid-receiving-failed', icid: 6, reason: 'Message loop' } },
      { line: 'ICID 6 Receiving Failed: Message size exceeds limit', gives: { kind: 'icid-receiving-failed', icid: 6, reason: 'Message size exceeds limit' } },
      { line: 'ICID 6 Receiving Failed: Too Many Messages', gives: { kind: 'icid-receiving-failed', icid: 6, reason: 'Too Many Messages' } },
    ],
  }),
  shape({
    kind: 'icid-complaint',
    heads: ['ICID # Invalid'],
    regex: /^ICID (?<icid>\d{1,15}) Invalid sender address: +(?<detail>.{1,2000})$/,
    open: true,
    read: (field) => ({ kind: 'icid-complaint', icid: field.number('icid'), mid: null, about: 'sender-syntax', detail: field.text('detail') }),
    samples: [
      {
        line: "ICID 6 Invalid sender address: expected @: '<postmaster'",
        gives: { kind: 'icid-complaint', icid: 6, mid: null, about: 'sender-syntax', detail: "expected @: '<postmaster'" },
      },
    ],
  }),
  shape({
    kind: 'icid-complaint',
    heads: ['ICID # MID', 'MID # ICID'],
    regex: /^(?:ICID (?<icid>\d{1,15}) MID (?<mid>\d{1,15})|MID (?<mid2>\d{1,15}) ICID (?<icid2>\d{1,15})) Invalid recipient address: +(?<detail>.{1,2000})$/,
    open: true,
    read: (field) => ({
      kind: 'icid-complaint',
      icid: field.number(field.has('icid') ? 'icid' : 'icid2'),
      mid: field.number(field.has('mid') ? 'mid' : 'mid2'),
      about: 'recipient-syntax',
      detail: unquote(field.text('detail')),
    }),
    samples: [
      {
        line: "ICID 6 MID 11 Invalid recipient address:  'RCPT TO:<a b>'",
        gives: { kind: 'icid-complaint', icid: 6, mid: 11, about: 'recipient-syntax', detail: 'RCPT TO:<a b>' },
      },
    ],
  }),
  shape({
    kind: 'icid-complaint',
    heads: ['ICID # Address:'],
    regex:
      /^ICID (?<icid>\d{1,15}) Address: (?<detail>.{0,1000}?) sender (?:rejected, envelope sender domain (?:does not exist|could not be resolved|.{1,100})|(?<allowed>allowed, envelope sender matched domain exception))$/,
    read: (field) => ({
      kind: 'icid-complaint',
      icid: field.number('icid'),
      mid: null,
      about: field.has('allowed') ? 'sender-allowed' : 'sender-domain',
      detail: field.text('detail'),
    }),
    samples: [
      {
        line: 'ICID 6 Address: <a@nowhere.example> sender rejected, envelope sender domain does not exist',
        gives: { kind: 'icid-complaint', icid: 6, mid: null, about: 'sender-domain', detail: '<a@nowhere.example>' },
      },
      {
        line: 'ICID 6 Address: <a@partner.example> sender allowed, envelope sender matched domain exception',
        gives: { kind: 'icid-complaint', icid: 6, mid: null, about: 'sender-allowed', detail: '<a@partner.example>' },
      },
      {
        line: 'ICID 6 Address: <a@nowhere.example> sender rejected, envelope sender domain could not be resolved',
        gives: { kind: 'icid-complaint', icid: 6, mid: null, about: 'sender-domain', detail: '<a@nowhere.example>' },
      },
    ],
  }),
  shape({
    kind: 'icid-complaint',
    heads: ['ICID # Unknown', 'ICID # Bad'],
    regex: /^ICID (?<icid>\d{1,15}) (?:(?<unknown>Unknown command)|Bad syntax for command): ?(?<detail>.{0,4000})$/,
    open: true,
    read: (field) => ({
      kind: 'icid-complaint',
      icid: field.number('icid'),
      mid: null,
      about: field.has('unknown') ? 'unknown-command' : 'command-syntax',
      detail: unquote(field.text('detail')),
    }),
    samples: [
      { line: 'ICID 6 Unknown command: XXXX', gives: { kind: 'icid-complaint', icid: 6, mid: null, about: 'unknown-command', detail: 'XXXX' } },
      {
        line: "ICID 6 Bad syntax for command: 'MAIL FROM me'",
        gives: { kind: 'icid-complaint', icid: 6, mid: null, about: 'command-syntax', detail: 'MAIL FROM me' },
      },
    ],
  }),
  shape({
    kind: 'icid-complaint',
    heads: ['MID # ICID'],
    regex:
      /^MID (?<mid>\d{1,15}) ICID (?<icid>\d{1,15}) invalid bounce, (?:rcpt address (?<detail>.{0,1000}?) rejected by bounce verification\.?|(?<tagging>tagging.{0,100}))$/,
    read: (field) => ({
      kind: 'icid-complaint',
      icid: field.number('icid'),
      mid: field.number('mid'),
      about: 'bounce-verification',
      detail: field.text(field.has('detail') ? 'detail' : 'tagging'),
    }),
    samples: [
      {
        line: 'MID 11 ICID 6 invalid bounce, rcpt address <a@example.com> rejected by bounce verification.',
        gives: { kind: 'icid-complaint', icid: 6, mid: 11, about: 'bounce-verification', detail: '<a@example.com>' },
      },
      {
        line: 'MID 11 ICID 6 invalid bounce, tagging',
        gives: { kind: 'icid-complaint', icid: 6, mid: 11, about: 'bounce-verification', detail: 'tagging' },
      },
    ],
  }),
  shape({
    kind: 'directory-harvest',
    heads: ['LDAP:'],
    // The closing quote and parenthesis are missing in some versions.
    regex:
      /^LDAP: Dropping connection due to potential Directory Harvest Attack from host=\('(?<peer>[^'\s,]+)'?,.{0,200}?dhap_limit=(?<limit>\d{1,9}), ?(?:sender_group=(?<group>[^,\s]+)|.{1,400}?sender_group=(?<group2>[^,\s]+)).{0,400}$/,
    read: (field) => ({
      kind: 'directory-harvest',
      peerIp: canonicalAddress(field.text('peer')),
      limit: field.number('limit'),
      group: field.optional('group') ?? field.text('group2'),
    }),
    samples: [
      {
        line: "LDAP: Dropping connection due to potential Directory Harvest Attack from host=('198.51.100.7', None), dhap_limit=25, sender_group=SUSPECTLIST",
        gives: { kind: 'directory-harvest', peerIp: '198.51.100.7', limit: 25, group: 'SUSPECTLIST' },
      },
      {
        line: "LDAP: Dropping connection due to potential Directory Harvest Attack from host=('198.51.100.7', 'mx.example.net), dhap_limit=25, sender_group=SUSPECTLIST, listener=IncomingMail, reverse_dns=mx.example.net",
        gives: { kind: 'directory-harvest', peerIp: '198.51.100.7', limit: 25, group: 'SUSPECTLIST' },
      },
    ],
  }),
];

import { canonicalAddress } from '../../model/address.ts';
import { unquote } from '../quoting.ts';
import { type LogPattern, shape } from './pattern.ts';

/** `<a@b>`, `<>`, or an address without brackets. */
function bareAddress(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith('<') && trimmed.endsWith('>') ? trimmed.slice(1, -1) : trimmed;
}

/** Lines of messages (MID) from MAIL FROM to the work queue. */
export const MESSAGE_PATTERNS: readonly LogPattern[] = [
  shape({
    kind: 'mid-start',
    heads: ['Start'],
    regex: /^Start MID (?<mid>\d{1,15}) ICID (?<icid>\d{1,15})(?: \((?<note>[^()]{1,100})\))?$/,
    read: (field) => ({ kind: 'mid-start', mid: field.number('mid'), icid: field.number('icid'), note: field.optional('note') }),
    samples: [
      { line: 'Start MID 1404 ICID 48213', gives: { kind: 'mid-start', mid: 1404, icid: 48213, note: null } },
      { line: 'Start MID 1359 ICID 0 (ISQ Released Message)', gives: { kind: 'mid-start', mid: 1359, icid: 0, note: 'ISQ Released Message' } },
      { line: 'Start MID 1404 ICID 0 (ISQ Notification)', gives: { kind: 'mid-start', mid: 1404, icid: 0, note: 'ISQ Notification' } },
    ],
  }),
  shape({
    kind: 'mid-from',
    heads: ['MID # ICID'],
    regex: /^MID (?<mid>\d{1,15}) ICID (?<icid>\d{1,15}) From: ?(?<address>.{0,1000})$/,
    open: true,
    read: (field) => ({ kind: 'mid-from', mid: field.number('mid'), icid: field.number('icid'), address: bareAddress(field.text('address')) }),
    samples: [
      { line: 'MID 1404 ICID 48213 From: <ann@example.net>', gives: { kind: 'mid-from', mid: 1404, icid: 48213, address: 'ann@example.net' } },
      { line: 'MID 1404 ICID 48213 From: <>', gives: { kind: 'mid-from', mid: 1404, icid: 48213, address: '' } },
    ],
  }),
  shape({
    kind: 'mid-to',
    heads: ['MID # ICID'],
    regex: /^MID (?<mid>\d{1,15}) ICID (?<icid>\d{1,15}) RID (?<rid>\d{1,9}) To: ?(?<address>.{0,1000})$/,
    open: true,
    read: (field) => ({
      kind: 'mid-to',
      mid: field.number('mid'),
      icid: field.number('icid'),
      rid: field.number('rid'),
      address: bareAddress(field.text('address')),
    }),
    samples: [
      { line: 'MID 1404 ICID 48213 RID 0 To: <bob@example.com>', gives: { kind: 'mid-to', mid: 1404, icid: 48213, rid: 0, address: 'bob@example.com' } },
    ],
  }),
  shape({
    kind: 'mid-to-rejected',
    heads: ['MID # ICID', 'ICID # To:'],
    regex: /^(?:MID (?<mid>\d{1,15}) )?ICID (?<icid>\d{1,15}) To: (?<address>.{0,1000}?) Rejected by (?<by>[\w ]{1,60})$/,
    read: (field) => ({
      kind: 'mid-to-rejected',
      mid: field.optionalNumber('mid'),
      icid: field.number('icid'),
      address: bareAddress(field.text('address')),
      by: field.text('by'),
    }),
    samples: [
      {
        line: 'MID 1404 ICID 48213 To: <nobody@example.com> Rejected by RAT',
        gives: { kind: 'mid-to-rejected', mid: 1404, icid: 48213, address: 'nobody@example.com', by: 'RAT' },
      },
      {
        line: 'ICID 48213 To: <nobody@example.com> Rejected by LDAPACCEPT',
        gives: { kind: 'mid-to-rejected', mid: null, icid: 48213, address: 'nobody@example.com', by: 'LDAPACCEPT' },
      },
      {
        line: 'MID 1404 ICID 48213 To: <many@example.com> Rejected by Injection Control',
        gives: { kind: 'mid-to-rejected', mid: 1404, icid: 48213, address: 'many@example.com', by: 'Injection Control' },
      },
      {
        line: 'MID 1404 ICID 48213 To: <many@example.com> Rejected by Receiving Control',
        gives: { kind: 'mid-to-rejected', mid: 1404, icid: 48213, address: 'many@example.com', by: 'Receiving Control' },
      },
      {
        line: 'MID 1404 ICID 48213 To: <nobody@example.com> Rejected by LDAPACCEPT',
        gives: { kind: 'mid-to-rejected', mid: 1404, icid: 48213, address: 'nobody@example.com', by: 'LDAPACCEPT' },
      },
    ],
  }),
  shape({
    kind: 'mid-system',
    heads: ['MID # From:'],
    regex: /^MID (?<mid>\d{1,15}) From: (?<from>\S{0,500}) To: (?<to>.{0,2000}?),? \.\.\. (?<count>\d{1,9}) total recipients?$/,
    read: (field) => ({
      kind: 'mid-system',
      mid: field.number('mid'),
      from: bareAddress(field.text('from')),
      to: bareAddress(field.text('to')),
      recipients: field.number('count'),
    }),
    samples: [
      {
        line: 'MID 1404 From: <alert@esa.example.com> To: <ops@example.com>, ... 3 total recipients',
        gives: { kind: 'mid-system', mid: 1404, from: 'alert@esa.example.com', to: 'ops@example.com', recipients: 3 },
      },
    ],
  }),
  shape({
    kind: 'mid-message-id',
    heads: ['MID # Message-ID'],
    regex: /^MID (?<mid>\d{1,15}) Message-ID (?<value>'.{0,4000}'|".{0,4000}"|[^'"].{0,4000})$/,
    read: (field) => ({ kind: 'mid-message-id', mid: field.number('mid'), messageId: unquote(field.text('value')) }),
    samples: [
      { line: "MID 1404 Message-ID '<20.1@example.net>'", gives: { kind: 'mid-message-id', mid: 1404, messageId: '<20.1@example.net>' } },
      { line: 'MID 1404 Message-ID "<it\'s@example.net>"', gives: { kind: 'mid-message-id', mid: 1404, messageId: "<it's@example.net>" } },
    ],
  }),
  shape({
    kind: 'mid-subject',
    heads: ['MID # Subject', 'MID # Subject:'],
    // A text that opens with a quote ends with one, so that the rest of a wrapped subject is waited for.
    regex: /^MID (?<mid>\d{1,15}) Subject:?(?: (?<value>'.{0,8000}'|".{0,8000}"|[^'"].{0,8000}))?$/,
    read: (field) => ({ kind: 'mid-subject', mid: field.number('mid'), subject: unquote(field.text('value')) }),
    samples: [
      { line: "MID 1404 Subject 'Quarterly figures'", gives: { kind: 'mid-subject', mid: 1404, subject: 'Quarterly figures' } },
      { line: 'MID 1404 Subject "Ann\'s figures"', gives: { kind: 'mid-subject', mid: 1404, subject: "Ann's figures" } },
      { line: "MID 1404 Subject 'caf\\xc3\\xa9 \\'x\\''", gives: { kind: 'mid-subject', mid: 1404, subject: "café 'x'" } },
      { line: 'MID 1404 Subject Re: figures\\r\\n (final)', gives: { kind: 'mid-subject', mid: 1404, subject: 'Re: figures\r\n (final)' } },
      { line: "MID 1404 Subject ''", gives: { kind: 'mid-subject', mid: 1404, subject: '' } },
    ],
  }),
  shape({
    kind: 'mid-ready',
    heads: ['MID # ready'],
    regex: /^MID (?<mid>\d{1,15}) ready (?<octets>\d{1,15}) bytes(?: from ?(?<from>.{0,1000}))?$/,
    open: true,
    read: (field) => ({
      kind: 'mid-ready',
      mid: field.number('mid'),
      octets: field.number('octets'),
      from: field.has('from') ? bareAddress(field.text('from')) : null,
    }),
    samples: [{ line: 'MID 1404 ready 2048 bytes from <ann@example.net>', gives: { kind: 'mid-ready', mid: 1404, octets: 2048, from: 'ann@example.net' } }],
  }),
  shape({
    kind: 'mid-aborted',
    heads: ['Message'],
    regex: /^Message aborted MID (?<mid>\d{1,15}) (?:(?:Receiving|Injection) aborted(?<sender> by sender)?|(?<policy>(?:Dropped|Bounced) by .{1,400}))$/,
    open: true,
    read: (field) => ({
      kind: 'mid-aborted',
      mid: field.number('mid'),
      how: field.has('policy') ? 'policy' : field.has('sender') ? 'by-sender' : 'receiving',
      by: field.optional('policy'),
    }),
    samples: [
      { line: 'Message aborted MID 1404 Receiving aborted', gives: { kind: 'mid-aborted', mid: 1404, how: 'receiving', by: null } },
      { line: 'Message aborted MID 1404 Injection aborted', gives: { kind: 'mid-aborted', mid: 1404, how: 'receiving', by: null } },
      { line: 'Message aborted MID 1412 Receiving aborted by sender', gives: { kind: 'mid-aborted', mid: 1412, how: 'by-sender', by: null } },
      { line: 'Message aborted MID 1404 Dropped by CASE', gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: 'Dropped by CASE' } },
      {
        line: "Message aborted MID 1404 Dropped by content filter 'no-macros' in the inbound table",
        gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: "Dropped by content filter 'no-macros' in the inbound table" },
      },
      { line: 'Message aborted MID 1404 Dropped by Brightmail', gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: 'Dropped by Brightmail' } },
      { line: 'Message aborted MID 1404 Dropped by antivirus', gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: 'Dropped by antivirus' } },
      {
        line: "Message aborted MID 1404 Dropped by filter 'no-macros'",
        gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: "Dropped by filter 'no-macros'" },
      },
      {
        line: "Message aborted MID 1404 Bounced by content filter 'no-macros' in the inbound table",
        gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: "Bounced by content filter 'no-macros' in the inbound table" },
      },
    ],
  }),
  shape({
    kind: 'mid-aborted',
    heads: ['MID # was'],
    regex: /^MID (?<mid>\d{1,15}) was (?<how>(?:dropped|bounced) by (?:content filter '.{0,200}'|policy .{1,200}) in the \w{1,40} table)$/,
    read: (field) => ({ kind: 'mid-aborted', mid: field.number('mid'), how: 'policy', by: field.text('how') }),
    samples: [
      {
        line: "MID 1404 was dropped by content filter 'no-macros' in the inbound table",
        gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: "dropped by content filter 'no-macros' in the inbound table" },
      },
      {
        line: 'MID 1404 was bounced by policy Board Members in the inbound table',
        gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: 'bounced by policy Board Members in the inbound table' },
      },
      {
        line: "MID 1404 was bounced by content filter 'no-macros' in the inbound table",
        gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: "bounced by content filter 'no-macros' in the inbound table" },
      },
      {
        line: 'MID 1404 was dropped by policy Board Members in the inbound table',
        gives: { kind: 'mid-aborted', mid: 1404, how: 'policy', by: 'dropped by policy Board Members in the inbound table' },
      },
    ],
  }),
  shape({
    kind: 'mid-finished',
    heads: ['Message'],
    regex: /^Message finished MID (?<mid>\d{1,15}) (?<how>done|aborted)$/,
    read: (field) => ({ kind: 'mid-finished', mid: field.number('mid'), how: field.text('how') === 'done' ? 'done' : 'aborted' }),
    samples: [
      { line: 'Message finished MID 1404 aborted', gives: { kind: 'mid-finished', mid: 1404, how: 'aborted' } },
      { line: 'Message finished MID 1404 done', gives: { kind: 'mid-finished', mid: 1404, how: 'done' } },
    ],
  }),
  shape({
    kind: 'mid-queued',
    heads: ['MID # queued'],
    regex: /^MID (?<mid>\d{1,15}) queued for delivery$/,
    read: (field) => ({ kind: 'mid-queued', mid: field.number('mid') }),
    samples: [{ line: 'MID 1404 queued for delivery', gives: { kind: 'mid-queued', mid: 1404 } }],
  }),
  shape({
    kind: 'mid-policy',
    heads: ['MID # matched'],
    regex:
      /^MID (?<mid>\d{1,15}) matched all recipients for per-recipient policy (?:(?<policy>.{1,200}) in the (?<table>inbound|outbound) table|(?<bare>\S+))$/,
    read: (field) => ({
      kind: 'mid-policy',
      mid: field.number('mid'),
      policy: field.optional('policy') ?? field.text('bare'),
      table: field.optional('table'),
    }),
    samples: [
      {
        line: 'MID 1404 matched all recipients for per-recipient policy Board Members in the inbound table',
        gives: { kind: 'mid-policy', mid: 1404, policy: 'Board Members', table: 'inbound' },
      },
      { line: 'MID 1404 matched all recipients for per-recipient policy DEFAULT', gives: { kind: 'mid-policy', mid: 1404, policy: 'DEFAULT', table: null } },
    ],
  }),
  shape({
    kind: 'mid-relation',
    heads: ['MID # was'],
    regex:
      /^MID (?<from>\d{1,15}) was split creating MID (?<to>\d{1,15}) due to a (?<by>per-recipient policy .{1,200}|SL\/BL configuration(?: for following recipients: .{1,8000})?)$/,
    open: true,
    read: (field) => ({ kind: 'mid-relation', relation: 'split', from: field.number('from'), to: field.number('to'), by: field.text('by') }),
    samples: [
      {
        line: 'MID 1404 was split creating MID 1405 due to a per-recipient policy Board Members',
        gives: { kind: 'mid-relation', relation: 'split', from: 1404, to: 1405, by: 'per-recipient policy Board Members' },
      },
      {
        line: 'MID 1404 was split creating MID 1405 due to a SL/BL configuration for following recipients: a@example.com, b@example.com',
        gives: {
          kind: 'mid-relation',
          relation: 'split',
          from: 1404,
          to: 1405,
          by: 'SL/BL configuration for following recipients: a@example.com, b@example.com',
        },
      },
    ],
  }),
  shape({
    kind: 'mid-relation',
    heads: ['MID # rewritten'],
    regex: /^MID (?<from>\d{1,15}) rewritten to (?:MID )?(?<to>\d{1,15}) by (?:(?<release>Policy Quarantine)|(?<by>.{1,300}))$/,
    open: true,
    read: (field) => ({
      kind: 'mid-relation',
      relation: field.has('release') ? 'released-as' : 'rewritten',
      from: field.number('from'),
      to: field.number('to'),
      by: field.optional('release') ?? field.text('by'),
    }),
    samples: [
      {
        line: "MID 1404 rewritten to MID 1406 by add-footer filter 'footer'",
        gives: { kind: 'mid-relation', relation: 'rewritten', from: 1404, to: 1406, by: "add-footer filter 'footer'" },
      },
      { line: 'MID 1404 rewritten to 1406 by antispam', gives: { kind: 'mid-relation', relation: 'rewritten', from: 1404, to: 1406, by: 'antispam' } },
      {
        line: 'MID 1404 rewritten to 1406 by Policy Quarantine',
        gives: { kind: 'mid-relation', relation: 'released-as', from: 1404, to: 1406, by: 'Policy Quarantine' },
      },
      {
        line: "MID 1404 rewritten to 1406 by alt-rcpt-to-filter filter 'redirect'",
        gives: { kind: 'mid-relation', relation: 'rewritten', from: 1404, to: 1406, by: "alt-rcpt-to-filter filter 'redirect'" },
      },
      {
        line: "MID 1404 rewritten to MID 1406 by drop-attachments-by-filetype filter 'no macros'",
        gives: { kind: 'mid-relation', relation: 'rewritten', from: 1404, to: 1406, by: "drop-attachments-by-filetype filter 'no macros'" },
      },
      {
        line: 'MID 1404 rewritten to MID 1406 by antispam (alt-rcpt-to)',
        gives: { kind: 'mid-relation', relation: 'rewritten', from: 1404, to: 1406, by: 'antispam (alt-rcpt-to)' },
      },
      {
        line: 'MID 1404 rewritten to MID 1406 by antivirus(unsafe alt-rcpt-to)',
        gives: { kind: 'mid-relation', relation: 'rewritten', from: 1404, to: 1406, by: 'antivirus(unsafe alt-rcpt-to)' },
      },
      { line: 'MID 1404 rewritten to MID 1406 by antivirus', gives: { kind: 'mid-relation', relation: 'rewritten', from: 1404, to: 1406, by: 'antivirus' } },
    ],
  }),
  shape({
    kind: 'mid-relation',
    heads: ['MID # generated', 'MID # was'],
    regex: /^MID (?<to>\d{1,15}) (?:was )?generated (?:based on MID (?<from>\d{1,15}) by (?<by>.{1,300})|for bounce of MID (?<bounced>\d{1,15}))$/,
    open: true,
    read: (field) => ({
      kind: 'mid-relation',
      relation: field.has('bounced') ? 'bounce' : 'generated',
      from: field.number(field.has('bounced') ? 'bounced' : 'from'),
      to: field.number('to'),
      by: field.optional('by'),
    }),
    samples: [
      {
        line: "MID 1407 was generated based on MID 1404 by notify filter 'tell-security'",
        gives: { kind: 'mid-relation', relation: 'generated', from: 1404, to: 1407, by: "notify filter 'tell-security'" },
      },
      {
        line: 'MID 1407 generated based on MID 1404 by antivirus',
        gives: { kind: 'mid-relation', relation: 'generated', from: 1404, to: 1407, by: 'antivirus' },
      },
      { line: 'MID 1408 was generated for bounce of MID 1404', gives: { kind: 'mid-relation', relation: 'bounce', from: 1404, to: 1408, by: null } },
      {
        line: "MID 1407 was generated based on MID 1404 by bcc filter 'archive'",
        gives: { kind: 'mid-relation', relation: 'generated', from: 1404, to: 1407, by: "bcc filter 'archive'" },
      },
      {
        line: "MID 1407 was generated based on MID 1404 by bcc-scan filter 'archive'",
        gives: { kind: 'mid-relation', relation: 'generated', from: 1404, to: 1407, by: "bcc-scan filter 'archive'" },
      },
      {
        line: "MID 1407 generated based on MID 1404 by notify filter 'warn'",
        gives: { kind: 'mid-relation', relation: 'generated', from: 1404, to: 1407, by: "notify filter 'warn'" },
      },
      {
        line: "MID 1407 generated based on MID 1404 by notify-copy filter 'warn'",
        gives: { kind: 'mid-relation', relation: 'generated', from: 1404, to: 1407, by: "notify-copy filter 'warn'" },
      },
      {
        line: 'MID 1407 was generated based on MID 1404 by antivirus',
        gives: { kind: 'mid-relation', relation: 'generated', from: 1404, to: 1407, by: 'antivirus' },
      },
      { line: 'MID 1407 generated for bounce of MID 1404', gives: { kind: 'mid-relation', relation: 'bounce', from: 1404, to: 1407, by: null } },
    ],
  }),
  shape({
    kind: 'mid-helo',
    heads: ['MID # SDR:'],
    // The only line that carries the HELO name.
    regex:
      /^MID (?<mid>\d{1,15}) SDR: Domains for which SDR is requested: (?:reverse DNS host: (?<ptr>.{0,300}?), )?helo: (?<helo>[^,]{0,300})(?:, .{0,4000})?$/,
    open: true,
    read: (field) => ({ kind: 'mid-helo', mid: field.number('mid'), helo: field.text('helo').trim() }),
    samples: [
      {
        line: 'MID 1404 SDR: Domains for which SDR is requested: reverse DNS host: mx.example.net, helo: mx7.example.net, env-from: example.net, header-from: example.net, reply-to: Not Present',
        gives: { kind: 'mid-helo', mid: 1404, helo: 'mx7.example.net' },
      },
    ],
  }),
  shape({
    kind: 'mid-incoming-relay',
    heads: ['MID # IncomingRelay'],
    regex:
      /^MID (?<mid>\d{1,15}) IncomingRelay\((?<relay>[^()]{0,100})\): (?:Header .{0,200}? found, IP (?<ip>[^\s,]+) being used, SBRS .{1,40}|Header .{0,200}? not found|Could not find valid IP address in header.{0,200}|.{0,100}not found.{0,100})$/,
    read: (field) => {
      const ip = field.optional('ip');
      return { kind: 'mid-incoming-relay', mid: field.number('mid'), relay: field.text('relay'), sourceIp: ip === null ? null : canonicalAddress(ip) };
    },
    samples: [
      {
        line: 'MID 1404 IncomingRelay(front): Header Received found, IP 203.0.113.9 being used, SBRS 1.5',
        gives: { kind: 'mid-incoming-relay', mid: 1404, relay: 'front', sourceIp: '203.0.113.9' },
      },
      {
        line: 'MID 1404 IncomingRelay(front): Header X-Source not found',
        gives: { kind: 'mid-incoming-relay', mid: 1404, relay: 'front', sourceIp: null },
      },
      {
        line: 'MID 1404 IncomingRelay(front): Could not find valid IP address in header',
        gives: { kind: 'mid-incoming-relay', mid: 1404, relay: 'front', sourceIp: null },
      },
    ],
  }),
];

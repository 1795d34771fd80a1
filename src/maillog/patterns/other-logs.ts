import { unquote } from '../quoting.ts';
import { type LogPattern, shape } from './pattern.ts';

/** File headers, debug logs, status logs, consolidated events. */
export const OTHER_LOG_PATTERNS: readonly LogPattern[] = [
  shape({
    kind: 'logfile-begins',
    heads: ['Begin'],
    regex: /^Begin Logfile$/,
    read: () => ({ kind: 'logfile-begins' }),
    samples: [{ line: 'Begin Logfile', gives: { kind: 'logfile-begins' } }],
  }),
  shape({
    kind: 'logfile-ends',
    heads: ['End'],
    regex: /^End Logfile$/,
    read: () => ({ kind: 'logfile-ends' }),
    samples: [{ line: 'End Logfile', gives: { kind: 'logfile-ends' } }],
  }),
  shape({
    kind: 'version',
    heads: ['Version:'],
    regex: /^Version: (?<version>\S+) SN: (?<serial>\S+)$/,
    read: (field) => ({ kind: 'version', version: field.text('version'), serial: field.text('serial') }),
    samples: [{ line: 'Version: 15.0.1-030 SN: 564D0000AAAA-BBBB0001', gives: { kind: 'version', version: '15.0.1-030', serial: '564D0000AAAA-BBBB0001' } }],
  }),
  shape({
    kind: 'utc-offset',
    heads: ['Time'],
    regex: /^Time offset from UTC: (?<seconds>[+-]?\d{1,6}) seconds$/,
    read: (field) => ({ kind: 'utc-offset', seconds: field.number('seconds') }),
    samples: [{ line: 'Time offset from UTC: -21600 seconds', gives: { kind: 'utc-offset', seconds: -21_600 } }],
  }),
  shape({
    kind: 'injection-debug',
    heads: ['Sent', 'Rcvd', 'Received', '#'],
    regex:
      /^(?:(?<icid>\d{1,15}):? )?(?:ICID (?<icid2>\d{1,15}) )?(?:(?<sent>Sent) to|(?:Rcvd|Received) from) '?(?<peer>[^'\s:]\S{0,250}?)'?: (?<text>'[\s\S]{0,16000}'?|"[\s\S]{0,16000}"?|[^'"][\s\S]{0,16000})$/,
    open: true,
    read: (field) => ({
      kind: 'injection-debug',
      icid: field.optionalNumber('icid') ?? field.optionalNumber('icid2'),
      direction: field.has('sent') ? 'sent' : 'received',
      peer: field.text('peer'),
      text: unquote(field.text('text')),
    }),
    samples: [
      {
        line: "48213 Sent to '198.51.100.7': '220 esa.example.com ESMTP\\015\\012'",
        gives: { kind: 'injection-debug', icid: 48213, direction: 'sent', peer: '198.51.100.7', text: '220 esa.example.com ESMTP\r\n' },
      },
      {
        line: "Rcvd from '2001:db8::7': 'EHLO mx.example.net\\015\\012'",
        gives: { kind: 'injection-debug', icid: null, direction: 'received', peer: '2001:db8::7', text: 'EHLO mx.example.net\r\n' },
      },
      {
        line: "48213 Rcvd from '198.51.100.7': 'EHLO mx.example.net\\015\\012'",
        gives: { kind: 'injection-debug', icid: 48213, direction: 'received', peer: '198.51.100.7', text: 'EHLO mx.example.net\r\n' },
      },
    ],
  }),
  shape({
    kind: 'domain-debug',
    heads: ['#', 'DCID # Sent:', 'DCID # Rcvd:'],
    regex: /^(?:DCID )?(?<dcid>\d{1,15}) (?:(?<sent>Sent)|Rcvd): (?<text>'[\s\S]{0,16000}'?|"[\s\S]{0,16000}"?|[^'"][\s\S]{0,16000})$/,
    open: true,
    read: (field) => ({
      kind: 'domain-debug',
      dcid: field.number('dcid'),
      direction: field.has('sent') ? 'sent' : 'received',
      text: unquote(field.text('text')),
    }),
    samples: [
      {
        line: "165 Sent: 'MAIL FROM:<ann@example.com>'",
        gives: { kind: 'domain-debug', dcid: 165, direction: 'sent', text: 'MAIL FROM:<ann@example.com>' },
      },
      { line: "165 Rcvd: '250 OK'", gives: { kind: 'domain-debug', dcid: 165, direction: 'received', text: '250 OK' } },
    ],
  }),
  shape({
    kind: 'status',
    heads: ['Status:'],
    regex: /^Status: (?<fields>(?=.{0,4000}\bCrt(?:MID|ICID|DCID) \d)[\w .:+%-]{1,4000})$/,
    read: (field) => ({ kind: 'status', fields: field.text('fields') }),
    samples: [
      {
        line: 'Status: CPULd 21 DskIO 0 RAMUtil 9 CrtMID 414695 CrtICID 48213 CrtDCID 165 CrtCncIn 3 ResCon 0 WorkQ 2',
        gives: { kind: 'status', fields: 'CPULd 21 DskIO 0 RAMUtil 9 CrtMID 414695 CrtICID 48213 CrtDCID 165 CrtCncIn 3 ResCon 0 WorkQ 2' },
      },
      {
        line: 'Status: CPULd 7 CrtMID 9 CrtICID 12 CrtDCID 3 SwapUsage 0% LogAvail 12G ResCon 0 WorkQ 0',
        gives: { kind: 'status', fields: 'CPULd 7 CrtMID 9 CrtICID 12 CrtDCID 3 SwapUsage 0% LogAvail 12G ResCon 0 WorkQ 0' },
      },
    ],
  }),
  shape({
    kind: 'consolidated',
    heads: ['CEF:0|Cisco|'],
    // Order of the keys varies and records may be cut, so the regular expression only knows the frame; keys are looked up.
    regex: /^CEF:0\|Cisco\|[^|]{0,200}\|[^|]{0,60}\|ESA_CONSOLIDATED_LOG_EVENT\|(?<extension>[\s\S]{0,16000})$/,
    open: true,
    read: (field) => {
      const extension = field.text('extension');
      return {
        kind: 'consolidated',
        mid: numberOf(extension, 'ESAMID'),
        icid: numberOf(extension, 'ESAICID'),
        dcid: numberOf(extension, 'ESADCID'),
        helo: valueOf(extension, 'ESAHeloDomain'),
        peerIp: valueOf(extension, 'sourceAddress') ?? valueOf(extension, 'src'),
        sender: bareAddress(valueOf(extension, 'suser')),
        recipients: (valueOf(extension, 'duser') ?? '').split(/[;,]/).flatMap((text) => bareAddress(text.trim()) ?? []),
        subject: valueOf(extension, 'msg'),
        messageId: valueOf(extension, 'cs4'),
        action: valueOf(extension, 'act'),
        actionDetails: valueOf(extension, 'ESAFinalActionDetails'),
      };
    },
    samples: [
      {
        line: 'CEF:0|Cisco|C100V Email Security Virtual Appliance|14.0.0-657|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|deviceExternalId=x ESAMID=1404 ESAICID=48213 ESADCID=165 ESAHeloDomain=mx.example.net sourceAddress=198.51.100.7 suser=<ann@example.net>',
        gives: {
          kind: 'consolidated',
          mid: 1404,
          icid: 48213,
          dcid: 165,
          helo: 'mx.example.net',
          peerIp: '198.51.100.7',
          sender: 'ann@example.net',
          recipients: [],
          subject: null,
          messageId: null,
          action: null,
          actionDetails: null,
        },
      },
      {
        line: "CEF:0|Cisco|C100V|15.0.0-104|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|act=DROPPED msg='a \\= b c' ESAMID=7 duser=bob@example.com;eve@example.com cs4Label=MessageId cs4='<x.1@example.net>' ESAFinalActionDetails=By Anti-Spam",
        gives: {
          kind: 'consolidated',
          mid: 7,
          icid: null,
          dcid: null,
          helo: null,
          peerIp: null,
          sender: null,
          recipients: ['bob@example.com', 'eve@example.com'],
          subject: 'a = b c',
          messageId: '<x.1@example.net>',
          action: 'DROPPED',
          actionDetails: 'By Anti-Spam',
        },
      },
    ],
  }),
];

function numberOf(extension: string, key: string): number | null {
  const digits = new RegExp(`(?:^|[| ])${key}=(\\d{1,15})(?:\\D|$)`).exec(extension)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** A value reaches to the next key; equals signs in it are escaped. Quotes around it are no part. Null where it is empty. */
function valueOf(extension: string, key: string): string | null {
  const found = new RegExp(`(?:^|[| ])${key}=(.{0,8000}?)(?= [A-Za-z]\\w{0,60}=|$)`, 's').exec(extension)?.[1]?.trim();
  if (found === undefined) return null;
  const bare = /^(['"]).*\1$/s.test(found) && found.length > 1 ? found.slice(1, -1) : found;
  return bare === '' ? null : bare.replace(/\\([=\\|])/g, '$1');
}

function bareAddress(text: string | null): string | null {
  const bare = text === null ? '' : text.replace(/^['"]?<(.*)>['"]?$/, '$1');
  return bare === '' ? null : bare;
}

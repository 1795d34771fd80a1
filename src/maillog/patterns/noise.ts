import { type LogPattern, shape } from './pattern.ts';

type Log = 'mail_logs' | 'euq_logs' | 'bounce_logs' | 'other';

function noise(log: Log, heads: readonly string[], regex: RegExp, samples: readonly string[]): LogPattern {
  return shape({
    kind: 'appliance-message',
    heads,
    regex,
    open: true,
    read: () => ({ kind: 'appliance-message', log }),
    samples: samples.map((line) => ({ line, gives: { kind: 'appliance-message', log } })),
  });
}

/** Words of the box that say nothing of who ended a session: recognised, so that they are not reported as unknown. */
export const NOISE_PATTERNS: readonly LogPattern[] = [
  noise('mail_logs', ['CASE'], /^CASE cache status: .{1,400}$/, ['CASE cache status: hits = 10, misses = 3']),
  noise('mail_logs', ['SenderBase'], /^SenderBase .{1,400}$/, ['SenderBase upload: 734 hosts totaling 20188 bytes']),
  noise('other', ['lame', 'Received'], /^(?:lame DNS referral|Received an invalid DNS Response): .{1,4000}$/, [
    'lame DNS referral: qname:a.example ns_name:ns1.example zone:example ref_zone:example referrals:[]',
    "Received an invalid DNS Response: '' to IP 192.0.2.53 looking up a.example",
  ]),
  noise('mail_logs', ['A'], /^A \w{1,30}\/\w{1,30} alert was sent to .{1,600}$/, ['A System/Info alert was sent to ops@example.com with subject AutoSupport.']),
  noise('other', ['Error'], /^Error (?:while sending alert|in http connection|.{0,100}alert).{1,600}$/, [
    'Error while sending alert: Unable to send System/Info alert to ops@example.com',
  ]),
  noise('mail_logs', ['graymail', 'URL_REP_CLIENT:', 'SDR', 'AMP', 'DANE'], /^(?:graymail \[|URL_REP_CLIENT: |SDR |AMP |DANE ).{1,2000}$/, [
    'graymail [CONFIG] Starting engine',
    'URL_REP_CLIENT: connected',
  ]),
  noise(
    'mail_logs',
    ['QMQP', 'QMTP', 'New', 'Incoming'],
    /^(?:(?:QMQP|QMTP) .{1,400}|New (?:QMQP|QMTP) .{1,400}|Incoming (?:SMTP |QMQP |QMTP )?connection undetermined IP on interface .{1,100})$/,
    ['Incoming SMTP connection undetermined IP on interface Management', 'New QMQP ICID 5 interface Management'],
  ),
  noise('mail_logs', ['Internal'], /^Internal SMTP .{1,1000}$/, [
    "Internal SMTP system successfully sent a message to ops@example.com with subject 'AutoSupport'.",
    'Internal SMTP Error: Failed to send message to host 192.0.2.9:25 for recipient ops@example.com: Unexpected SMTP response 553.',
  ]),
  noise('mail_logs', ['DNS'], /^DNS (?:Temporary Failure|Hard Error|.{1,60}) .{1,400}$/, ['DNS Temporary Failure partner.example MX - ServFail']),
  noise(
    'mail_logs',
    ['Deliveries', 'Delivery', 'Receiving'],
    /^(?:Deliveries are currently suspended.{0,300}|(?:Delivery|Receiving) (?:suspended|resumed).{0,300})$/,
    ['Deliveries are currently suspended [manual]', 'Receiving suspended, command detail: suspendlistener'],
  ),
  noise('mail_logs', ['LDAP:'], /^LDAP: (?!Dropping connection due to potential Directory Harvest Attack from host=\('[^'\s,]).{1,1000}$/, [
    'LDAP: Accepted query staff.accept MID 1404 RID 0 address bob@example.com',
    'LDAP: unable to process, MID 1404 requeued',
  ]),
  noise('mail_logs', ['Alias', 'Global', 'masquerading'], /^(?:Alias match: |Global unsubscribe matched entry |masquerading ).{1,8000}$/, [
    'Alias match: MID 1404 RID 0 recipient a@example.com mapped to b@example.com',
  ]),
  noise(
    'euq_logs',
    ['ISQ:', 'EUQ:', 'out', 'Corpus', 'Cleared'],
    /^(?:(?:ISQ|EUQ): )?(?:Corpus status: .{1,100}|Cleared \d{1,15} bytes .{1,400}|out of limit action .{1,200})$/,
    [
      'ISQ: Corpus status: 0',
      'ISQ: Cleared 8192 bytes (MIDs 1, for all recipients) from database. Current bytes=0.',
      "out of limit action changed to 'DELETE OLDEST'",
    ],
  ),
  noise('mail_logs', ['Status:'], /^Status: (?!.{0,4000}\bCrt(?:MID|ICID|DCID) \d).{1,4000}$/, ['Status: work queue paused']),
  noise(
    'other',
    ['User', 'The', 'An', 'PID', 'Session', 'login:', 'logout:'],
    /^(?:User .{1,200}(?:authenticat|logged|from).{0,300}|The (?:user|system time|HTTPS|HTTP|CLI|SSH) .{1,600}|An authentication attempt by .{1,300}|PID \d{1,9}: .{1,400}|Session \S+ from .{1,300}|log(?:in|out):\S+ user:.{1,300})$/,
    [
      'User admin from 192.0.2.9 was authenticated successfully.',
      'The user admin successfully logged on from 192.0.2.9 using an HTTPS connection.',
      'An authentication attempt by the user admin from 192.0.2.9 failed',
      'PID 2585: User admin logged out from session because of inactivity timeout.',
      'Session 5kYk from 192.0.2.9 not found',
      'login:192.0.2.9 user:admin session:5kYk',
    ],
  ),
  noise(
    'other',
    ['http', 'https', 'req:', 'SSL', 'PERIODIC', 'TLS'],
    /^(?:https? service on .{1,300}|req:\S{1,100} user:.{1,2000}|SSL error with client .{1,600}|PERIODIC REPORTS: .{1,300}|TLS connection failed .{1,400})$/,
    [
      'http service on 192.0.2.25:80 redirecting to https port 443',
      'req:192.0.2.9 user:- id:J0P3 200 GET /login HTTP/1.1 curl/8',
      "SSL error with client 192.0.2.9:37222 - (336027804, 'http request')",
      'PERIODIC REPORTS: PERIODIC_REPORTS.SYSTEM.STARTED',
    ],
  ),
  noise(
    'other',
    ['File', 'Response', 'Message'],
    /^(?:File (?:uploaded|not uploaded|reputation) .{1,2000}|Response received for file (?:reputation|analysis) .{1,2000}|Message containing attachment\(s\) for which .{1,600})$/,
    [
      "File reputation query initiating. File Name = 'a.pdf', MID = 1404, File Size = 189 bytes, File Type = application/pdf",
      "Response received for file reputation query from Cloud. File Name = 'a.rtf', MID = 1404, Disposition = CLEAN",
      "Message containing attachment(s) for which verdict update was(were) available was not found in the recipient's mailbox.",
    ],
  ),
  noise(
    'other',
    ['case', 'PF:', 'System', 'Hostname', 'Sophos', 'Trace', 'Unable'],
    /^(?:case (?:antispam|waiting|\w{1,30}) .{1,600}|PF: .{1,400}|System is (?:coming up|shutting down|going down).{0,200}|Hostname is .{1,300}|Sophos .{1,400}|Trace .{1,600}|Unable to .{1,600})$/,
    [
      'case antispam - engine (20078) : case-daemon: server pid: 20078',
      'case waiting for new updates',
      'PF: Restarting content_scanner service.',
      'System is coming up.',
      'Hostname is successfully changed to esa.example.com for the product.',
    ],
  ),
  noise('other', ['service_log_client.telemetry_rpc_server'], /^service_log_client\.\S+ : .{1,600}$/, [
    'service_log_client.telemetry_rpc_server : THR: Thread-152: ESA messages results sent for the MID: 107.',
  ]),
];

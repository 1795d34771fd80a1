/** What a server answers, word by word. `{address}`, `{host}` and `{mid}` stand for what the log or the greeting tells, `{3-9}` for so many octets that nobody can know. */
export interface ServerTexts {
  readonly name: string;
  /** Of the greeting; null where the greeting does not tell. */
  readonly greets: RegExp | null;
  /** Share among servers whose greeting tells nothing. */
  readonly share: number;
  readonly mail: readonly string[];
  readonly rcpt: readonly string[];
  readonly data: readonly string[];
  readonly end: readonly string[];
  readonly quit: readonly string[];
  readonly rset: readonly string[];
  readonly noop: readonly string[];
  readonly auth: readonly string[];
  readonly source: string;
}

/** The appliance, then servers that it delivers to. The usual text comes first. */
export const SERVERS: readonly ServerTexts[] = [
  {
    name: 'AsyncOS',
    greets: null,
    share: 0.08,
    mail: ['250 sender <{address}> ok'],
    rcpt: ['250 recipient <{address}> ok'],
    data: ['354 go ahead'],
    end: ['250 ok:  Message {mid} accepted'],
    quit: ['221 {host}'],
    rset: ['250 reset'],
    noop: ['250 ok'],
    auth: ['235 #2.7.0 Authentication successful.', '235 Authentication successful.'],
    source: 'Cisco TechNote 118234; replies to RSET and NOOP from memory',
  },
  {
    name: 'Postfix',
    greets: /postfix/i,
    share: 0.3,
    mail: ['250 2.1.0 Ok', '250 Ok'],
    rcpt: ['250 2.1.5 Ok', '250 Ok'],
    data: ['354 End data with <CR><LF>.<CR><LF>'],
    end: ['250 2.0.0 Ok: queued as {9-15}', '250 Ok: queued as {9-15}'],
    quit: ['221 2.0.0 Bye', '221 Bye'],
    rset: ['250 2.0.0 Ok', '250 Ok'],
    noop: ['250 2.0.0 Ok', '250 Ok'],
    auth: ['235 2.7.0 Authentication successful'],
    source: 'Postfix 3.7 smtpd',
  },
  {
    name: 'Exim',
    greets: /\bexim\b/i,
    share: 0.15,
    mail: ['250 OK'],
    rcpt: ['250 Accepted'],
    data: ['354 Enter message, ending with "." on a line by itself'],
    end: ['250 OK id={16-23}'],
    quit: ['221 {host} closing connection'],
    rset: ['250 Reset OK'],
    noop: ['250 OK'],
    auth: ['235 Authentication succeeded'],
    source: 'Exim 4.96 specification',
  },
  {
    name: 'Exchange',
    greets: /microsoft/i,
    share: 0.25,
    mail: ['250 2.1.0 Sender OK'],
    rcpt: ['250 2.1.5 Recipient OK'],
    data: ['354 Start mail input; end with <CRLF>.<CRLF>'],
    end: ['250 2.6.0 <{20-90}> [InternalId={10-16}, Hostname={20-60}] {15-60}Queued mail for delivery'],
    quit: ['221 2.0.0 Service closing transmission channel'],
    rset: ['250 2.0.0 Resetting'],
    noop: ['250 2.0.0 OK'],
    auth: ['235 2.7.0 Authentication successful'],
    source: 'Microsoft documentation of receive connectors; public transcripts',
  },
  {
    name: 'sendmail',
    greets: /sendmail/i,
    share: 0.05,
    mail: ['250 2.1.0 <{address}>... Sender ok'],
    rcpt: ['250 2.1.5 <{address}>... Recipient ok'],
    data: ['354 Enter mail, end with "." on a line by itself', '354 End data with <CR><LF>.<CR><LF>'],
    end: ['250 2.0.0 {14-15} Message accepted for delivery'],
    quit: ['221 2.0.0 {host} closing connection'],
    rset: ['250 2.0.0 Reset state'],
    noop: ['250 2.0.0 OK'],
    auth: ['235 2.0.0 OK Authenticated'],
    source: 'sendmail 8.15 operations guide',
  },
  {
    name: 'OpenSMTPD',
    greets: /opensmtpd/i,
    share: 0.02,
    mail: ['250 2.0.0 Ok'],
    rcpt: ['250 2.1.5 Destination address valid: Recipient ok'],
    data: ['354 Enter mail, end with "." on a line by itself'],
    end: ['250 2.0.0 {8-8} Message accepted for delivery'],
    quit: ['221 2.0.0 Bye'],
    rset: ['250 2.0.0 Reset state'],
    noop: ['250 2.0.0 Ok'],
    auth: ['235 2.0.0 Authentication succeeded'],
    source: 'OpenSMTPD 6.8 smtp_session',
  },
  {
    name: 'Gmail',
    greets: /gsmtp|google/i,
    share: 0.1,
    mail: ['250 2.1.0 OK {40-75} - gsmtp'],
    rcpt: ['250 2.1.5 OK {40-75} - gsmtp'],
    data: ['354 Go ahead {40-75} - gsmtp', '354  Go ahead {40-75} - gsmtp'],
    end: ['250 2.0.0 OK  {50-86} - gsmtp', '250 2.0.0 OK {50-86} - gsmtp'],
    quit: ['221 2.0.0 closing connection {40-75} - gsmtp'],
    rset: ['250 2.1.5 Flushed {40-75} - gsmtp'],
    noop: ['250 2.0.0 OK {40-75} - gsmtp'],
    auth: ['235 2.7.0 Accepted'],
    source: 'public transcripts',
  },
  {
    name: 'others',
    greets: null,
    share: 0.05,
    mail: ['250 {2-60}'],
    rcpt: ['250 {2-70}'],
    data: ['354 {4-60}'],
    end: ['250 {2-100}'],
    quit: ['221 {3-60}'],
    rset: ['250 {2-30}'],
    noop: ['250 {2-30}'],
    auth: ['235 {4-60}'],
    source: 'RFC 5321 4.2: the text is free',
  },
];

/** What closes a session unasked, or in place of an answer (RFC 5321, 3.8). */
export const NOTICES: readonly { readonly text: string; readonly share: number; readonly source: string }[] = [
  { text: '421 Timed out waiting for successful message injection, disconnecting.', share: 0.3, source: 'AsyncOS guide 10.0' },
  { text: '421 Exceeded allowable connection time, disconnecting.', share: 0.15, source: 'AsyncOS guide 10.0' },
  { text: '421 Exceeded bad SMTP command limit, disconnecting.', share: 0.05, source: 'Cisco TechNote 214630' },
  { text: '421 {host} Service not available, closing transaction channel', share: 0.05, source: 'Cisco TechNote 118234' },
  { text: '421 4.4.2 {host} Error: timeout exceeded', share: 0.1, source: 'Postfix 3.7 smtpd' },
  { text: '421 {host}: SMTP command timeout - closing connection', share: 0.05, source: 'Exim 4.96 specification' },
  { text: '421 {6-110}', share: 0.3, source: 'RFC 5321 3.8: the text is free' },
];

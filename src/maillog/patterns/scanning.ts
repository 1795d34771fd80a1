import { type LogPattern, shape } from './pattern.ts';

/**
 * What the scanning engines say of a message. For who ended a session only the MID matters, so one shape stands for all the
 * words of an engine; whoever tells the message's way reads them from the line's text.
 */
function scan(heads: readonly string[], tail: RegExp, samples: readonly string[]): LogPattern {
  return shape({
    kind: 'mid-scan',
    heads: heads.map((head) => `MID # ${head}`),
    regex: new RegExp(`^MID (?<mid>\\d{1,15}) ${tail.source}$`),
    open: true,
    read: (field) => ({ kind: 'mid-scan', mid: field.number('mid') }),
    samples: samples.map((line) => ({ line: `MID 1404 ${line}`, gives: { kind: 'mid-scan', mid: 1404 } })),
  });
}

export const SCANNING_PATTERNS: readonly LogPattern[] = [
  scan(['SPF:'], /SPF: (?:helo|mailfrom|pra) identity .{1,1000}/, [
    'SPF: helo identity postmaster None',
    'SPF: mailfrom identity ann@example.net Pass (v=spf1)',
    'SPF: pra identity None headers None',
  ]),
  scan(['DKIM:', 'DomainKeys:'], /(?:DKIM|DomainKeys): .{1,2000}/, [
    'DKIM: pass signature verified [TEST] (d=example.net s=s1024 i=@example.net)',
    'DKIM: permfail body hash did not verify [final] (d=example.net s=a i=@example.net)',
    'DomainKeys: cannot sign - no profile matches ann@example.net',
    'DomainKeys: signing with branch - matches ann@example.net',
  ]),
  scan(['DMARC:'], /DMARC: .{1,2000}/, [
    'DMARC: Message from domain example.net, DMARC pass (SPF aligned True, DKIM aligned True)',
    'DMARC: Verification skipped (No record found for the sending domain)',
  ]),
  scan(['SDR:'], /SDR: (?!Domains for which SDR is requested: (?:reverse DNS host: .{0,300}?, )?helo: ).{1,4000}/, [
    'SDR: Consolidated Sender Reputation: Weak, Threat Category: N/A, Suspected Domain(s) : example.net. Youngest Domain Age: 3 years',
    'SDR: Tracker Header : 629xzTT8hqB',
    'SDR: Message was not scanned for Sender Domain Reputation. Reason: Disabled by policy.',
  ]),
  scan(['interim'], /interim (?:verdict using engine: .{1,200}|AV verdict using .{1,200}|graymail verdict .{1,200})/, [
    'interim verdict using engine: CASE spam negative',
    'interim AV verdict using Sophos CLEAN',
    'interim graymail verdict - LEGIT (0) <Message does not match any bulk category>',
  ]),
  scan(['using'], /using engine: .{1,300}/, [
    'using engine: CASE spam positive',
    'using engine: SPF Verdict Cache using cached verdict',
    'using engine: GRAYMAIL marketing_mail',
  ]),
  scan(['graymail'], /graymail \[?[\w ]{1,60}.{0,600}/, ['graymail [MARKETING] verdict from engine']),
  scan(['antivirus'], /antivirus (?:negative|positive|encrypted|repaired|unscannable).{0,600}/, [
    'antivirus negative',
    "antivirus positive 'EICAR-AV-Test'",
    'antivirus negative (released from Outbreak)',
  ]),
  scan(['AMP'], /AMP .{1,1000}/, ['AMP file reputation verdict : SKIPPED (no attachment in message)']),
  scan(['Outbreak'], /Outbreak Filters: .{1,400}/, ['Outbreak Filters: verdict negative']),
  scan(['Threat'], /Threat Level=\d{1,3} .{1,400}/, ['Threat Level=5 Category=Phish Type=Phish']),
  scan(['Virus'], /Virus Threat Level=\d{1,3}.{0,400}/, ['Virus Threat Level=4']),
  scan(['was'], /was too big \(\d{1,15}\/\d{1,15}\) for scanning by .{1,100}/, ['was too big (3145728/1048576) for scanning by CASE']),
  scan(['could'], /could not be split.{0,200}/, ['could not be split']),
  scan(['Brightmail'], /Brightmail (?:positive|negative).{0,100}/, ['Brightmail positive']),
  scan(['DLP'], /DLP (?:no violation|violation\. .{1,2000}|[\w ]{1,60}.{0,600})/, [
    'DLP no violation',
    "DLP violation. Severity: HIGH (Risk Factor: 90). DLP policy match: 'Card numbers'.",
  ]),
  scan(['URL'], /URL .{1,16384}/, ['URL https://MID.example.net/ICID%205 has reputation -3.1 matched Condition: URL Reputation Rule']),
  scan(['Custom'], /Custom Log Entry: .{0,16384}/, ['Custom Log Entry: MID 7 was "seen": ICID 9 lost']),
  scan(['attachment'], /attachment (?:types? )?.{1,4000}/, ["attachment 'figures.xlsx'", 'attachment types <application/pdf>']),
  scan(['not'], /not completely scanned by .{1,600}/, ['not completely scanned by SDS. Error: The number of URLs exceeded the limit.']),
  scan(['Could'], /Could not convert character set: .{1,200}/, ['Could not convert character set: x-unknown']),
  scan(['Scanning'], /Scanning .{1,400}/, ['Scanning Problem: Size Limit Exceeded']),
  scan(['masquerading'], /masquerading (?:envelope sender|header '.{1,60}?') .{1,8000}/, [
    'masquerading envelope sender from <a@lan.example> to <a@example.com>',
  ]),
  scan(['LDAP:'], /LDAP: .{1,1000}/, ['LDAP: Reroute query staff.route RID 0 address a@example.com to b@example.com']),
  scan(['RID'], /RID \[?\d{1,9}\]? LDAP.{1,600}/, ['RID 0 LDAP query staff.group matched']),
  scan(['Alias', 'Global'], /(?:Alias match: |Global unsubscribe matched entry ).{1,1000}/, [
    'Alias match: RID 0 recipient a@example.com mapped to b@example.com',
    'Global unsubscribe matched entry a@example.com',
  ]),
  scan(['enabled', 'Encryption', 'encrypted', 'Message', 'Safelist', 'Blocklist'], /(?:enabled|Encryption|encrypted|Message|Safelist|Blocklist) .{1,600}/, [
    'Message was not scanned by Advanced Malware Protection',
    'encrypted using profile secure-mail',
  ]),
];

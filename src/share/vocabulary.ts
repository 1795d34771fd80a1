/**
 * Words that stay: of SMTP and its extensions, of the replies in use, of the appliance's logs. They name no one. A word that stands in none of the lists is replaced.
 * The fixed words of the log's shapes come in addition, from the table of those shapes.
 */
const VERBS =
  'HELO EHLO LHLO MAIL FROM RCPT TO DATA BDAT LAST RSET NOOP QUIT STARTTLS VRFY EXPN HELP ETRN TURN AUTH PROXY XCLIENT XFORWARD TCP4 TCP6 UNKNOWN ADDR NAME PROTO PORT LOGIN DESTADDR DESTPORT';
const EXTENSIONS =
  'PIPELINING SIZE 8BITMIME 7BIT BODY SMTPUTF8 CHUNKING BINARYMIME DSN RET FULL HDRS ENVID NOTIFY ORCPT SUCCESS FAILURE DELAY NEVER ENHANCEDSTATUSCODES LIMITS RCPTMAX MAILMAX PLAIN LOGIN CRAM MD5 DIGEST XOAUTH2 OAUTHBEARER SCRAM SHA SHA1 SHA256 NTLM GSSAPI EXTERNAL ANONYMOUS rfc822 ESMTP ESMTPS SMTP SMTPS LMTP';
const REPLIES =
  'a an and are as at be been before by can cannot closing command commands completed connection content cc could data delivery denied disconnecting do does domain done end ended enter error errors exceeded exceeds failed first for from go ahead goodbye good bye greeting has have hello host i idle if in inactivity injection input invalid is it line local long mail mailbox max maximum message messages must need no nested no not now of off ok okay on only open or out over per please policy proceed protocol ready received recipient recipients refused reject rejected relay relaying reply requested required reset response route rejected send sender sent sequence server service session size sorry space start still successful syntax system take temporarily temporary terminating text than that the there this time timed timeout times to too transaction transmission try unable unavailable unexpected unknown unreachable unrecognized until up use user valid verify version waiting was we welcome were will with without would you your again accepted accept aborted abort address allowable allowed any bad because busy blocked broken channel check code configured count current during each exist fail found full given got greylisted handshake here ignored implemented internal interrupted later limit listed lost lookup many missing name network none null number number occurred operation other peer permanent permitted possible problem processing queue queued quota rate reason remote resources spam speak storage support supported suspicious tls ssl certificate verified encrypted cipher unsupported virus wait yes blank empty large larger small password authentication authenticated credentials mechanism challenge succeeded successful unauthorized closed reading writing early read write eof errno broken pipe by palo alto networks fortigate fortiguard stormshield checkpoint point sonicwall barracuda';
const LOG =
  'Info Warning Debug Critical Trace New ICID DCID MID RID RCID interface address reverse dns host verified ACCEPT RELAY REJECT TCPREFUSE CONTINUE DELAYED SG match SBRS sbrs enabled rfc1918 country score ready bytes antispam antivirus positive negative clean using engine CASE Sophos McAfee interim verdict matched all recipients per-recipient policy inbound outbound table DEFAULT queued delivery Delivery start Message done finished aborted Receiving lost close closed Response Bounced Possible Delayed Start Subject Version SN offset UTC seconds Begin End Logfile quarantine quarantined Quarantine released release rewritten reinjected Reinjected split generated ISQ Releasing Delivering RPC skipping work queue Spam IronPort Outbreak Filters DKIM SPF DMARC pass neutral softfail hardfail permerror temperror identity alignment scanned cache protocol TLSv1 TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3 success failed AES128 AES256 GCM CBC ECDHE DHE RSA ECDSA TLS_AES_256_GCM_SHA384 TLS_AES_128_GCM_SHA256 CHACHA20 POLY1305 SHA384 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-AES128-GCM-SHA256 DHE-RSA-AES256-GCM-SHA384 Rcvd Sent timed timeout killed connections exceeded total time limit allowable inactivity Data Management Public Private';
/** Fields of a header whose name says nothing about who wrote it (RFC 5322, RFC 2045, RFC 6376). */
const FIELDS =
  'Received Return-Path Message-ID From To Cc Bcc Date Subject Reply-To Sender In-Reply-To References MIME-Version Content-Type Content-Transfer-Encoding Content-Disposition Content-ID Content-Language DKIM-Signature Authentication-Results List-Id List-Unsubscribe User-Agent X-Mailer Importance X-Priority Precedence Auto-Submitted';

function listed(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.toLowerCase().split(' ')));
}

export const VOCABULARY: ReadonlySet<string> = listed(VERBS, EXTENSIONS, REPLIES, LOG);
export const HEADER_FIELDS: ReadonlySet<string> = listed(FIELDS);

/** Fixed words of regular expressions: what a text must say to be understood. */
export function wordsOfShapes(shapes: Iterable<RegExp>): Set<string> {
  const words = new Set<string>();
  for (const { source } of shapes) {
    const literal = source
      .replace(/\(\?<\w+>/g, ' ')
      .replace(/\\[a-zA-Z]/g, ' ')
      .replace(/\[[^\]]*\]|\{[^}]*\}/g, ' ');
    for (const [word] of literal.matchAll(/[A-Za-z][A-Za-z0-9]+/g)) words.add(word.toLowerCase());
  }
  return words;
}

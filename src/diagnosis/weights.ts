import type { Confidence } from '../model/report.ts';
import type { Observation, ObservationData, ObservationKind } from './observation.ts';

/** Signs of one group depend on each other: only the strongest counts. */
export type EvidenceGroup = 'signal' | 'location' | 'shape' | 'sequence' | 'loss' | 'size' | 'host' | 'wait' | 'timer' | 'text' | 'log' | 'vantage' | 'frame';

export interface Weight {
  /** Decimal logarithm of the odds that the sign lends to its reading against the best rival. */
  readonly log10: number;
  readonly group: EvidenceGroup;
  readonly source: string;
  /** Speaks for a device in between as the maker of a packet, against the host that the packet names. */
  readonly forBox: boolean;
  /** Forbids every rival once its preconditions are met: no sum of other signs comes against it. */
  readonly proof: boolean;
}

const LAB = 'measured with Linux 6.18 endpoints and netfilter; fitted values stand in docs/calibration.md';
const RULE = 'follows from the protocol (RFC 9293, RFC 5321) or from what the words say';
const INFERRED = 'shares measured on generated sessions: docs/tls-inference.md; never proof, whatever the share';
const LOG = 'Cisco TechNotes on mail_logs';

function weight(log10: number, group: EvidenceGroup, source: string): Weight {
  return { log10, group, source, forBox: false, proof: false };
}

function box(log10: number, group: EvidenceGroup, source: string): Weight {
  return { log10, group, source, forBox: true, proof: false };
}

function proof(log10: number, group: EvidenceGroup, source: string): Weight {
  return { log10, group, source, forBox: true, proof: true };
}

/** How much each kind of fact weighs. Numbers are data: change them here, nowhere else. */
export const WEIGHTS: Readonly<Record<ObservationKind, Weight>> = {
  'syn-unanswered': weight(2, 'loss', RULE),
  'synack-unanswered': weight(2, 'loss', RULE),
  'syn-refused': weight(4, 'signal', RULE),
  'reset-before-banner': weight(3, 'signal', RULE),
  'quit-sent': weight(4, 'text', RULE),
  'quit-inferred': weight(2, 'text', RULE),
  'fin-first': weight(3.5, 'signal', RULE),
  'close-notify-first': weight(3, 'signal', 'RFC 8446 6.1'),
  'fin-hops-differ': weight(2, 'location', LAB),
  'fin-lacks-timestamps': weight(2.5, 'shape', 'RFC 7323 3.2'),
  'alive-after-fin': proof(5, 'sequence', 'RFC 9293 3.10.7.4: nothing follows a FIN'),
  'ack-beyond-sent': weight(5, 'sequence', 'RFC 9293 3.10.7.4'),
  'fin-acknowledged': weight(2, 'signal', 'RFC 9293 3.4: a FIN occupies one number'),
  'words-before-close': weight(1, 'text', 'RFC 5321 3.8: a server that closes says so'),
  'answer-unseen': weight(0, 'text', RULE),
  'rst-first': weight(3.5, 'signal', RULE),
  'genuine-reset': weight(0, 'signal', LAB),
  notice: weight(4, 'text', RULE),
  'timeout-text': weight(4, 'text', 'Cisco guide for AsyncOS 10.0 and TechNote 118234; RFC 5321 421'),
  'wait-before-end': weight(1.2, 'wait', LAB),
  'wait-fits-timer': weight(2, 'timer', 'timer table'),
  'wait-whole-seconds': weight(0.7, 'timer', LAB),
  'peer-stack-alive': weight(2, 'host', RULE),
  'reset-answers-close': weight(1, 'host', LAB),
  'never-acknowledged': weight(2, 'loss', LAB),
  'hole-never-filled': weight(4, 'loss', RULE),
  'phantom-octets': weight(4, 'loss', LAB),
  'ip-id-ledger': weight(2, 'loss', LAB),
  'only-full-segments-missing': weight(2.5, 'size', LAB),
  'stops-at-same-octet': weight(2, 'size', 'assumed: three tries or more; practitioners on content inspection by firewalls'),
  'only-beyond-unscaled-window': weight(2, 'size', 'RFC 7323 2.2; analysis by the author of Postfix on postfix-users'),
  'silent-after-idle': weight(1.5, 'timer', 'table of idle timers'),
  'window-closed': weight(2, 'wait', 'RFC 9293 3.8.6.1'),
  'last-word-acknowledged': weight(0.7, 'host', LAB),
  'icmp-error': weight(4, 'signal', 'RFC 1812 5.2.7.1'),
  'address-moved': weight(4, 'signal', LAB),
  'reply-rejected': weight(4, 'text', RULE),
  'message-accepted': weight(3, 'text', RULE),
  'accepted-unheard': weight(3, 'text', RULE),
  'tls-alert': weight(4, 'text', 'RFC 8446 6, RFC 5246 7.2'),
  'tls-hidden-alert': weight(2.5, 'text', 'RFC 8446 5.2: an alert is two octets, and so short a record is nothing else before the Finished'),
  'tls-handshake-cut': weight(0, 'text', RULE),
  'starttls-refused': weight(0, 'text', 'RFC 3207 4'),
  'starttls-answered-in-clear': weight(0, 'text', 'RFC 3207 4'),
  'tls-hides': weight(0, 'text', RULE),
  'records-like-quit': weight(0.7, 'text', 'assumed: QUIT and 221 are the shortest words of a session'),
  'quit-in-records': weight(1.5, 'text', INFERRED),
  'no-quit-in-records': weight(1, 'text', INFERRED),
  'notice-in-records': weight(1.5, 'text', INFERRED),
  'end-unanswered-in-records': weight(0.5, 'text', INFERRED),
  'rst-hops-differ': box(2, 'location', LAB),
  'rst-hops-agree': weight(0.7, 'location', LAB),
  'rst-after-route-change': weight(1, 'location', LAB),
  'rst-active-shape': weight(0.5, 'shape', LAB),
  'rst-reactive-shape': weight(0, 'shape', LAB),
  'rst-lacks-timestamps': box(1.5, 'shape', 'RFC 7323 3.2: every segment but a RST must carry them; Linux puts them into a RST of a live socket'),
  'rst-foreign-to-socket': box(2.3, 'shape', LAB),
  'rst-continues-stack': weight(2.5, 'shape', LAB),
  'rst-ip-id-breaks': box(1.5, 'shape', LAB),
  'rst-sequence-wrong': box(1.5, 'sequence', 'RFC 5961; NDSS 2009'),
  'rst-multiple': box(3, 'sequence', 'NDSS 2009'),
  'rst-other-mac': box(2, 'frame', LAB),
  'rst-alike-elsewhere': box(2, 'vantage', 'assumed: unrelated senders share no place on the path but the last part of it'),
  'rst-other-vlan': box(2, 'frame', 'IEEE 802.1Q; another last hop, as with another MAC address'),
  'rst-tos-differs': box(1, 'shape', 'RFC 2474; TOS 0 is what many stacks put into any RST'),
  'rst-paired': box(2, 'sequence', 'Azure, Check Point and ASA document resets to both ends; a host answers no RST with one (RFC 9293, 3.5.2)'),
  'own-rst-travelled': box(3, 'location', 'a host sends with its starting value; only routers lower it (RFC 1812, 5.3.1)'),
  'rst-acks-unseen': box(1.5, 'sequence', 'RFC 9293 3.10.7.4'),
  'rst-ahead': box(0.5, 'sequence', 'a genuine RST after lost octets is ahead as well'),
  'rst-copies-fields': box(2.5, 'shape', 'firewall trace published by noahdavids.org; chance of an equal identification 1 in 65,536'),
  'rst-fragment-bit-differs': box(1.5, 'shape', LAB),
  'rst-too-soon': box(2, 'location', 'answer nearer than half a round trip; threshold assumed'),
  'rst-constant-id': box(1.5, 'shape', LAB),
  'alive-after-rst': proof(5, 'sequence', LAB),
  'challenge-answered': weight(0, 'sequence', 'RFC 5961'),
  'vantage-injected': weight(5, 'vantage', LAB),
  'vantage-swallowed': weight(4, 'vantage', LAB),
  'vantage-sent': weight(5, 'vantage', LAB),
  'vantage-altered': weight(5, 'vantage', LAB),
  'vantage-absent': weight(3, 'vantage', LAB),
  'capture-ends': weight(1, 'signal', RULE),
  'capture-missed-octets': weight(0, 'loss', RULE),
  'one-direction': weight(0, 'loss', RULE),
  'began-late': weight(0, 'signal', RULE),
  'log-lost': weight(2, 'log', LOG),
  'log-by-sender': weight(3, 'log', LOG),
  'log-aborted': weight(1.5, 'log', LOG),
  'log-abort-by-policy': weight(2, 'log', LOG),
  'appliance-pressed': weight(0, 'log', 'status log'),
  'log-waited': weight(1.5, 'log', LOG),
  'log-ready': weight(3, 'log', LOG),
  'log-close-only': weight(1.5, 'log', LOG),
  'log-rejected': weight(3, 'log', LOG),
  'log-tls-failed': weight(2, 'log', LOG),
  'log-killed': weight(2, 'log', LOG),
  'log-before-wire': weight(2, 'log', LAB),
  'log-timeout': weight(3, 'log', LOG),
  'log-connection-error': weight(2, 'log', LOG),
  'log-possible-delivery': weight(2, 'log', LOG),
  'log-delivered': weight(3, 'log', LOG),
  'log-only-message-lines': weight(0, 'log', LOG),
  'log-contradicts': weight(1, 'log', RULE),
  'command-masked': weight(2, 'text', 'Cisco documents 113423 and 118550'),
  'banner-masked': weight(3, 'text', 'Cisco document 118584'),
  'capability-masked': weight(3, 'text', 'Cisco default ESMTP policy map'),
  'foreign-reply': weight(4, 'text', 'texts of the products'),
  'reply-unlogged': weight(4, 'text', 'the injection debug log holds every octet'),
  'inspection-limit': weight(2.5, 'text', 'Cisco ASA CLI guide, default ESMTP policy map'),
  'options-stripped': weight(3, 'shape', LAB),
  'segment-size-clamped': weight(1.5, 'shape', 'Cisco sysopt connection tcpmss'),
  'stream-altered': weight(3, 'sequence', 'RFC 9293: one number, one octet'),
  'sack-impossible': weight(3, 'sequence', 'FTD documentation on sequence randomisation'),
  'one-box-many-peers': weight(2.5, 'vantage', LAB),
  'stray-rst': weight(1, 'sequence', 'RFC 5961'),
  'handshake-from-elsewhere': weight(1, 'location', 'RFC 4987 3.6: a SYN proxy answers and opens connections itself'),
  'handshake-other-clock': weight(2, 'shape', 'RFC 7323 4: one clock for all segments of a connection'),
  'tls-given-up': weight(1.5, 'text', 'the same host used STARTTLS before; RFC 3207 6 on stripping'),
  'ecn-unanswered': weight(2, 'loss', 'RFC 3168 6.1.1.1'),
  'window-taken-unscaled': weight(2, 'size', 'RFC 7323 2.2'),
  'end-of-data-split': weight(0.5, 'text', 'Cisco bug CSCds90792, as the Postfix FAQ tells it; devices of around 2001'),
  'cut-after-pipelining': weight(1, 'text', 'log reference of an SMTP gateway that refuses pipelining (messages 00200155, 00200185)'),
  'dialogue-replayed': weight(2, 'text', 'practitioners on mail filters of client hosts'),
  'capability-unexpected': weight(1, 'text', 'what AsyncOS offers, as public transcripts show'),
  'capability-missing': weight(1, 'text', 'what AsyncOS offers, as public transcripts show'),
  'starttls-missing': weight(2, 'text', 'the same server offered it before; RFC 3207 6 on stripping'),
  'starttls-never-used': weight(1, 'vantage', 'assumed: twenty networks without one TLS client are no accident today'),
  'helo-is-address': weight(2, 'vantage', 'Stormshield SNS guides: the proxy may replace the HELO name by the client address'),
  'idle-expired': weight(1.5, 'timer', 'table of idle timers'),
};

/** What is inferred from records weighs by how sure that is; at most as much as a line of the log. */
const INFERRED_WEIGHTS: Readonly<Record<Confidence, number>> = { undetermined: 0, limited: 0.4, moderate: 1, strong: 1.8, proven: 1.8 };

/** How a fact's own numbers change its weight. */
const GRADED: { readonly [K in ObservationKind]?: (data: ObservationData[K]) => number } = {
  // Another starting value may be the same host's (a socket's TTL against the system's default); a single hop is often a route.
  'rst-hops-differ': (data) => (data.sameClass ? (Math.abs(data.rstTtl - data.usualTtl) >= 2 ? 2 : 1) : 1.7),
  // One octet may be a FIN or a keep-alive that was counted wrongly.
  'hole-never-filled': (data) => (data.octets > 1 ? 4 : 2),
  'phantom-octets': (data) => (data.octets > 1 ? 4 : 2),
  'silent-after-idle': (data) => (data.device === null ? 0.7 : 1.5),
  'quit-in-records': (data) => INFERRED_WEIGHTS[data.confidence],
  'no-quit-in-records': (data) => INFERRED_WEIGHTS[data.confidence] * 0.7,
  'notice-in-records': (data) => INFERRED_WEIGHTS[data.confidence],
  'never-acknowledged': (data) => (data.times >= 4 ? 3 : 2),
  'syn-unanswered': (data) => (data.count >= 3 ? 3 : 2),
  'synack-unanswered': (data) => (data.count >= 3 ? 3 : 2),
};

/** The table's weight, graded by the fact's own numbers where they matter. */
export function weightOf<K extends ObservationKind>({ kind, data }: Observation<K>): Weight {
  const grade = GRADED[kind];
  return grade ? { ...WEIGHTS[kind], log10: grade(data) } : WEIGHTS[kind];
}

import type { LineRef, PacketRef } from '../model/evidence.ts';
import type { RecordList } from '../model/record-list.ts';
import { CONFIDENCES, type Actor, type Confidence } from '../model/report.ts';
import type { Stage } from '../model/smtp.ts';
import type { Pressure } from '../model/status-line.ts';
import type { HandshakeStep } from './tls-handshake.ts';

/** Facts by kind, with what the wording needs. No blame: a fact says what was seen, where. */
export interface ObservationData {
  'syn-unanswered': { readonly from: Actor; readonly count: number; readonly seconds: number };
  'synack-unanswered': { readonly from: Actor; readonly count: number; readonly seconds: number };
  'syn-refused': { readonly by: Actor };
  'reset-before-banner': { readonly by: Actor };
  'quit-sent': { readonly by: Actor; readonly open: boolean; readonly accepted: number };
  'quit-inferred': { readonly by: Actor; readonly from: string };
  'fin-first': { readonly by: Actor; readonly stage: Stage; readonly withData: boolean; readonly seq: number };
  'close-notify-first': { readonly by: Actor };
  'fin-hops-differ': { readonly by: Actor; readonly finTtl: number; readonly usualTtl: number; readonly finHops: number; readonly usualHops: number };
  'fin-lacks-timestamps': { readonly by: Actor };
  'alive-after-fin': { readonly by: Actor; readonly count: number };
  'ack-beyond-sent': { readonly by: Actor; readonly own: Actor; readonly octets: number };
  'fin-acknowledged': { readonly by: Actor };
  'words-before-close': { readonly by: Actor; readonly octets: number };
  'answer-unseen': { readonly by: Actor };
  'rst-first': { readonly by: Actor; readonly stage: Stage; readonly exact: boolean; readonly shape: RstShape; readonly seq: number };
  'genuine-reset': {
    readonly by: Actor;
    readonly seq: number;
    readonly ttl: number;
    readonly nextId: number | null;
    readonly timestamps: boolean;
  };
  notice: { readonly by: Actor; readonly code: number; readonly text: string; readonly unsolicited: boolean };
  'timeout-text': { readonly by: Actor; readonly text: string };
  'wait-before-end': { readonly by: Actor; readonly owedBy: Actor; readonly what: string; readonly seconds: number; readonly rhythmSeconds: number };
  'wait-fits-timer': {
    readonly by: Actor;
    readonly seconds: number;
    readonly timer: string;
    readonly reading: 'since the last word' | 'since the connection opened';
  };
  'wait-whole-seconds': { readonly by: Actor; readonly seconds: number };
  'peer-stack-alive': { readonly side: Actor; readonly what: string };
  'reset-answers-close': { readonly by: Actor; readonly afterSeconds: number };
  'never-acknowledged': { readonly by: Actor; readonly other: Actor; readonly times: number; readonly seconds: number };
  'hole-never-filled': { readonly by: Actor; readonly octets: number };
  'phantom-octets': { readonly by: Actor; readonly octets: number };
  'ip-id-ledger': { readonly by: Actor; readonly missing: number };
  'only-full-segments-missing': { readonly by: Actor; readonly largest: number; readonly mss: number };
  'stops-at-same-octet': { readonly by: Actor; readonly times: number; readonly octets: number; readonly othersPass: boolean };
  'only-beyond-unscaled-window': { readonly by: Actor; readonly window: number; readonly scale: number };
  'silent-after-idle': { readonly seconds: number; readonly device: string | null };
  'window-closed': { readonly by: Actor; readonly seconds: number };
  'last-word-acknowledged': { readonly by: Actor };
  'icmp-error': { readonly from: string; readonly name: string; readonly mtu: number | null };
  'address-moved': { readonly port: number };
  'reply-rejected': { readonly by: Actor; readonly code: number; readonly to: string; readonly text: string };
  'message-accepted': { readonly count: number };
  /** `known`: the acceptance itself was seen; else the message went out whole, and its answer is missing. */
  'accepted-unheard': { readonly by: Actor; readonly known: boolean };
  'tls-alert': { readonly by: Actor; readonly name: string; readonly step: HandshakeStep; readonly means: string | null };
  'tls-hidden-alert': { readonly by: Actor; readonly step: HandshakeStep };
  'tls-handshake-cut': { readonly step: HandshakeStep; readonly how: string };
  'starttls-refused': { readonly by: Actor; readonly code: number; readonly text: string };
  'starttls-answered-in-clear': { readonly by: Actor };
  'tls-hides': { readonly what: string };
  'records-like-quit': { readonly by: Actor };
  'quit-in-records': { readonly by: Actor; readonly confidence: Confidence };
  'no-quit-in-records': { readonly by: Actor; readonly confidence: Confidence };
  'notice-in-records': { readonly by: Actor; readonly confidence: Confidence };
  'end-unanswered-in-records': { readonly by: Actor; readonly confidence: Confidence };
  'rst-hops-differ': {
    readonly by: Actor;
    readonly rstTtl: number;
    readonly usualTtl: number;
    readonly rstHops: number;
    readonly usualHops: number;
    readonly sameClass: boolean;
  };
  'rst-hops-agree': { readonly by: Actor; readonly ttl: number };
  'rst-after-route-change': { readonly by: Actor; readonly ttl: number; readonly since: number };
  'rst-active-shape': { readonly by: Actor };
  'rst-reactive-shape': { readonly by: Actor };
  'rst-lacks-timestamps': { readonly by: Actor };
  'rst-foreign-to-socket': { readonly by: Actor };
  'rst-continues-stack': { readonly by: Actor; readonly ipIdStep: number | null; readonly timestamps: boolean };
  'rst-ip-id-breaks': { readonly by: Actor; readonly ipId: number; readonly expected: number };
  'rst-sequence-wrong': { readonly by: Actor; readonly distance: number };
  'rst-multiple': { readonly by: Actor; readonly count: number; readonly step: number | null };
  'rst-other-mac': { readonly by: Actor; readonly mac: string; readonly usual: string };
  'rst-alike-elsewhere': { readonly by: Actor; readonly networks: number; readonly ttl: number };
  'rst-other-vlan': { readonly by: Actor; readonly vlan: number; readonly usual: number };
  'rst-tos-differs': { readonly by: Actor; readonly tos: number; readonly usual: number };
  'rst-paired': { readonly by: Actor };
  'own-rst-travelled': { readonly by: Actor; readonly rstTtl: number; readonly usualTtl: number };
  'rst-acks-unseen': { readonly by: Actor; readonly octets: number };
  'rst-ahead': { readonly by: Actor; readonly distance: number };
  'rst-copies-fields': { readonly by: Actor; readonly ipId: number; readonly window: boolean };
  'rst-fragment-bit-differs': { readonly by: Actor; readonly set: boolean };
  'rst-too-soon': { readonly by: Actor; readonly seconds: number; readonly rttSeconds: number };
  'rst-constant-id': { readonly by: Actor; readonly ipId: number };
  'alive-after-rst': { readonly by: Actor; readonly count: number; readonly seconds: number; readonly retransmissions: number };
  'challenge-answered': { readonly by: Actor };
  'vantage-injected': { readonly signal: string; readonly towards: Actor; readonly named: Actor; readonly where: string };
  'vantage-swallowed': { readonly from: Actor; readonly count: number; readonly where: string };
  'vantage-sent': { readonly signal: string; readonly by: Actor; readonly where: string };
  'vantage-altered': { readonly from: Actor; readonly where: string; readonly text: string };
  'vantage-absent': { readonly where: string };
  'capture-ends': { readonly seconds: number };
  'capture-missed-octets': { readonly by: Actor };
  'one-direction': { readonly side: Actor };
  'began-late': Record<string, never>;
  'log-lost': { readonly icid: number };
  'log-by-sender': { readonly mid: number };
  'log-aborted': { readonly mid: number; readonly lostToo: boolean };
  'log-abort-by-policy': { readonly mid: number; readonly by: string };
  'appliance-pressed': Pressure;
  'log-waited': { readonly seconds: number; readonly timerSeconds: number };
  'log-ready': { readonly mid: number; readonly octets: number };
  'log-close-only': { readonly icid: number };
  'log-rejected': { readonly text: string };
  'log-tls-failed': { readonly reason: string | null };
  'log-killed': { readonly text: string };
  'log-before-wire': { readonly by: Actor; readonly seconds: number };
  'log-timeout': { readonly text: string };
  'log-connection-error': { readonly details: string };
  'log-possible-delivery': { readonly mid: number };
  'log-delivered': { readonly mid: number; readonly response: string };
  'log-only-message-lines': Record<string, never>;
  'log-contradicts': { readonly says: string; readonly packets: string };
  'command-masked': { readonly verb: string };
  'banner-masked': { readonly by: Actor };
  'capability-masked': { readonly by: Actor; readonly keywords: readonly string[] };
  'foreign-reply': { readonly by: Actor; readonly text: string; readonly product: string };
  'reply-unlogged': { readonly by: Actor; readonly text: string };
  'inspection-limit': { readonly what: string; readonly limit: number; readonly reached: number };
  'options-stripped': { readonly by: Actor; readonly layout: string };
  'segment-size-clamped': { readonly by: Actor; readonly mss: number };
  'stream-altered': { readonly by: Actor };
  'sack-impossible': { readonly by: Actor };
  'one-box-many-peers': { readonly networks: number; readonly ttl: number; readonly nearby: boolean };
  'stray-rst': { readonly by: Actor; readonly count: number };
  'handshake-from-elsewhere': { readonly by: Actor; readonly synTtl: number; readonly usualTtl: number };
  'handshake-other-clock': { readonly by: Actor; readonly seconds: number };
  'tls-given-up': { readonly by: Actor };
  'ecn-unanswered': { readonly by: Actor; readonly count: number; readonly plainAnswered: boolean };
  'window-taken-unscaled': { readonly by: Actor; readonly window: number; readonly scale: number };
  'end-of-data-split': { readonly by: Actor };
  'cut-after-pipelining': { readonly by: Actor; readonly commands: number };
  'dialogue-replayed': { readonly by: Actor; readonly times: number };
  'capability-unexpected': { readonly by: Actor; readonly keywords: readonly string[] };
  'capability-missing': { readonly by: Actor; readonly keywords: readonly string[] };
  'starttls-missing': { readonly by: Actor };
  'starttls-never-used': { readonly networks: number };
  'helo-is-address': { readonly networks: number };
  'idle-expired': { readonly seconds: number; readonly device: string | null };
}

export type ObservationKind = keyof ObservationData;

/** The shapes of genuine resets by Linux endpoints, and the rest (forensics measured in a lab of Linux 6.18 hosts). */
export type RstShape = 'active' | 'reactive' | 'other';

export interface Observation<K extends ObservationKind = ObservationKind> {
  readonly kind: K;
  readonly data: ObservationData[K];
  readonly packets: readonly PacketRef[];
  readonly lines: readonly LineRef[];
  /** Further facts of its kind that weigh no more together with it: one for each of many messages. Null where it stands for itself alone. */
  readonly others: RecordList<Observation> | null;
}

/** One fact. Usage: `saw('quit-sent', {…}, [packet])`. */
export function saw<K extends ObservationKind>(
  kind: K,
  data: ObservationData[K],
  packets: readonly PacketRef[] = [],
  lines: readonly LineRef[] = [],
  others: RecordList<Observation> | null = null,
): Observation<K> {
  return { kind, data, packets, lines, others };
}

/** Whether the first is as certain as the second, or more. */
export function isSureAs(confidence: Confidence, least: Confidence): boolean {
  return CONFIDENCES.indexOf(confidence) >= CONFIDENCES.indexOf(least);
}

/** The less certain of two. */
export function lower(a: Confidence, b: Confidence): Confidence {
  return isSureAs(b, a) ? a : b;
}

/** The more certain of two. */
export function higher(a: Confidence, b: Confidence): Confidence {
  return lower(a, b) === a ? b : a;
}

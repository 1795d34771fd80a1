/**
 * A trial: a conversation played segment by segment into the tracker and the dialogue, then judged. No capture file, no log file,
 * unless lines of a log are given.
 */
import { readLogs } from '../../src/maillog/index.ts';
import { AnomalyCounter } from '../../src/model/anomaly.ts';
import { inferSession } from '../../src/inference/index.ts';
import { judge } from '../../src/diagnosis/index.ts';
import type { IcmpError, PacketSink } from '../../src/model/packet.ts';
import type { CaptureContext, Judgement, OtherVantage, PeerSurvey } from '../../src/model/judgement.ts';
import type { CapturedSession } from '../../src/model/pairing.ts';
import type { Site } from '../../src/model/settings.ts';
import type { DialogueFollower } from '../../src/model/smtp.ts';
import type { Side } from '../../src/model/units.ts';
import type { Source } from '../../src/model/source.ts';
import { pairSessions } from '../../src/pairing/index.ts';
import { followDialogue } from '../../src/smtp/index.ts';
import { tlsFollowers } from '../../src/tls/index.ts';
import { trackConnections } from '../../src/tcp/index.ts';
import { BlockStore } from '../../src/vault/index.ts';
import { SITE } from './pairing-world.ts';
import { Clock, type EndFields, Wire } from './segments.ts';
import { depot } from './depot.ts';

export interface TrialOptions {
  readonly site?: Partial<Site>;
  /** Lines of a mail_logs, without a time: they get the time of the first packet. */
  readonly log?: string;
  readonly client?: Partial<EndFields>;
  readonly server?: Partial<EndFields>;
  /** Seconds that the capture runs on after the last packet. */
  readonly runsOnSeconds?: number;
  /** ICMP errors that the capture holds. */
  readonly icmp?: readonly IcmpError[];
  readonly vantage?: string;
  readonly others?: readonly OtherVantage[];
  readonly survey?: PeerSurvey;
  /** The file holds only what this side sent: 0 is the client. */
  readonly only?: Side;
}

/** Plays stories into one capture and gives its sessions in order of their first packets. */
export function record(stories: readonly ((wire: Wire) => unknown)[], options: TrialOptions = {}): { sessions: CapturedSession[]; clock: Clock } {
  const serverPorts = new Uint8Array(65_536);
  serverPorts[25] = 1;
  const sessions: CapturedSession[] = [];
  const tracker = trackConnections({
    vantage: options.vantage ?? 'appliance',
    store: new BlockStore(),
    serverPorts,
    openStream: (info) => followDialogue({ clientSide: info.sawSyn ? 0 : null, serverPort: info.responderPort, openTls: tlsFollowers() }),
    onConnection: (connection, stream) => sessions.push({ connection, dialogue: (stream as DialogueFollower).finish() }),
  });
  const clock = new Clock();
  const sink: PacketSink = {
    segment: (view) => {
      if (options.only === undefined || (view.dstPort === 25 ? 0 : 1) === options.only) tracker.segment(view);
    },
    icmp: (error) => tracker.icmp(error),
  };
  for (const [i, story] of stories.entries()) story(new Wire(sink, { port: 40_000 + i, ...options.client }, options.server, clock));
  for (const error of options.icmp ?? []) tracker.icmp(error);
  tracker.finish();
  sessions.sort((a, b) => a.connection.stream - b.connection.stream);
  return { sessions, clock };
}

export function contextOf(sessions: readonly CapturedSession[], runsOnSeconds = 0): CaptureContext {
  return {
    firstUs: Math.min(...sessions.map(({ connection }) => connection.firstUs)),
    lastUs: Math.max(...sessions.map(({ connection }) => connection.lastUs)) + runsOnSeconds * 1e6,
    reportedDrops: 0,
    snapLength: null,
  };
}

/** The judgement of the first connection of the conversation. */
export async function trial(story: (wire: Wire) => unknown, options: TrialOptions = {}): Promise<Judgement> {
  const { sessions } = record([story], options);
  const site: Site = { ...SITE, applianceAddresses: ['192.0.2.25'], ...options.site };
  const log = options.log === undefined ? null : await readLogs([textSource(options.log)]);
  const pairing = pairSessions({ depot, captured: sessions, log, site });
  const [session] = pairing.sessions;
  const [captured] = sessions;
  if (!session || !captured) throw new Error('nothing was recorded');
  const siblings = sessions.filter((other) => other !== captured && !other.connection.sawSyn);
  return judge({
    session,
    clock: pairing.clock,
    site,
    capture: contextOf(sessions, options.runsOnSeconds),
    log: null,
    others: options.others ?? [],
    siblings,
    survey: options.survey ?? null,
    pressed: null,
    infer: () => inferSession(session),
  });
}

function textSource(text: string): Source {
  const octets = new TextEncoder().encode(text);
  let at = 0;
  return {
    input: 9,
    path: 'mail_logs',
    kind: 'text',
    format: 'text',
    bytes: octets.length,
    vantage: null,
    advice: null,
    anomalies: new AnomalyCounter(),
    open: () => {
      at = 0;
      return {
        read: async (into, offset, length) => {
          const count = Math.min(length, octets.length - at);
          into.set(octets.subarray(at, at + count), offset);
          at += count;
          return count;
        },
        close: async () => {},
      };
    },
  };
}

/** The appliance's lines on the trial's connection: that it was opened, and the envelope of `envelope`. */
export const LOGGED_OPENING = 'New SMTP ICID 5 interface Management (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no';
export const LOGGED_ENVELOPE = [
  LOGGED_OPENING,
  'Start MID 77 ICID 5',
  'MID 77 ICID 5 From: <sender@example.org>',
  'MID 77 ICID 5 RID 0 To: <user@example.com>',
];

/** Lines as the trial's log: each of the second of its first packet, or so many later as stand in front (`+6 ICID 5 close`). */
export function logged(...lines: readonly string[]): Pick<TrialOptions, 'log' | 'site'> {
  const stamped = lines.map((line) => {
    const [, later = '0', text = ''] = /^(?:\+(\d+) )?(.*)$/.exec(line) ?? [];
    return `Tue Nov 14 22:13:${20 + Number(later)} 2023 Info: ${text}\n`;
  });
  return { log: stamped.join(''), site: { logTimeZone: 'UTC' } };
}

/** Greeting and EHLO. */
export function greet(wire: Wire): Wire {
  return wire
    .handshake()
    .answers('220 esa.example.com ESMTP')
    .client(0x10)
    .says('EHLO mail.example.org')
    .answers('250-esa.example.com\r\n250-8BITMIME\r\n250 SIZE 33554432')
    .client(0x10);
}

/** MAIL and one RCPT, both accepted. */
export function envelope(wire: Wire): Wire {
  return greet(wire)
    .says('MAIL FROM:<sender@example.org>')
    .answers('250 sender <sender@example.org> ok')
    .client(0x10)
    .says('RCPT TO:<user@example.com>')
    .answers('250 recipient <user@example.com> ok')
    .client(0x10);
}

/** DATA and its 354. */
export function inData(wire: Wire): Wire {
  return envelope(wire).says('DATA').answers('354 go ahead').client(0x10);
}

/** A whole message, accepted. */
export function message(wire: Wire): Wire {
  return inData(wire).says('Subject: test\r\n\r\nhello\r\n.').answers('250 ok:  Message 77 accepted').client(0x10);
}

import type { InjectionHistory, LogLine, MailLog, MessageHistory, DeliveryHistory } from '../../src/model/maillog.ts';
import type { Moment } from '../../src/model/evidence.ts';
import type { CapturedSession } from '../../src/model/pairing.ts';
import type { Site } from '../../src/model/settings.ts';
import type { DialogueEvent, SmtpCommand, SmtpDialogue, SmtpReply, SmtpTransaction } from '../../src/model/smtp.ts';
import type { Segment, SegmentLog, TcpConnection, TcpEndpoint } from '../../src/model/tcp.ts';
import { SECOND_US } from '../../src/model/units.ts';
import { tlsSummary } from './tls-summary.ts';

/** A message that is sent in a session; times are seconds after the session's beginning. */
interface Sending {
  readonly sender: string;
  readonly recipient: string;
  readonly mid: number;
  readonly octets: number;
  readonly at: number;
  readonly takes: number;
  readonly complete: boolean;
}

/** One session as it really happened: the capture and the log are both written from it. */
export interface Happening {
  readonly icid: number;
  readonly client: string;
  readonly port: number;
  /** Seconds of the day in true time. */
  readonly at: number;
  readonly lasts: number;
  readonly end: 'quit' | 'fin' | 'rst';
  readonly encrypted: boolean;
  readonly helo: string;
  readonly sendings: readonly Sending[];
  /** Seconds that the reverse lookup takes before the banner and the first line. */
  readonly lookup?: number;
}

export const DAY_US = Date.UTC(2026, 2, 11) * 1000;
export const APPLIANCE = '192.0.2.25';

export const SITE: Site = {
  applianceAddresses: [],
  balancers: [],
  ports: [],
  logTimeZone: null,
  clockOffsetSeconds: null,
  inboundTimeoutSeconds: 300,
  inboundTimeoutGiven: false,
  totalTimeLimitSeconds: 900,
};

const us = (seconds: number): number => DAY_US + Math.round(seconds * SECOND_US);

/** The capture's half of a happening. `seenAs` replaces the client's address, as behind network address translation. */
export function capture(happening: Happening, stream: number, seenAs = happening.client): CapturedSession {
  const dialogue = happening.encrypted ? encryptedDialogue(happening) : clearDialogue(happening);
  return { connection: connect(happening, stream, seenAs), dialogue };
}

function connect(happening: Happening, stream: number, seenAs: string): TcpConnection {
  const ends = us(happening.at + happening.lasts);
  const segments: Segment[] = [segment(0, us(happening.at), 0), segment(1, us(happening.at) + 50, 1), segment(2, ends, 0)];
  const client = side(seenAs, happening.port, 200);
  return {
    stream,
    vantage: 'appliance',
    originator: happening.end === 'rst' ? { ...client, state: 'reset', rsts: [2] } : { ...client, fin: { segment: 2, atUs: ends, seq: 200, inOrder: true } },
    responder: side(APPLIANCE, 25, 300),
    family: 4,
    sawSyn: true,
    firstUs: us(happening.at),
    lastUs: ends + 1000,
    establishedUs: us(happening.at) + 20_000,
    originatorRttUs: 20_000,
    responderRttUs: 50,
    connState: 'SF',
    history: 'ShADadFf',
    segments: new FixedSegments(segments),
    gaps: [],
    icmp: [],
    macs: [],
    duplicateFrames: 0,
    bothDirections: true,
    caveats: [],
  };
}

function side(ip: string, port: number, octets: number): TcpEndpoint {
  return {
    ip,
    port,
    state: 'closed',
    isn: 1,
    baseSeq: 1,
    syn: null,
    packets: 3,
    octets,
    contiguousTo: octets,
    sentTo: octets,
    ackedTo: octets,
    fin: null,
    rsts: [],
  };
}

class FixedSegments implements SegmentLog {
  readonly #segments: readonly Segment[];
  readonly dropped = 0;
  readonly packed = null;
  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
  }
  get length(): number {
    return this.#segments.length;
  }
  at(index: number): Segment {
    const found = this.#segments[index];
    if (!found) throw new RangeError(`segment ${index}`);
    return found;
  }
  [Symbol.iterator](): Iterator<Segment> {
    return this.#segments[Symbol.iterator]();
  }
}

function segment(index: number, atUs: number, side: 0 | 1): Segment {
  return {
    index,
    input: 0,
    packet: index + 1,
    atUs,
    side,
    flags: 0,
    seq: 0,
    ack: 0,
    length: 0,
    window: 1000,
    ttl: side === 0 ? 57 : 64,
    ipId: 0,
    dontFragment: true,
    tos: 0,
    tsVal: -1,
    tsEcr: -1,
    sackLeft: -1,
    sackRight: -1,
    mac: -1,
    vlan: -1,
    interfaceId: 0,
    checksum: 0,
    notes: 0,
  };
}

function moment(seconds: number): Moment {
  return { atUs: us(seconds), packet: { input: 0, number: 1 } };
}

/** Collects events with their replies. */
class Script {
  readonly events: DialogueEvent[] = [];

  reply(seconds: number, code: number, lines: readonly string[], to: number | null): number {
    const at = moment(seconds);
    const role: SmtpReply['role'] = to === null ? 'greeting' : 'answer';
    this.events.push({ kind: 'reply', code, enhancedCode: null, lines, at, completedBy: at.packet, complete: true, afterGap: false, to, role });
    return this.events.length - 1;
  }

  say(seconds: number, verb: string, argument: string, code: number, lines: readonly string[]): number {
    const at = moment(seconds);
    const command: SmtpCommand = {
      kind: 'command',
      verb,
      argument,
      known: true,
      at,
      completedBy: at.packet,
      complete: true,
      pipelined: false,
      afterGap: false,
      length: 20,
      reply: null,
    };
    const index = this.events.push(command) - 1;
    command.reply = this.reply(seconds + 0.01, code, lines, index);
    return index;
  }
}

function clearDialogue(happening: Happening): SmtpDialogue {
  const script = new Script();
  script.reply(happening.at + 0.03 + (happening.lookup ?? 0), 220, ['esa.example.com ESMTP'], null);
  script.say(happening.at + 0.05 + (happening.lookup ?? 0), 'EHLO', happening.helo, 250, ['esa.example.com']);
  const transactions = happening.sendings.map((sending) => transact(script, happening, sending));
  let quit: number | null = null;
  if (happening.end === 'quit') quit = script.say(happening.at + happening.lasts - 0.05, 'QUIT', '', 221, ['esa.example.com']);
  return { ...QUIET, events: script.events, greeting: greetingOf(script), heloName: happening.helo, transactions, quit };
}

function transact(script: Script, happening: Happening, sending: Sending): SmtpTransaction {
  const start = happening.at + sending.at;
  const mail = script.say(start, 'MAIL', `FROM:<${sending.sender}>`, 250, ['ok']);
  const rcpt = script.say(start + 0.04, 'RCPT', `TO:<${sending.recipient}>`, 250, ['ok']);
  const data = sending.complete ? script.say(start + 0.08, 'DATA', '', 354, ['go ahead']) : null;
  let finalReply: number | null = null;
  if (sending.complete) {
    const end = script.events.push({ kind: 'data-end', at: moment(start + sending.takes), octets: sending.octets, reply: null }) - 1;
    finalReply = script.reply(start + sending.takes + 0.02, 250, [`ok:  Message ${sending.mid} accepted`], end);
  }
  return {
    reversePath: sending.sender,
    mail,
    recipients: [{ forwardPath: sending.recipient, command: rcpt, code: 250 }],
    data,
    octets: sending.complete ? sending.octets : 0,
    ended: sending.complete,
    header: { messageId: sending.complete ? `<${sending.mid}@example.net>` : null, subject: null, from: null, date: null },
    longestHeaderLine: 70,
    finalReply,
    outcome: sending.complete ? 'accepted' : 'open',
    withdrawnBy: null,
    acceptedMid: sending.complete ? sending.mid : null,
  };
}

function encryptedDialogue(happening: Happening): SmtpDialogue {
  const script = new Script();
  script.reply(happening.at + 0.03 + (happening.lookup ?? 0), 220, ['esa.example.com ESMTP'], null);
  script.events.push({ kind: 'tls', side: 0, what: 'application-data', at: moment(happening.at + 0.2 + (happening.lookup ?? 0)), octets: 100, text: null });
  let octets = 300;
  for (const sending of happening.sendings) octets += (sending.complete ? sending.octets : 0) + 400;
  return {
    ...QUIET,
    events: script.events,
    greeting: greetingOf(script),
    heloName: happening.helo,
    tls: tlsSummary({
      firstUs: us(happening.at + 0.15 + (happening.lookup ?? 0)),
      version: 'TLSv1.2',
      applicationOctets: [octets, 300],
      applicationRecords: [8, 8],
    }),
  };
}

function greetingOf(script: Script): SmtpReply | null {
  const [first] = script.events;
  return first?.kind === 'reply' ? first : null;
}

const QUIET: SmtpDialogue = {
  client: 0,
  isSmtp: true,
  events: [],
  eventsDropped: 0,
  greeting: null,
  heloName: null,
  esmtp: true,
  capabilities: [],
  transactions: [],
  stages: [],
  tls: null,
  starttlsRefused: false,
  quit: null,
  authenticated: false,
  xclient: null,
  owes: { side: null, sinceUs: 0, what: '' },
  longestClientPauseUs: 0,
  longestServerPauseUs: 0,
  gaps: { client: false, server: false },
};

/** How the log is written. */
export interface LogStyle {
  /** Log clock minus true time, in seconds. */
  readonly offset: number;
  /** Header's offset from UTC; null: no header. */
  readonly utcOffset: number | null;
  /** What the stamps really are ahead of UTC, when it differs from the header's. */
  readonly zoneSeconds?: number;
  /** Leave out the lines of the connection itself. */
  readonly midLinesOnly?: boolean;
}

/** The log's half of the happenings. */
export function writeLog(happenings: readonly Happening[], style: LogStyle): MailLog {
  const shift = style.offset + (style.zoneSeconds ?? style.utcOffset ?? 0);
  let number = 0;
  const line = (seconds: number, text: string): LogLine => ({
    ref: { input: 1, line: ++number },
    atUs: Math.floor(us(seconds + shift) / SECOND_US) * SECOND_US,
    text,
  });
  const messages = new Map<number, MessageHistory>();
  const injections = happenings.map((happening) => inject(happening, style, line, messages));
  const stamps = injections.flatMap((history) => [history.first.atUs, history.last.atUs]);
  return {
    files: [
      {
        input: 1,
        kind: 'mail_logs',
        format: 'text',
        lines: number,
        entries: number,
        unknownLines: 0,
        firstUs: stamps.length > 0 ? Math.min(...stamps) : null,
        lastUs: stamps.length > 0 ? Math.max(...stamps) : null,
        serials: ['SN-1'],
        utcOffsetSeconds: style.utcOffset,
        appliances: ['SN-1'],
      },
    ],
    injections,
    messages: [...messages.values()],
    deliveries: [],
    unknown: [],
    statuses: [],
    entryOf: () => null,
    message: (_appliance, mid) => messages.get(mid) ?? null,
    uses: (_appliance, mid) => [messages.get(mid) ?? []].flat(),
  };
}

function inject(
  happening: Happening,
  style: LogStyle,
  line: (seconds: number, text: string) => LogLine,
  messages: Map<number, MessageHistory>,
): InjectionHistory {
  const lookup = happening.lookup ?? 0;
  const own = !style.midLinesOnly;
  const ends = happening.at + happening.lasts;
  const opened = own ? line(happening.at + 0.025 + lookup, `New SMTP ICID ${happening.icid} …`) : null;
  const tls = own && happening.encrypted ? line(happening.at + 0.2 + lookup, `ICID ${happening.icid} TLS success`) : null;
  const received = happening.sendings.map((sending) => receive(happening, sending, line));
  for (const message of received) messages.set(message.mid, message);
  const lost = own && happening.end !== 'quit' ? line(ends + 0.001, `ICID ${happening.icid} lost`) : null;
  const closed = own ? line(ends + 0.01, `ICID ${happening.icid} close`) : null;
  const all = [opened, tls, ...received.flatMap((message) => message.lines), lost, closed].filter((one) => one !== null);
  const first = all[0] ?? line(happening.at, '');
  return {
    appliance: 'SN-1',
    order: happening.icid,
    icid: happening.icid,
    opened,
    interfaceName: own ? 'Data 1' : null,
    localIp: own ? APPLIANCE : null,
    peerIp: own ? happening.client : null,
    reverseDns: null,
    policy: null,
    first,
    last: all.at(-1) ?? first,
    ends: [...(lost ? [{ kind: 'lost' as const, reason: null, line: lost }] : []), ...(closed ? [{ kind: 'close' as const, reason: null, line: closed }] : [])],
    lost,
    closed,
    tls: tls ? { ok: true, protocol: 'TLSv1.2', cipher: null, reason: null, line: tls } : null,
    auth: null,
    heloName: null,
    mids: received.map((message) => message.mid),
    lines: all,
    ownLines: own,
    debug: [],
  };
}

function receive(happening: Happening, sending: Sending, line: (seconds: number, text: string) => LogLine): MessageHistory {
  const start = happening.at + sending.at + 0.005;
  const started = line(start, `Start MID ${sending.mid} ICID ${happening.icid}`);
  const to = line(start + 0.04, `MID ${sending.mid} RID 0 To`);
  const ready = sending.complete ? line(start + sending.takes + 0.005, `MID ${sending.mid} ready`) : null;
  const aborted = sending.complete ? null : line(happening.at + happening.lasts + 0.001, `Message aborted MID ${sending.mid}`);
  const lines = [started, to, ready ?? aborted].filter((one) => one !== null);
  return {
    appliance: 'SN-1',
    mid: sending.mid,
    icid: happening.icid,
    injection: null,
    handedOver: null,
    started,
    sender: sending.sender,
    recipients: [{ rid: 0, address: sending.recipient, rejectedBy: null, line: to }],
    messageId: sending.complete ? `<${sending.mid}@example.net>` : null,
    subject: null,
    ready: ready ? { octets: sending.octets, line: ready } : null,
    aborted: aborted ? { how: happening.end === 'quit' ? 'by-sender' : 'receiving', by: null, line: aborted } : null,
    finished: null,
    relations: [],
    first: started,
    last: lines.at(-1) ?? started,
    lines,
    telling: [],
    order: 0,
  };
}

/** A log of deliveries only: `New SMTP DCID`, `Delivery start`, `Message done` and the receiver's response. */
export function deliveryLog(deliveries: readonly DeliveryHistory[], messages: readonly MessageHistory[], utcOffset: number | null): MailLog {
  const base = writeLog([], { offset: 0, utcOffset });
  return { ...base, deliveries, messages, message: (_appliance, mid) => messages.find((message) => message.mid === mid) ?? null };
}

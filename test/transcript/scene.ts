import type { InjectionHistory, LogLine } from '../../src/model/maillog.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../src/model/packet.ts';
import type { IcmpError } from '../../src/model/packet.ts';
import type { ClockMap, Session } from '../../src/model/pairing.ts';
import type { DialogueEvent, SmtpDialogue, SmtpTransaction } from '../../src/model/smtp.ts';
import type { TlsSummary } from '../../src/model/tls.ts';
import type { Segment, StreamGap, TcpConnection, TcpEndpoint } from '../../src/model/tcp.ts';
import type { Side } from '../../src/model/units.ts';

/** Saturday, 2026-11-21 17:54:21 UTC. */
export const START_US = Date.UTC(2026, 10, 21, 17, 54, 21) * 1000;
const CLIENT = 0;
const SERVER = 1;

/** A session told word by word; packets are numbered from 1 in the order of telling. Times are seconds since the start. */
export class Scene {
  readonly segments: Segment[] = [];
  readonly events: DialogueEvent[] = [];
  readonly gaps: StreamGap[] = [];
  readonly icmp: IcmpError[] = [];
  readonly transactions: SmtpTransaction[] = [];
  tls: TlsSummary | null = null;
  finAt: [number | null, number | null] = [null, null];
  established = false;

  segment(at: number, side: Side, flags: number, length = 0, notes = 0, seq = 1): this {
    this.segments.push({
      index: this.segments.length,
      input: 0,
      packet: this.segments.length + 1,
      atUs: START_US + Math.round(at * 1e6),
      side,
      flags,
      seq,
      ack: 1,
      length,
      window: 500,
      ttl: 64,
      ipId: 1,
      dontFragment: true,
      tos: 0,
      tsVal: -1,
      tsEcr: -1,
      sackLeft: -1,
      sackRight: -1,
      mac: 0,
      vlan: -1,
      interfaceId: 0,
      checksum: 0,
      notes,
    });
    return this;
  }

  handshake(at = 0): this {
    this.established = true;
    return this.segment(at, CLIENT, TCP_SYN)
      .segment(at + 0.001, SERVER, TCP_SYN | TCP_ACK)
      .segment(at + 0.002, CLIENT, TCP_ACK);
  }

  command(at: number, text: string): this {
    this.segment(at, CLIENT, TCP_ACK, text.length + 2);
    const [verb = '', ...rest] = text.split(' ');
    const moment = this.#moment();
    if (verb === 'MAIL') this.#mail();
    const index = this.events.length;
    this.events.push({
      kind: 'command',
      verb,
      argument: rest.join(' '),
      known: true,
      at: moment,
      completedBy: moment.packet,
      complete: true,
      pipelined: false,
      afterGap: false,
      length: text.length + 2,
      reply: null,
    });
    const transaction = this.transactions.at(-1);
    if (verb === 'RCPT' && transaction) {
      this.transactions[this.transactions.length - 1] = {
        ...transaction,
        recipients: [...transaction.recipients, { forwardPath: rest.join(' '), command: index, code: 250 }],
      };
    }
    return this;
  }

  reply(at: number, text: string): this {
    this.segment(at, SERVER, TCP_ACK, text.length + 2);
    const moment = this.#moment();
    const [code = '0', ...lines] = text.split(/[ |]/);
    this.events.push({
      kind: 'reply',
      code: Number(code),
      enhancedCode: null,
      lines: lines.join(' ').split('|'),
      at: moment,
      completedBy: moment.packet,
      complete: true,
      afterGap: false,
      to: null,
      role: 'answer',
    });
    return this;
  }

  body(at: number, packets: number, octetsEach: number, ended: boolean): this {
    for (let i = 0; i < packets; i++) {
      this.segment(at + i * 0.01, CLIENT, TCP_ACK, octetsEach);
      if (i === 0) this.events.push({ kind: 'data-start', at: this.#moment(), octets: 0, reply: null });
    }
    if (ended) this.events.push({ kind: 'data-end', at: this.#moment(), octets: packets * octetsEach - 3, reply: null });
    return this;
  }

  fin(at: number, side: Side, length = 0): this {
    this.segment(at, side, TCP_FIN | TCP_ACK, length);
    if (this.finAt[side] === null) this.finAt[side] = this.segments.length - 1;
    return this;
  }

  rst(at: number, side: Side, notes: number): this {
    return this.segment(at, side, TCP_RST, 0, notes);
  }

  oddity(side: Side, text: string): this {
    this.events.push({ kind: 'oddity', side, what: 'binary', at: this.#moment(), text });
    return this;
  }

  session(changes: Partial<Session> = {}): Session {
    return {
      direction: 'inbound',
      captured: { connection: this.#connection(), dialogue: this.#dialogue() },
      firstPacketUs: START_US,
      logged: null,
      injection: null,
      delivery: null,
      messages: [],
      pair: null,
      ...changes,
    };
  }

  #moment() {
    const last = this.segments.at(-1);
    return { atUs: last?.atUs ?? START_US, packet: { input: 0, number: last?.packet ?? 1 } };
  }

  #mail(): void {
    this.transactions.push({
      reversePath: '<a@example.com>',
      mail: this.events.length,
      recipients: [],
      data: null,
      octets: 0,
      ended: false,
      header: { messageId: null, subject: null, from: null, date: null },
      longestHeaderLine: 0,
      finalReply: null,
      outcome: 'open',
      withdrawnBy: null,
      acceptedMid: null,
    });
  }

  #endpoint(side: Side): TcpEndpoint {
    const fin = this.finAt[side];
    const at = fin === null ? undefined : this.segments[fin];
    return {
      ip: side === CLIENT ? '198.51.100.7' : '192.0.2.25',
      port: side === CLIENT ? 40_000 : 25,
      state: 'established',
      isn: 0,
      baseSeq: 0,
      syn: null,
      packets: 1,
      octets: 1,
      contiguousTo: 1,
      sentTo: 1,
      ackedTo: 1,
      fin: at ? { segment: at.index, atUs: at.atUs, seq: at.seq, inOrder: true } : null,
      rsts: [],
    };
  }

  #connection(): TcpConnection {
    const { segments } = this;
    return {
      stream: 3,
      vantage: 'appliance',
      originator: this.#endpoint(CLIENT),
      responder: this.#endpoint(SERVER),
      family: 4,
      sawSyn: this.established,
      firstUs: segments[0]?.atUs ?? START_US,
      lastUs: segments.at(-1)?.atUs ?? START_US,
      establishedUs: this.established ? START_US + 2000 : null,
      originatorRttUs: null,
      responderRttUs: null,
      connState: 'OTH',
      history: '',
      segments: {
        length: segments.length,
        dropped: 0,
        packed: null,
        at: (index) => {
          const segment = segments[index];
          if (!segment) throw new RangeError(`no segment ${index}`);
          return segment;
        },
        [Symbol.iterator]: () => segments[Symbol.iterator](),
      },
      gaps: this.gaps,
      icmp: this.icmp,
      macs: [],
      duplicateFrames: 0,
      bothDirections: true,
      caveats: [],
    };
  }

  #dialogue(): SmtpDialogue {
    return {
      client: CLIENT,
      isSmtp: true,
      events: this.events,
      eventsDropped: 0,
      greeting: null,
      heloName: null,
      esmtp: true,
      capabilities: [],
      transactions: this.transactions,
      stages: [],
      tls: this.tls,
      starttlsRefused: false,
      quit: null,
      authenticated: false,
      xclient: null,
      owes: { side: null, sinceUs: 0, what: '' },
      longestClientPauseUs: 0,
      longestServerPauseUs: 0,
      gaps: { client: false, server: false },
    };
  }
}

/** Log lines at whole seconds since the start (of the log's clock). */
export function logLines(...entries: readonly (readonly [second: number, text: string])[]): LogLine[] {
  return entries.map(([second, text], index) => ({ ref: { input: 1, line: index + 1 }, atUs: START_US + second * 1_000_000, text }));
}

export function injection(lines: readonly LogLine[], changes: Partial<InjectionHistory> = {}): InjectionHistory {
  const [first] = lines;
  const last = lines.at(-1);
  if (!first || !last) throw new RangeError('a history has lines');
  return {
    appliance: '',
    order: 1,
    icid: 10293,
    opened: first,
    interfaceName: null,
    localIp: '192.0.2.25',
    peerIp: '198.51.100.7',
    reverseDns: null,
    policy: null,
    first,
    last,
    ends: [],
    lost: null,
    closed: null,
    tls: null,
    auth: null,
    heloName: null,
    mids: [1404],
    lines,
    ownLines: true,
    debug: [],
    ...changes,
  };
}

/** The log's clock is `offsetSeconds` ahead of the capture's; null: they cannot be joined. */
export function clockMap(offsetSeconds: number | null): ClockMap {
  return {
    estimate: null,
    toCapture: (wallUs) => (offsetSeconds === null ? null : wallUs - offsetSeconds * 1_000_000),
    toUtc: (wallUs) => wallUs,
  };
}

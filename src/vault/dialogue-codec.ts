import type { Moment } from '../model/evidence.ts';
import {
  STAGES,
  type DialogueEvent,
  type SmtpCommand,
  type SmtpDataEvent,
  type SmtpDialogue,
  type SmtpGapEvent,
  type SmtpOddity,
  type SmtpReply,
  type SmtpTransaction,
  type StageChange,
} from '../model/smtp.ts';
import type { OctetStore } from '../model/octet-store.ts';
import type { TlsEvent } from '../model/tls.ts';
import type { Side } from '../model/units.ts';
import { MomentCodec } from './moments.ts';
import { OctetReader, OctetWriter } from './octets.ts';
import type { TextStore } from './texts.ts';
import { TlsCodec } from './tls-codec.ts';
import { UnpackedDialogue, type DialogueCourse, type DialogueHead } from './unpacked-dialogue.ts';

/** What stands for each kind of event; the place in the list is its octet. */
const KINDS = ['command', 'reply', 'data-start', 'data-end', 'chunk-end', 'tls', 'oddity', 'gap'] as const;
/** Added to the octet of the kind. */
const DECRYPTED = 64;
const ROLES = ['greeting', 'answer', 'unsolicited'] as const;
const TLS_WHAT = ['client-hello', 'server-hello', 'change-cipher', 'handshake', 'application-data', 'alert', 'encrypted-alert', 'not-tls'] as const;
const ODDITIES = ['binary', 'overlong-line', 'bare-line-feed', 'before-greeting', 'after-quit'] as const;
const GAPS = ['capture', 'network', 'snap', 'budget'] as const;
const OUTCOMES = ['accepted', 'rejected', 'withdrawn', 'open'] as const;
const OWING = ['client', 'server'] as const;

/** Packs dialogues into octets and back: about a fifteenth of the memory, and nothing for the garbage collector to walk through. */
export class DialogueCodec {
  readonly #out = new OctetWriter();
  readonly #in = new OctetReader();
  readonly #texts: TextStore;
  readonly #moments = new MomentCodec(this.#out, this.#in);
  readonly #tls: TlsCodec;

  constructor(texts: TextStore) {
    this.#texts = texts;
    this.#tls = new TlsCodec(this.#out, this.#in, texts, this.#moments);
  }

  /** The octets are valid until the next call. */
  pack(dialogue: SmtpDialogue): Uint8Array {
    const out = this.#out;
    out.clear();
    this.#moments.begin();
    const { tls, owes, gaps } = dialogue;
    out.count(
      bit(dialogue.client === 1, 0) |
        bit(dialogue.isSmtp, 1) |
        bit(dialogue.esmtp, 2) |
        bit(dialogue.starttlsRefused, 3) |
        bit(dialogue.authenticated, 4) |
        bit(gaps.client, 5) |
        bit(gaps.server, 6),
    );
    out.count(dialogue.eventsDropped);
    this.#textOrNull(dialogue.heloName);
    this.#texts.putAll(this.#out, dialogue.capabilities);
    out.count(dialogue.transactions.length);
    for (const transaction of dialogue.transactions) this.#packTransaction(transaction);
    out.count(tls ? 1 : 0);
    if (tls) this.#tls.pack(tls);
    this.#indexOrNull(dialogue.quit);
    this.#textOrNull(dialogue.xclient);
    out.count(owes.side === null ? 0 : OWING.indexOf(owes.side) + 1);
    out.number(owes.sinceUs);
    this.#texts.put(out, owes.what);
    out.number(dialogue.longestClientPauseUs);
    out.number(dialogue.longestServerPauseUs);
    this.#packCourse(dialogue);
    return out.octets.subarray(0, out.length);
  }

  /** Its course is unpacked when somebody asks for it. */
  unpack(store: OctetStore, address: number): SmtpDialogue {
    const from = this.#in;
    const at = store.placeOf(address);
    from.octets = store.blockOf(address);
    from.at = at;
    this.#moments.begin();
    const flags = from.count();
    const head: DialogueHead = {
      client: flags & 1 ? 1 : 0,
      isSmtp: (flags & 2) !== 0,
      eventsDropped: from.count(),
      heloName: this.#getTextOrNull(),
      esmtp: (flags & 4) !== 0,
      capabilities: this.#texts.getAll(from),
      transactions: this.#in.list(() => this.#unpackTransaction()),
      tls: from.count() === 1 ? this.#tls.unpack() : null,
      starttlsRefused: (flags & 8) !== 0,
      quit: this.#getIndexOrNull(),
      authenticated: (flags & 16) !== 0,
      xclient: this.#getTextOrNull(),
      owes: { side: OWING[from.count() - 1] ?? null, sinceUs: from.number(), what: this.#texts.get(from) },
      longestClientPauseUs: from.number(),
      longestServerPauseUs: from.number(),
      gaps: { client: (flags & 32) !== 0, server: (flags & 64) !== 0 },
    };
    const courseAt = from.at - at;
    return new UnpackedDialogue(head, () => this.#unpackCourse(store.blockOf(address), store.placeOf(address) + courseAt));
  }

  #packCourse({ events, greeting, stages }: DialogueCourse): void {
    const out = this.#out;
    this.#moments.begin();
    out.count(events.length);
    for (const event of events) this.#packEvent(event);
    const place = greeting ? events.indexOf(greeting) : -1;
    out.count(greeting === null ? 0 : place < 0 ? 1 : place + 2);
    if (greeting && place < 0) this.#packEvent(greeting);
    this.#packStages(stages, events);
  }

  /** A stage begins with an event as a rule: it is told by the event's place, counted from 1. */
  #packStages(stages: readonly StageChange[], events: readonly DialogueEvent[]): void {
    const out = this.#out;
    let place = 0;
    out.count(stages.length);
    for (const { stage, at } of stages) {
      out.count(STAGES.indexOf(stage));
      while (isBefore(events[place], at)) place++;
      const isThen = isAt(events[place], at);
      out.count(isThen ? place + 1 : 0);
      if (!isThen) this.#moments.put(at);
    }
  }

  #unpackStage(events: readonly DialogueEvent[]): StageChange {
    const stage = STAGES[this.#in.count()] ?? 'connect';
    const event = events[this.#in.count() - 1];
    return { stage, at: event ? event.at : this.#moments.get() };
  }

  #unpackCourse(octets: Buffer, at: number): DialogueCourse {
    const from = this.#in;
    from.octets = octets;
    from.at = at;
    this.#moments.begin();
    const events = from.list(() => this.#unpackEvent());
    const place = from.count();
    const known = place >= 2 ? events[place - 2] : place === 1 ? this.#unpackEvent() : null;
    return {
      events,
      greeting: known?.kind === 'reply' ? known : null,
      stages: from.list(() => this.#unpackStage(events)),
    };
  }

  #packEvent(event: DialogueEvent): void {
    const out = this.#out;
    out.count(KINDS.indexOf(event.kind) + (event.kind !== 'gap' && event.decrypted ? DECRYPTED : 0));
    this.#moments.put(event.at);
    switch (event.kind) {
      case 'command':
        out.count(bit(event.known, 0) | bit(event.complete, 1) | bit(event.pipelined, 2) | bit(event.afterGap, 3) | bit(event.missing !== undefined, 4));
        this.#texts.put(out, event.verb);
        this.#texts.putOwn(out, event.argument);
        this.#moments.putPacket(event.completedBy);
        out.count(event.length);
        this.#indexOrNull(event.reply);
        if (event.missing !== undefined) out.number(event.missing);
        return;
      case 'reply':
        out.count(bit(event.complete, 0) | bit(event.afterGap, 1) | bit(event.missing !== undefined, 2));
        out.number(event.code);
        this.#textOrNull(event.enhancedCode);
        out.count(event.lines.length);
        for (const line of event.lines) this.#putLine(line);
        this.#moments.putPacket(event.completedBy);
        this.#indexOrNull(event.to);
        out.count(ROLES.indexOf(event.role));
        if (event.missing !== undefined) out.number(event.missing);
        return;
      case 'tls':
        out.count(TLS_WHAT.indexOf(event.what) * 2 + event.side);
        out.number(event.octets);
        this.#textOrNull(event.text);
        return;
      case 'oddity':
        out.count(ODDITIES.indexOf(event.what) * 2 + event.side);
        this.#texts.put(out, event.text);
        return;
      case 'gap':
        out.count(GAPS.indexOf(event.why) * 2 + event.side);
        out.number(event.length);
        return;
      case 'data-start':
      case 'data-end':
      case 'chunk-end':
        out.number(event.octets);
        this.#indexOrNull(event.reply);
    }
  }

  #unpackEvent(): DialogueEvent {
    const head = this.#in.count();
    const event = this.#unpackKind(KINDS[head % DECRYPTED] ?? 'gap');
    return head < DECRYPTED || event.kind === 'gap' ? event : { ...event, decrypted: true };
  }

  #unpackKind(kind: (typeof KINDS)[number]): DialogueEvent {
    const from = this.#in;
    const at = this.#moments.get();
    switch (kind) {
      case 'command':
        return this.#unpackCommand(at);
      case 'reply':
        return this.#unpackReply(at);
      case 'tls': {
        const what = from.count();
        return { kind, side: sideOf(what), what: TLS_WHAT[what >>> 1] ?? 'not-tls', at, octets: from.number(), text: this.#getTextOrNull() } satisfies TlsEvent;
      }
      case 'oddity': {
        const what = from.count();
        return { kind, side: sideOf(what), what: ODDITIES[what >>> 1] ?? 'binary', at, text: this.#texts.get(from) } satisfies SmtpOddity;
      }
      case 'gap': {
        const why = from.count();
        return { kind, side: sideOf(why), length: from.number(), why: GAPS[why >>> 1] ?? 'budget', at } satisfies SmtpGapEvent;
      }
      case 'data-start':
      case 'data-end':
      case 'chunk-end':
        break;
    }
    return { kind, at, octets: from.number(), reply: this.#getIndexOrNull() } satisfies SmtpDataEvent;
  }

  #unpackCommand(at: Moment): SmtpCommand {
    const from = this.#in;
    const flags = from.count();
    const command = {
      kind: 'command' as const,
      verb: this.#texts.get(from),
      argument: this.#texts.get(from),
      known: (flags & 1) !== 0,
      at,
      completedBy: this.#moments.getPacket(at.packet),
      complete: (flags & 2) !== 0,
      pipelined: (flags & 4) !== 0,
      afterGap: (flags & 8) !== 0,
      length: from.count(),
      reply: this.#getIndexOrNull(),
    };
    return flags & 16 ? { ...command, missing: from.number() } : command;
  }

  #unpackReply(at: Moment): SmtpReply {
    const from = this.#in;
    const flags = from.count();
    const reply = {
      kind: 'reply' as const,
      code: from.number(),
      enhancedCode: this.#getTextOrNull(),
      lines: this.#texts.getAll(from),
      at,
      completedBy: this.#moments.getPacket(at.packet),
      complete: (flags & 1) !== 0,
      afterGap: (flags & 2) !== 0,
      to: this.#getIndexOrNull(),
      role: ROLES[from.count()] ?? 'answer',
    };
    return flags & 4 ? { ...reply, missing: from.number() } : reply;
  }

  #packTransaction(transaction: SmtpTransaction): void {
    const out = this.#out;
    const { header } = transaction;
    out.count(bit(transaction.ended, 0));
    this.#texts.putOwn(out, transaction.reversePath);
    out.number(transaction.mail);
    out.count(transaction.recipients.length);
    for (const { forwardPath, command, code } of transaction.recipients) {
      this.#texts.putOwn(out, forwardPath);
      out.number(command);
      this.#indexOrNull(code);
    }
    this.#indexOrNull(transaction.data);
    out.number(transaction.octets);
    this.#ownTextOrNull(header.messageId);
    this.#ownTextOrNull(header.subject);
    this.#ownTextOrNull(header.from);
    this.#ownTextOrNull(header.date);
    out.number(transaction.longestHeaderLine);
    this.#indexOrNull(transaction.finalReply);
    out.count(OUTCOMES.indexOf(transaction.outcome));
    this.#indexOrNull(transaction.withdrawnBy);
    this.#indexOrNull(transaction.acceptedMid);
  }

  #unpackTransaction(): SmtpTransaction {
    const from = this.#in;
    const flags = from.count();
    return {
      reversePath: this.#texts.get(from),
      mail: from.number(),
      recipients: this.#in.list(() => ({ forwardPath: this.#texts.get(from), command: from.number(), code: this.#getIndexOrNull() })),
      data: this.#getIndexOrNull(),
      octets: from.number(),
      ended: (flags & 1) !== 0,
      header: { messageId: this.#getTextOrNull(), subject: this.#getTextOrNull(), from: this.#getTextOrNull(), date: this.#getTextOrNull() },
      longestHeaderLine: from.number(),
      finalReply: this.#getIndexOrNull(),
      outcome: OUTCOMES[from.count()] ?? 'open',
      withdrawnBy: this.#getIndexOrNull(),
      acceptedMid: this.#getIndexOrNull(),
    };
  }

  #indexOrNull(value: number | null): void {
    if (value === null) this.#out.count(0);
    else {
      this.#out.count(1);
      this.#out.number(value);
    }
  }

  #getIndexOrNull(): number | null {
    return this.#in.count() === 0 ? null : this.#in.number();
  }

  #textOrNull(text: string | null): void {
    this.#out.count(text === null ? 0 : 1);
    if (text !== null) this.#texts.put(this.#out, text);
  }

  /** Greetings and lists of keywords are those of many sessions; what repeats an address is not. */
  #putLine(line: string): void {
    if (line.includes('<')) this.#texts.putOwn(this.#out, line);
    else this.#texts.put(this.#out, line);
  }

  #ownTextOrNull(text: string | null): void {
    this.#out.count(text === null ? 0 : 1);
    if (text !== null) this.#texts.putOwn(this.#out, text);
  }

  #getTextOrNull(): string | null {
    return this.#in.count() === 0 ? null : this.#texts.get(this.#in);
  }
}

function isBefore(event: DialogueEvent | undefined, { atUs, packet }: Moment): boolean {
  return event !== undefined && (event.at.atUs < atUs || (event.at.atUs === atUs && event.at.packet.number < packet.number));
}

function isAt(event: DialogueEvent | undefined, { atUs, packet }: Moment): boolean {
  return event?.at.atUs === atUs && event.at.packet.number === packet.number && event.at.packet.input === packet.input;
}

function sideOf(value: number): Side {
  return value & 1 ? 1 : 0;
}

function bit(value: boolean, place: number): number {
  return value ? 1 << place : 0;
}

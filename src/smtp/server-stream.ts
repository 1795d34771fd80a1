import type { PacketRef } from '../model/evidence.ts';
import type { SpeechObserver } from '../model/smtp.ts';
import { mayBeginRecord } from '../model/tls.ts';
import { type ArrivalView, type StreamGap, momentOf } from '../model/tcp.ts';
import { type HeardReply, hearReply } from './answers.ts';
import { REPLY_LINE_OCTETS, REPLY_LINES } from './budget.ts';
import type { Conversation } from './conversation.ts';
import { answersAuth } from './credentials.ts';
import { isBinary, type Line, LineReader } from './line-reader.ts';
import { codeOfCutReply, looksLikeReply, readReplyLine } from './reply-line.ts';
import { SpeechLog } from './speech.ts';
import { NO_TLS, type TlsDoor } from './tls-door.ts';

const LF = 10;

/** A reply whose last line has not come yet. */
interface OpenReply extends HeardReply {
  readonly lines: string[];
  completedBy: PacketRef;
  complete: boolean;
  missing: number;
  /** A gap cut it: whether more of it follows shows in what comes next. */
  cut: boolean;
}

const SPEECH = { replies: 'line', tls: 'tls', lost: 'unknown' } as const;

/** Reads what the server says: replies of one or more lines, or TLS. */
export class ServerStream {
  readonly #talk: Conversation;
  readonly #tls: TlsDoor;
  readonly #reader: LineReader;
  #mode: 'replies' | 'tls' | 'lost' = 'replies';
  /** Behind a gap or at the start in mid-stream: lines count once one reads as a reply. */
  #uncertain: boolean;
  #afterGap: boolean;
  /** It was told that the server speaks in clear although the client began TLS. */
  #notTls = false;
  /** TLS does not begin, or not again: what followed it was none, or these are octets out of it. */
  #noTls: boolean;
  #open: OpenReply | null = null;
  readonly #speech: SpeechLog;

  /** `tls` is null for octets that were decrypted. */
  constructor(talk: Conversation, tls: TlsDoor | null, observer: SpeechObserver | null) {
    this.#speech = new SpeechLog(observer, talk.server);
    this.#talk = talk;
    this.#tls = tls ?? NO_TLS;
    this.#noTls = tls === null;
    this.#reader = new LineReader(talk.budget.lineOctets);
    this.#uncertain = talk.midStream && tls !== null;
    this.#afterGap = this.#uncertain;
  }

  octets(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    this.#speech.enter();
    let i = start;
    while (i < end) {
      const from = i;
      i = this.#mode === 'lost' ? end : this.#read(bytes, i, end, at);
      this.#speech.tell(i - from, SPEECH[this.#mode]);
    }
    this.#speech.leave();
  }

  /** Reads a line, or as much of one as there is, or TLS. Returns the offset behind it. */
  #read(bytes: Uint8Array, start: number, end: number, at: ArrivalView): number {
    if (this.#mode === 'replies' && this.#reader.pending === 0 && this.#startsTls(bytes[start])) {
      this.#closeOpen(true);
      this.#mode = 'tls';
    }
    if (this.#mode === 'tls') {
      (this.#tls.current() ?? this.#tls.begin()).feed(this.#talk.server, bytes, start, end, at);
      return end;
    }
    if (this.#tls.current() && !this.#notTls && !this.#talk.queue.includes('STARTTLS')) {
      this.#notTls = true;
      this.#talk.events.add({ kind: 'tls', side: this.#talk.server, what: 'not-tls', at: momentOf(at), octets: end - start, text: null });
    }
    const stop = this.#reader.take(bytes, start, end, at);
    if (bytes[stop - 1] === LF) this.#line(this.#reader.close(at, true));
    return stop;
  }

  #startsTls(octet: number | undefined): boolean {
    const talk = this.#talk;
    if (this.#noTls || !mayBeginRecord(octet)) return false;
    return this.#tls.current() !== null || talk.mode === 'tls-expected' || talk.starttlsSaid || this.#uncertain || talk.events.length === 0;
  }

  /** These octets follow TLS but are none: read them as lines again. */
  leaveTls(): void {
    this.#mode = 'replies';
    this.#uncertain = true;
    this.#notTls = true;
    this.#noTls = true;
  }

  #line(line: Line): void {
    const talk = this.#talk;
    const read = readReplyLine(line.text);
    if (this.#uncertain) {
      const open = this.#open;
      const goesOn = open?.cut === true && read?.code === open.code;
      if (!goesOn && !looksLikeReply(line.text)) return;
      this.#uncertain = false;
    }
    if (read && answersAuth(read.code)) talk.authSeen = true;
    if (line.overlong) talk.oddity(talk.server, 'overlong-line', line.at, talk.authSeen ? '' : line.text);
    if (line.bareLineFeed) talk.oddityOnce(talk.server, 'bare-line-feed', line.at, talk.authSeen ? '' : line.text);
    if (!read) {
      this.#foreignLine(line);
      return;
    }
    if (this.#open && this.#open.code !== read.code) this.#closeOpen(true);
    this.#add(read.code, read.text, line);
    if (!read.more) this.#closeOpen(true);
  }

  /** Adds a line to the reply that is open, or begins one with it. */
  #add(code: number, text: string, line: Line): OpenReply {
    if (this.#open) this.#append(this.#open, text, line);
    else this.#open = this.#begin(code, text, line);
    return this.#open;
  }

  #begin(code: number, text: string, { at, completedBy, missing }: Line): OpenReply {
    const afterGap = this.#afterGap;
    this.#afterGap = false;
    return { code, lines: [text.slice(0, REPLY_LINE_OCTETS)], at, completedBy, afterGap, complete: true, missing, cut: false };
  }

  #append(open: OpenReply, text: string, line: Line): void {
    if (open.lines.length < REPLY_LINES) open.lines.push(text.slice(0, REPLY_LINE_OCTETS));
    open.completedBy = line.completedBy;
    open.missing += line.missing;
  }

  /** A line without a code: within a reply it is taken for one of its lines, outside for a reply of code 0. */
  #foreignLine(line: Line): void {
    const talk = this.#talk;
    if (isBinary(line.text)) {
      talk.oddityOnce(talk.server, 'binary', line.at, talk.authSeen ? '' : line.text);
      return;
    }
    if (this.#open) {
      this.#append(this.#open, line.text, line);
      return;
    }
    this.#tell(this.#begin(0, line.text, line), true);
  }

  #closeOpen(complete: boolean): void {
    const open = this.#open;
    this.#open = null;
    if (open) this.#tell(open, complete);
  }

  #tell(open: OpenReply, complete: boolean): void {
    open.complete = complete;
    hearReply(this.#talk, open);
  }

  /** The client speaks: a reply that a gap cut has no more lines. */
  clientSpeaks(): void {
    if (this.#open?.cut) this.#closeOpen(true);
  }

  gap(length: number, why: StreamGap['kind'], at: ArrivalView): void {
    const talk = this.#talk;
    if (why === 'network') {
      this.#closeOpen(false);
      this.#reader.drop();
      talk.gap(talk.server, length, why, momentOf(at));
      this.#mode = 'lost';
      return;
    }
    if (this.#mode === 'tls') {
      talk.gap(talk.server, length, why, momentOf(at));
      this.#tls.current()?.gap(talk.server, length, at);
      return;
    }
    if (this.#reader.pending > 0) this.#cutLine(length, at);
    else if (this.#open) this.#open.cut = true;
    talk.gap(talk.server, length, why, momentOf(at));
    if (!talk.greeting && !this.#open) talk.greetingMissed = true;
    talk.lostReplies = true;
    this.#uncertain = true;
    this.#afterGap = true;
  }

  #cutLine(length: number, at: ArrivalView): void {
    const talk = this.#talk;
    const text = this.#reader.pendingText;
    const line = this.#reader.close(at, true, length);
    const read = readReplyLine(text);
    const { queue } = talk;
    const expected = {
      greeting: !talk.greeting,
      quit: talk.quit !== null || (!talk.clientHeard && talk.transactions.length > 0),
      data: queue.includes('DATA'),
      auth: queue.includes('AUTH'),
    };
    const code = read?.code ?? codeOfCutReply(text, expected);
    if (code === 0) {
      if (this.#open) this.#open.cut = true;
      return;
    }
    if (this.#open && this.#open.code !== code) this.#closeOpen(true);
    this.#add(code, read?.text ?? '', line).cut = true;
    // With the blank in sight it is the last line; a code alone, or with digits missing, is taken for one reply.
    if (!read?.more) this.#closeOpen(true);
  }

  /** The capture ends. */
  finish(at: ArrivalView): void {
    if (this.#reader.pending > 0 && this.#mode === 'replies') {
      const line = this.#reader.close(at, false);
      const read = readReplyLine(line.text);
      if (!this.#uncertain || read) {
        if (this.#open && read && this.#open.code !== read.code) this.#closeOpen(true);
        this.#add(read?.code ?? 0, read?.text ?? line.text, line);
      }
    }
    this.#closeOpen(this.#open?.cut === true);
  }
}

import type { Moment } from '../model/evidence.ts';
import type { SpeechObserver } from '../model/smtp.ts';
import { mayBeginRecord } from '../model/tls.ts';
import { type ArrivalView, type StreamGap, momentOf } from '../model/tcp.ts';
import type { Conversation } from './conversation.ts';
import { PROSE_OCTETS } from './budget.ts';
import { beginsHeader } from './header-reader.ts';
import { isBinary, type Line, LineReader } from './line-reader.ts';
import { MailBody } from './mail-data.ts';
import { ProxyPreface } from './proxy-preface.ts';
import { SpeechLog, speechOf } from './speech.ts';
import { NO_TLS, type TlsDoor } from './tls-door.ts';
import { looksLikeCommand, mayBecomeCommand, verbOfCutLine } from './verbs.ts';

const CR = 13;
const LF = 10;
/** Commands behind a final dot that fell into a gap are looked for in this many octets. */
const TAIL_OCTETS = 512;

/** Reads what the client says: lines, message octets, chunks, or the beginning of TLS. */
export class ClientStream {
  readonly #talk: Conversation;
  readonly #tls: TlsDoor;
  readonly #reader: LineReader;
  #preface: ProxyPreface | null = null;
  #heard = false;
  #inTls = false;
  /** TLS does not begin, or not again: what followed it was none, or these are octets out of it. */
  #noTls: boolean;
  /** Text passed over since the last gap. */
  #prose = 0;
  readonly #speech: SpeechLog;

  /** `tls` is null for octets that were decrypted. */
  constructor(talk: Conversation, tls: TlsDoor | null, observer: SpeechObserver | null) {
    this.#speech = new SpeechLog(observer, talk.client);
    this.#talk = talk;
    this.#tls = tls ?? NO_TLS;
    this.#noTls = tls === null;
    this.#reader = new LineReader(talk.budget.lineOctets);
  }

  octets(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    const talk = this.#talk;
    let i = start;
    if (!this.#heard && i < end) {
      this.#heard = true;
      if (bytes[i] === CR) this.#preface = new ProxyPreface();
    }
    this.#speech.enter();
    while (i < end) {
      const from = i;
      const { mode } = talk;
      if (mode === 'lost') i = end;
      else if (this.#inTls || mode === 'tls') {
        this.#inTls = true;
        this.#tls.current()?.feed(talk.client, bytes, i, end, at);
        i = end;
      } else if (this.#preface) i = this.#readPreface(this.#preface, bytes, i, end, at);
      else if (mode === 'body') i = this.#readBody(bytes, i, end, at);
      else if (mode === 'chunk') i = this.#readChunk(bytes, i, end, at);
      else if (mode === 'offered') i = this.#readOffered(bytes, i, end, at);
      else i = this.#readLine(bytes, i, end, at);
      this.#speech.tell(i - from, this.#inTls ? 'tls' : speechOf(mode, talk.mode));
    }
    this.#speech.leave();
  }

  #readPreface(preface: ProxyPreface, bytes: Uint8Array, start: number, end: number, at: ArrivalView): number {
    let i = start;
    while (i < end) {
      const state = preface.take(bytes[i] ?? 0);
      i++;
      if (state === 'more') continue;
      this.#preface = null;
      if (state === 'done') {
        this.#talk.say(preface.asLine(momentOf(at)), false);
      } else this.octets(preface.held, 0, preface.held.length, at);
      break;
    }
    return i;
  }

  #readLine(bytes: Uint8Array, start: number, end: number, at: ArrivalView): number {
    const talk = this.#talk;
    if (this.#reader.pending === 0 && this.#startsTls(bytes[start])) {
      this.#inTls = true;
      this.#tls.begin().feed(talk.client, bytes, start, end, at);
      return end;
    }
    if (talk.mode === 'tls-expected') {
      talk.mode = 'commands';
      talk.events.add({ kind: 'tls', side: talk.client, what: 'not-tls', at: momentOf(at), octets: end - start, text: null });
    }
    const stop = this.#reader.take(bytes, start, end, at);
    if (bytes[stop - 1] !== LF) return stop;
    if (talk.restOfLine) {
      talk.restOfLine = false;
      this.#reader.drop();
      return stop;
    }
    const line = this.#reader.close(at, true);
    if (talk.mode === 'challenge' && !this.#swapped(line)) talk.respond(line);
    else if (talk.mode === 'uncertain') this.#weigh(line);
    else talk.say(line, false);
    return stop;
  }

  /** The challenge was written down before the command that it answers. */
  #swapped(line: Line): boolean {
    const talk = this.#talk;
    if (talk.earlyReply?.reply.code !== 334 || !looksLikeCommand(line.text)) return false;
    talk.mode = 'commands';
    return true;
  }

  /** These octets follow TLS but are none: they are read as lines. */
  leaveTls(): void {
    this.#inTls = false;
    this.#noTls = true;
  }

  /** What TLS holds is read by somebody else from now on, who may change how the conversation stands. */
  stayInTls(): void {
    this.#inTls = !this.#noTls;
  }

  /** No command begins with the control characters that TLS records begin with. */
  #startsTls(octet: number | undefined): boolean {
    const talk = this.#talk;
    if (this.#noTls) return false;
    if (talk.mode === 'tls-expected') return mayBeginRecord(octet) || (octet ?? 0) >= 0x80;
    const isFirst = talk.events.length === (talk.greeting ? 1 : 0);
    if (!mayBeginRecord(octet)) return talk.tlsAtOnce && isFirst && (octet ?? 0) >= 0x80;
    return talk.starttlsSaid || talk.mode === 'uncertain' || this.#tls.current() !== null || isFirst;
  }

  /** Judges a line of which it is not known whether it is a command. */
  #weigh(line: Line): void {
    const talk = this.#talk;
    if (looksLikeCommand(line.text)) {
      this.#prose = 0;
      talk.mode = 'commands';
      talk.say(line, true);
      return;
    }
    this.#prose += line.length;
    if (line.text === '.') {
      this.#assumeBody(line.at);
      talk.dataEnds(line.at);
      return;
    }
    if (!beginsHeader(line.text) && this.#prose < PROSE_OCTETS) return;
    const body = this.#assumeBody(line.at);
    const octets = Buffer.from(`${line.text}\r\n`, 'latin1');
    talk.dataBegins(line.at);
    body.feed(octets, 0, octets.length, { atUs: line.at.atUs, input: line.at.packet.input, packet: line.at.packet.number });
    body.scanner.skip(Math.max(0, this.#prose - octets.length));
    this.#prose = 0;
    body.afterGap = null;
  }

  /** The client is in a message whose DATA is not in the file. */
  #assumeBody(at: Moment): MailBody {
    const talk = this.#talk;
    const transaction = talk.ledger.resume() ?? talk.ledger.begin(-1, '');
    const body = new MailBody(transaction, false);
    body.hasGap = true;
    talk.body = body;
    talk.mode = 'body';
    talk.stages.reach('data-body', at);
    return body;
  }

  /** Behind DATA, before its reply: a message, unless the line reads as a command (the client gave up, or the refusal is not in the file). */
  #readOffered(bytes: Uint8Array, start: number, end: number, at: ArrivalView): number {
    const talk = this.#talk;
    const stop = this.#reader.take(bytes, start, end, at);
    const text = this.#reader.pendingText;
    const ended = bytes[stop - 1] === LF;
    if (!ended && this.#reader.pending < TAIL_OCTETS && mayBecomeCommand(text)) return stop;
    if (ended && looksLikeCommand(text)) {
      talk.mode = 'commands';
      talk.say(this.#reader.close(at, true), false);
      return stop;
    }
    talk.body = new MailBody(talk.queue.find('DATA')?.transaction ?? talk.ledger.current, true);
    talk.mode = 'body';
    this.#flushHeld(at);
    return stop;
  }

  /** Octets that were held back turn out to belong to the message. */
  #flushHeld(at: ArrivalView): void {
    if (this.#reader.pending === 0) return;
    const talk = this.#talk;
    const held = Buffer.from(this.#reader.pendingText, 'latin1');
    talk.dataBegins(this.#reader.pendingAt ?? momentOf(at));
    const beyond = this.#reader.pending - held.length;
    this.#reader.drop();
    this.#feedBody(held, 0, held.length, at);
    if (beyond > 0) talk.body?.scanner.skip(beyond);
  }

  #readBody(bytes: Uint8Array, start: number, end: number, at: ArrivalView): number {
    const talk = this.#talk;
    const body = talk.body;
    if (!body) {
      talk.mode = 'commands';
      return start;
    }
    if (body.afterGap === '' && this.#reader.pending < TAIL_OCTETS) {
      // Right behind a gap: MAIL or EHLO in full form shows that the final dot fell into it.
      const stop = this.#reader.take(bytes, start, end, at);
      const text = this.#reader.pendingText;
      const ended = bytes[stop - 1] === LF;
      if (!ended && mayBecomeCommand(text)) return stop;
      if (ended && looksLikeCommand(text, true)) {
        this.endInGap(this.#reader.pendingAt ?? momentOf(at));
        talk.mode = 'commands';
        talk.say(this.#reader.close(at, true), true);
        return stop;
      }
      this.#flushHeld(at);
      return stop;
    }
    this.#flushHeld(at);
    if (!body.started) talk.dataBegins(momentOf(at));
    return this.#feedBody(bytes, start, end, at);
  }

  #feedBody(bytes: Uint8Array, start: number, end: number, at: ArrivalView): number {
    const body = this.#talk.body;
    if (!body) return end;
    const stop = body.feed(bytes, start, end, at);
    if (stop >= 0) {
      this.#talk.dataEnds(momentOf(at));
      return stop;
    }
    if (body.afterGap !== null) {
      const room = TAIL_OCTETS - body.afterGap.length;
      body.afterGap = end - start > room ? null : body.afterGap + Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    }
    return end;
  }

  /** A final reply in the middle of the message, as far as it could be told: the server took its end. What came behind, if it reads as commands, is said now. */
  endByReply(): void {
    const talk = this.#talk;
    const { body } = talk;
    if (!body) return;
    const loose = body.looseEnd;
    const last = momentOf(talk.lastClient);
    if (!loose) {
      if (body.hasGap) this.endInGap(last);
      else {
        talk.dataEnds(last);
        talk.mode = 'uncertain';
      }
      return;
    }
    body.scanner.setOctets(loose.octets);
    talk.dataEnds(loose.at);
    const tail = Buffer.from(loose.tail ?? '', 'latin1');
    if (loose.tail === null) talk.mode = 'uncertain';
    else this.octets(tail, 0, tail.length, { ...talk.lastClient });
  }

  /** The final dot fell into a gap: what came behind the gap, if it reads as commands, is said now. Returns whether there was anything. */
  endInGap(at: Moment): boolean {
    const talk = this.#talk;
    const tail = talk.body?.afterGap ?? null;
    talk.dataEnds(at);
    talk.mode = 'uncertain';
    if (tail === null || tail === '') return false;
    const lines = tail.split('\n');
    const rest = lines.pop() ?? '';
    if (!lines.every((line) => looksLikeCommand(line))) return false;
    const place = { atUs: at.atUs, input: at.packet.input, packet: at.packet.number };
    for (const text of lines) this.octets(Buffer.from(`${text}\n`, 'latin1'), 0, text.length + 1, place);
    if (rest !== '') this.octets(Buffer.from(rest, 'latin1'), 0, rest.length, place);
    return true;
  }

  #readChunk(bytes: Uint8Array, start: number, end: number, at: ArrivalView): number {
    const talk = this.#talk;
    const { body, chunk } = talk;
    if (!body || !chunk) {
      talk.mode = 'commands';
      return start;
    }
    if (!body.started) talk.dataBegins(momentOf(at));
    const stop = start + Math.min(chunk.left, end - start);
    body.feedChunk(bytes, start, stop);
    chunk.left -= stop - start;
    if (chunk.left === 0) talk.chunkEnds(momentOf(at));
    return stop;
  }

  gap(length: number, why: StreamGap['kind'], at: ArrivalView): void {
    const talk = this.#talk;
    const place = momentOf(at);
    if (why === 'network') {
      // The client had begun to send the message, although nothing of it arrived.
      if (talk.mode === 'body' && talk.body && !talk.body.started) talk.dataBegins(place);
      talk.gap(talk.client, length, why, place);
      talk.mode = 'lost';
      return;
    }
    if (this.#inTls || talk.mode === 'tls') {
      talk.gap(talk.client, length, why, place);
      talk.unseenCommands = true;
      this.#tls.current()?.gap(talk.client, length, at);
      return;
    }
    if (this.#preface) this.#preface = null;
    const { body, chunk } = talk;
    if (talk.mode === 'offered' && this.#reader.pending > 0 && !verbOfCutLine(this.#reader.pendingText, this.#reader.pending + length)) {
      talk.body = new MailBody(talk.queue.find('DATA')?.transaction ?? talk.ledger.current, true);
      talk.mode = 'body';
    }
    if (talk.mode === 'body') {
      this.#gapInBody(length, why, at);
      return;
    }
    talk.gap(talk.client, length, why, place);
    talk.unseenCommands = true;
    if (talk.mode === 'chunk' && body && chunk) {
      talk.dataBegins(place);
      body.skip(Math.min(length, chunk.left));
      const beyond = length > chunk.left;
      chunk.left = Math.max(0, chunk.left - length);
      if (chunk.left === 0) talk.chunkEnds(place);
      if (beyond) talk.mode = 'uncertain';
      return;
    }
    this.#cutLine(length, at);
  }

  #gapInBody(length: number, why: StreamGap['kind'], at: ArrivalView): void {
    const talk = this.#talk;
    this.#flushHeld(at);
    const body = talk.body;
    const place = momentOf(at);
    if (!body) return;
    talk.dataBegins(place);
    talk.gap(talk.client, length, why, place);
    // A segment of three octets that begins with the dot is the dot line, also where the snap length leaves less of it.
    if (why === 'snap' && body.scanner.dotLine > 0 && body.scanner.dotLine + length === 3) {
      talk.dataEnds(place);
      talk.mode = 'uncertain';
      return;
    }
    body.skip(length);
    body.hasGap = true;
    body.afterGap = '';
  }

  /** A line of which the rest is missing: what is there may tell its verb. */
  #cutLine(length: number, at: ArrivalView): void {
    const talk = this.#talk;
    const isCertain = talk.mode === 'commands';
    const inChallenge = talk.mode === 'challenge';
    talk.mode = 'uncertain';
    this.#prose = 0;
    if (this.#reader.pending === 0) return;
    const text = this.#reader.pendingText;
    const line = this.#reader.close(at, true, length);
    if (inChallenge) {
      talk.respond(line);
      talk.mode = 'uncertain';
      return;
    }
    const verb = verbOfCutLine(text, line.length);
    if (verb) talk.say(line, !isCertain, verb);
    else if (isCertain && /^\S{4,}\s/.test(text)) talk.say(line, false);
  }

  /** The capture ends: what is half said is told as such. */
  finish(at: ArrivalView): void {
    const talk = this.#talk;
    if (this.#inTls) return;
    if (talk.mode === 'body' && talk.body) {
      this.#flushHeld(at);
      const tail = talk.body?.afterGap ?? '';
      // A last line like QUIT right behind a gap: the final dot fell into the gap.
      if (talk.body && tail !== '' && tail.endsWith('\n') && tail.split('\n').every((line) => line === '' || looksLikeCommand(line))) {
        this.endInGap(momentOf(talk.lastClient));
      }
      return;
    }
    if (this.#reader.pending === 0 || talk.restOfLine) return;
    const line = this.#reader.close(at, false);
    if (talk.mode === 'challenge') talk.respond(line);
    else if (talk.mode !== 'uncertain' || looksLikeCommand(line.text)) talk.say(line, talk.mode === 'uncertain');
    else if (isBinary(line.text)) talk.oddityOnce(talk.client, 'binary', line.at, '');
  }
}

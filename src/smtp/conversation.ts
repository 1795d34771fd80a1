import type { Moment } from '../model/evidence.ts';
import type { SmtpCommand, SmtpDataEvent, SmtpGapEvent, SmtpOddity, SmtpReply, Stage } from '../model/smtp.ts';
import type { ArrivalView } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import { otherSide } from '../model/units.ts';
import { BoundedList } from './bounded-list.ts';
import { type Draft, EventList } from './event-list.ts';
import { type DialogueBudget, ODDITY_OCTETS } from './budget.ts';
import type { ClientMode } from './client-mode.ts';
import { pathOf, readCommand } from './command-line.ts';
import type { ConversationReader } from './conversation-reader.ts';
import { HIDDEN, SecretMemory } from './credentials.ts';
import { isBinary, type Line } from './line-reader.ts';
import { MailBody } from './mail-data.ts';
import { addressOfProxyLine, isProxyLine } from './proxy-preface.ts';
import { fits, ReplyQueue, type Unanswered } from './reply-queue.ts';
import { Rhythm } from './rhythm.ts';
import { StageTrack } from './stages.ts';
import { type OpenTransaction, TransactionLedger } from './transactions.ts';
import { verbInfo } from './verbs.ts';

/** How far apart in time two packets may be that the capturing host wrote down in the wrong order. */
const CAPTURE_SKEW_US = 100;

const RECENT_ODDITIES = 32;

const IN_TRANSACTION: readonly Stage[] = ['mail', 'rcpt', 'data-command', 'data-body', 'data-end'];

/** What both streams know in common: the words so far and where the session stands. */
export class Conversation {
  readonly client: Side;
  readonly server: Side;
  readonly budget: DialogueBudget;
  readonly reader: ConversationReader;
  readonly events: EventList;
  readonly transactions: BoundedList<OpenTransaction>;
  readonly ledger: TransactionLedger;
  readonly queue: ReplyQueue;
  readonly stages: StageTrack;
  readonly rhythm = new Rhythm();
  readonly secrets = new SecretMemory();
  /** Those that were told once, as `side` and `what`. */
  readonly #odd: string[] = [];
  /** The client's last ones: a reply may yet show that they told of credentials. */
  readonly recentOddities: Draft<SmtpOddity>[] = [];

  /** The file begins after the handshake: earlier words are unknown. */
  readonly midStream: boolean;
  /** TLS is expected to begin with the first octet (port 465). */
  readonly tlsAtOnce: boolean;
  mode: ClientMode;
  body: MailBody | null = null;
  /** A body that ended before its go-ahead was seen. */
  tentativeBody: MailBody | null = null;
  /** A refused body broke off in mid-line: the server reads the rest of that line with it. */
  restOfLine = false;
  chunk: { left: number; readonly last: boolean; readonly entry: Unanswered } | null = null;
  /** Replies may answer commands that the file lacks. */
  unseenCommands: boolean;
  /** Replies may be missing to what is in the queue. */
  lostReplies = false;
  greeting: Draft<SmtpReply> | null = null;
  greetingMissed = false;
  heloName: string | null = null;
  lmtp = false;
  esmtp = false;
  capabilities: readonly string[] = [];
  /** A known verb was said; one that other protocols lack. */
  knowsVerbs = false;
  spokeSmtp = false;
  authSeen = false;
  authenticated = false;
  starttlsSaid = false;
  starttlsRefused = false;
  quit: number | null = null;
  /** The server takes no further commands. */
  quitIsFinal = false;
  xclient: string | null = null;
  acceptedAny = false;
  gaps = { client: false, server: false };
  /** Where the client's last octet came; filled anew with each segment. */
  readonly lastClient: ArrivalView = { atUs: 0, input: 0, packet: 0 };
  serverHeard = false;
  clientHeard = false;
  /** First command of a client that spoke before the greeting, if it did. */
  earlyClient: { readonly at: Moment; readonly text: string } | null = null;
  /** A reply that came with nothing owed; in captures out of order its command follows at once. */
  earlyReply: { readonly ordinal: number; readonly reply: Draft<SmtpReply> } | null = null;

  constructor(client: Side, midStream: boolean, tlsAtOnce: boolean, budget: DialogueBudget, reader: ConversationReader) {
    this.reader = reader;
    this.client = client;
    this.tlsAtOnce = tlsAtOnce;
    this.server = otherSide(client);
    this.budget = budget;
    this.midStream = midStream;
    this.unseenCommands = midStream;
    this.mode = midStream ? 'uncertain' : 'commands';
    this.events = new EventList(budget.events);
    this.transactions = new BoundedList(budget.transactions);
    this.ledger = new TransactionLedger(this.transactions, budget.recipients);
    this.queue = new ReplyQueue(budget.unanswered);
    this.stages = new StageTrack(budget.transactions * 6);
  }

  /** TLS begins, and what it holds can be read: nothing said in clear counts any more (RFC 3207, 4.2). */
  beginAnew(): void {
    if (this.mode !== 'lost') this.mode = 'commands';
    this.queue.clear();
    this.body = null;
    this.tentativeBody = null;
    this.chunk = null;
    this.earlyReply = null;
    this.unseenCommands = false;
    this.lostReplies = false;
  }

  oddity(side: Side, what: SmtpOddity['what'], at: Moment, text: string): void {
    const oddity: Draft<SmtpOddity> = { kind: 'oddity', side, what, at, text: text.slice(0, ODDITY_OCTETS) };
    this.events.add(oddity);
    if (side !== this.client) return;
    this.recentOddities.push(oddity);
    if (this.recentOddities.length > RECENT_ODDITIES) this.recentOddities.shift();
  }

  /** For oddities that would repeat with every line: only the first is an event. */
  oddityOnce(side: Side, what: SmtpOddity['what'], at: Moment, text: string): void {
    if (this.#odd.includes(`${side}${what}`)) return;
    this.#odd.push(`${side}${what}`);
    this.oddity(side, what, at, text);
  }

  gap(side: Side, length: number, why: SmtpGapEvent['why'], at: Moment): void {
    if (side === this.client) this.gaps.client = true;
    else this.gaps.server = true;
    // Of octets out of TLS the records that lack them were told.
    if (this.events.decrypted) return;
    const last = this.events.last();
    if (last?.kind === 'gap' && last.side === side && last.why === why) last.length += length;
    else this.events.add({ kind: 'gap', side, length, why, at });
  }

  /** The client says a line that is a command. `verb` where only the first octets of the line are known and tell it. */
  say(line: Line, afterGap: boolean, verb: string | null = null): void {
    const words = readCommand(verb === null ? line.text : line.text.replace(/^\S*/, verb), this.authSeen || afterGap || this.unseenCommands);
    if (words.hidden !== '') {
      this.secrets.remember(words.hidden);
      this.authSeen = true;
    }
    if (this.quitIsFinal) {
      this.oddityOnce(this.client, 'after-quit', line.at, words.known ? words.verb : '');
      return;
    }
    if (line.bareLineFeed) this.oddityOnce(this.client, 'bare-line-feed', line.at, words.verb);
    if (line.overlong) this.oddity(this.client, 'overlong-line', line.at, words.known ? words.verb : '');
    if (this.lostReplies && line.complete) this.#forgetUnanswered();
    if (!words.known && isBinary(line.text)) {
      this.oddity(this.client, 'binary', line.at, this.authSeen ? '' : line.text);
      if (line.complete) this.#await(words.verb, false, -1, null, null, -1, line.at);
      return;
    }
    const command = this.#commandEvent(line, words.verb, words.argument, words.known, afterGap);
    const ordinal = this.events.add(command);
    if (!line.complete) return;
    if (words.known) this.knowsVerbs = true;
    if (isProxyLine(command)) {
      this.xclient = addressOfProxyLine(command.argument) ?? this.xclient;
      return;
    }
    if (!this.serverHeard && !this.midStream) this.earlyClient ??= { at: line.at, text: words.verb };
    this.#obey(command, ordinal, line);
  }

  /** The client answers a challenge: nothing of it is kept. A lone asterisk cancels the exchange (RFC 4954, 4). */
  respond(line: Line): void {
    const cancels = line.text.trim() === '*';
    if (!cancels) this.secrets.remember(line.text);
    if (this.lostReplies) this.#forgetUnanswered();
    const command = this.#commandEvent(line, cancels ? '*' : HIDDEN, '', true, false);
    const ordinal = this.events.add(command);
    if (!line.complete) return;
    this.mode = 'commands';
    this.#await('AUTH', true, ordinal, command, null, -1, line.at);
  }

  #commandEvent(line: Line, verb: string, argument: string, known: boolean, afterGap: boolean): Draft<SmtpCommand> {
    const event: Draft<SmtpCommand> = {
      kind: 'command',
      verb,
      argument,
      known,
      at: line.at,
      completedBy: line.completedBy,
      complete: line.complete,
      pipelined: this.queue.length > 0,
      afterGap,
      length: line.length,
      reply: null,
    };
    if (line.missing > 0) event.missing = line.missing;
    return event;
  }

  #await(
    verb: string,
    known: boolean,
    event: number,
    command: Draft<SmtpCommand> | null,
    transaction: OpenTransaction | null,
    recipient: number,
    at: Moment,
  ): Unanswered {
    const entry: Unanswered = { verb, known, event, command, data: null, transaction, recipient, repliesLeft: 1, atUs: at.atUs };
    const early = this.earlyReply;
    this.earlyReply = null;
    // Capture queues may swap two packets: the reply stands before its command, not later than it by the clock.
    if (early && this.queue.length === 0 && at.atUs <= early.reply.at.atUs + CAPTURE_SKEW_US && fits(entry, early.reply.code))
      this.reader.answer(entry, early.ordinal, early.reply);
    else this.queue.push(entry);
    return entry;
  }

  #forgetUnanswered(): void {
    this.queue.clear();
    this.lostReplies = false;
  }

  #obey(command: Draft<SmtpCommand>, ordinal: number, line: Line): void {
    const { verb, argument } = command;
    const stage = verbInfo(verb)?.stage ?? null;
    // FTP and POP3 know QUIT, HELP and AUTH too.
    if (stage && verb !== 'QUIT' && verb !== 'AUTH') this.spokeSmtp = true;
    let transaction: OpenTransaction | null = null;
    let recipient = -1;
    if (verb === 'EHLO' || verb === 'HELO' || verb === 'LHLO') {
      this.heloName = argument.slice(0, 1_000);
      this.lmtp = verb === 'LHLO';
      transaction = this.ledger.current;
    } else if (stage === 'mail') transaction = this.ledger.begin(ordinal, pathOf(argument));
    else if (verb === 'RCPT') {
      transaction = this.ledger.resume() ?? this.#unknownTransaction();
      if (transaction) recipient = this.ledger.addRecipient(transaction, pathOf(argument), ordinal);
    } else if (verb === 'DATA') {
      transaction = this.ledger.resume() ?? this.#unknownTransaction();
      if (transaction) transaction.data ??= ordinal;
      this.mode = 'offered';
    } else if (verb === 'BDAT') {
      this.#offerChunk(command, ordinal, line);
      return;
    } else if (verb === 'RSET') this.ledger.withdraw(ordinal);
    else if (verb === 'QUIT') {
      this.ledger.withdraw(ordinal);
      this.quit = ordinal;
      this.quitIsFinal = argument === '' && !command.afterGap;
    } else if (verb === 'STARTTLS') this.starttlsSaid = true;
    else if (verb === 'AUTH') this.authSeen = true;
    else if (verb === 'XCLIENT') this.xclient = argument;
    if (stage) this.stages.reach(stage, line.at);
    else if (command.known) this.goOn(verb === 'RSET', line.at);
    // A word that was taken for a response is answered like one.
    this.#await(verb === HIDDEN ? 'AUTH' : verb, command.known, ordinal, command, transaction, recipient, line.at);
  }

  /** After what was refused or withdrawn, a command that begins no step of its own shows that the session goes on. */
  goOn(reset: boolean, at: Moment): void {
    const current = this.stages.current;
    const overWithTransaction = IN_TRANSACTION.includes(current) && !this.ledger.isOpen;
    if (!reset && !overWithTransaction && !(current === 'starttls' && this.starttlsRefused)) return;
    if (this.ledger.isOpen) return;
    if (this.acceptedAny) this.stages.reach('idle-after-message', at);
    else if (this.heloName !== null || this.midStream) this.stages.reach('helo', at);
  }

  /** Where earlier commands may be missing, what belongs to a transaction shows that there is one. */
  #unknownTransaction(): OpenTransaction | null {
    return this.unseenCommands ? this.ledger.begin(-1, '') : null;
  }

  #offerChunk(command: Draft<SmtpCommand>, ordinal: number, line: Line): void {
    const found = /^(\d{1,15})(?:\s+(LAST))?\s*$/i.exec(command.argument);
    const transaction = this.ledger.resume() ?? this.#unknownTransaction();
    if (transaction) transaction.data ??= ordinal;
    if (this.stages.current !== 'data-body') this.stages.reach('data-command', line.at);
    const entry = this.#await('BDAT', true, ordinal, command, transaction, -1, line.at);
    if (line.missing > 0) {
      // How much of the chunk the loss swallowed cannot be told.
      this.stages.reach('data-body', line.at);
      this.mode = 'uncertain';
      return;
    }
    if (!found) return;
    this.body ??= new MailBody(transaction, false);
    this.chunk = { left: Number(found[1]), last: found[2] !== undefined, entry };
    this.mode = 'chunk';
    if (this.chunk.left === 0) this.chunkEnds(line.at);
  }

  /** The first octet of the message. */
  dataBegins(at: Moment): void {
    const body = this.body;
    if (!body || body.started) return;
    body.started = true;
    if (this.lostReplies) {
      this.#forgetUnanswered();
      body.tentative = false;
    }
    this.events.add({ kind: 'data-start', at, octets: 0, reply: null });
    this.stages.reach('data-body', at);
  }

  /** The final dot is there, or certain to have been sent. */
  dataEnds(at: Moment): void {
    const body = this.body;
    this.mode = 'commands';
    if (!body) return;
    this.dataBegins(at);
    const event = this.#dataEvent('data-end', body, at);
    const ordinal = this.events.add(event);
    this.stages.reach('data-end', at);
    const entry = this.#await('.', true, ordinal, null, body.transaction, -1, at);
    entry.data = event;
    entry.repliesLeft = this.#finalReplies(body.transaction);
    this.tentativeBody = body.tentative ? body : null;
    this.body = null;
  }

  /** The last octet of a BDAT chunk is there. */
  chunkEnds(at: Moment): void {
    const { body, chunk } = this;
    this.mode = 'commands';
    this.chunk = null;
    if (!body || !chunk) return;
    const event = this.#dataEvent(chunk.last ? 'data-end' : 'chunk-end', body, at);
    const ordinal = this.events.add(event);
    const { entry } = chunk;
    // Refused before all of it was sent: that reply stands for the chunk.
    event.reply = entry.command?.reply ?? null;
    entry.data = event;
    if (event.reply === null) entry.event = ordinal;
    if (!chunk.last) return;
    entry.repliesLeft = this.#finalReplies(body.transaction);
    this.stages.reach('data-end', at);
    this.body = null;
  }

  #dataEvent(kind: SmtpDataEvent['kind'], body: MailBody, at: Moment): Draft<SmtpDataEvent> {
    if (body.transaction) {
      body.transaction.octets = body.scanner.octets;
      if (kind === 'data-end') {
        body.transaction.ended = true;
        body.transaction.header.cut();
      }
    }
    return { kind, at, octets: body.scanner.octets, reply: null };
  }

  #finalReplies(transaction: OpenTransaction | null): number {
    if (!this.lmtp || !transaction) return 1;
    return Math.max(1, transaction.recipients.filter(({ code }) => code === null || code < 400).length);
  }

  /** DATA was refused while its body was already on the way: the server reads that as command lines and answers each. */
  bodyWasCommands(refusal: number): void {
    const ended = this.tentativeBody;
    const body = ended ?? this.body;
    if (!body?.tentative) return;
    const entry: Unanswered = {
      verb: '?',
      known: false,
      event: -1,
      command: null,
      data: null,
      transaction: null,
      recipient: -1,
      repliesLeft: body.lines,
      atUs: 0,
    };
    if (ended) {
      const data = this.queue.find('.')?.data;
      if (data) data.reply = refusal;
      if (body.lines > 0) this.queue.replace(({ verb }) => verb === '.', entry);
    } else {
      if (body.endsInMidLine) entry.repliesLeft++;
      this.restOfLine = body.endsInMidLine;
      if (entry.repliesLeft > 0) this.queue.push(entry);
      this.body = null;
      this.mode = 'commands';
    }
    if (body.transaction) body.transaction.ended = false;
    this.tentativeBody = null;
  }
}

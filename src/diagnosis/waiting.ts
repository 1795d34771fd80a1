import { type SmtpCommand, type SmtpDataEvent, stageAt } from '../model/smtp.ts';
import { otherSide, type EpochUs, type Side } from '../model/units.ts';
import { SegmentNote, type Segment } from '../model/tcp.ts';
import { hidesWords } from '../model/tls.ts';
import { isServerUnheard, lastHeardBefore } from './half-heard.ts';
import { INSIDE_TLS } from './timers.ts';
import { has, isProgress, isRst, isSyn, type Scene } from './case.ts';

/** Who owed the next word at some moment, since when, and how that wait compares with the rest of the session. */
export interface Wait {
  readonly debtor: Side;
  readonly what: string;
  readonly sinceUs: EpochUs;
  readonly seconds: number;
  /** Longest pause between two new words of the session before this wait. */
  readonly rhythmSeconds: number;
  /** Since the connection was opened. */
  readonly sinceOpenSeconds: number;
  /** Since the last new octet of the debtor. */
  readonly sinceLastWordSeconds: number;
  /** The debtor keeps its window closed; what is owed is room. */
  readonly closedWindow: boolean;
}

/** A wait is unlike the session's rhythm from this factor on, and never below the floor: people and slow scanners pause for seconds. */
const DWARFS_FACTOR = 3;
const DWARFS_FLOOR_SECONDS = 2;

export function dwarfsRhythm(wait: Wait): boolean {
  return wait.seconds >= DWARFS_FLOOR_SECONDS && wait.seconds >= wait.rhythmSeconds * DWARFS_FACTOR;
}

/** The debt just before `atUs`; null when nothing had been said or owed. */
export function waitBefore(scene: Scene, atUs: EpochUs): Wait | null {
  const owed = debtBefore(scene, atUs);
  if (!owed) return null;
  const blocked = blockedBefore(scene, owed.debtor, atUs);
  const debt = blocked ?? owed;
  const { connection } = scene;
  const openUs = connection.establishedUs ?? connection.firstUs;
  const lastWordUs = lastProgress(scene, debt.debtor, atUs) ?? openUs;
  return {
    debtor: debt.debtor,
    what: debt.what,
    sinceUs: debt.sinceUs,
    closedWindow: blocked !== null,
    seconds: (atUs - debt.sinceUs) / 1e6,
    rhythmSeconds: longestPause(scene, debt.sinceUs) / 1e6,
    sinceOpenSeconds: (atUs - openUs) / 1e6,
    sinceLastWordSeconds: (atUs - Math.max(lastWordUs, openUs)) / 1e6,
  };
}

/** A debtor that may not send because the other side keeps its window closed owes nothing: the closed window does (RFC 9293, 3.8.6.1). */
function blockedBefore(scene: Scene, debtor: Side, atUs: EpochUs): Debt | null {
  if ((scene.notes & SegmentNote.zeroWindow) === 0) return null;
  let sinceUs: EpochUs | null = null;
  for (const segment of scene.segments) {
    if (segment.atUs >= atUs) break;
    if (segment.side === debtor || isRst(segment) || isSyn(segment)) continue;
    if (!has(segment, SegmentNote.zeroWindow)) sinceUs = null;
    else sinceUs ??= segment.atUs;
  }
  return sinceUs === null ? null : { debtor: otherSide(debtor), what: 'room for more octets (its window was closed)', sinceUs };
}

type Debt = Pick<Wait, 'debtor' | 'what' | 'sinceUs'>;

function debtBefore(scene: Scene, atUs: EpochUs): Debt | null {
  const { dialogue, connection, roles } = scene;
  if (!connection.bothDirections) return debtOfHalfHeard(scene, atUs);
  if (dialogue.tls && hidesWords(dialogue.tls) && dialogue.tls.firstUs < atUs) return debtInTls(scene, atUs);
  const openUs = connection.establishedUs ?? connection.firstUs;
  let greeted = !connection.sawSyn;
  let isInBody = false;
  let owed: SmtpCommand | SmtpDataEvent | null = null;
  for (const event of dialogue.events) {
    if (event.at.atUs >= atUs) continue;
    if (event.kind === 'reply') {
      greeted = true;
      continue;
    }
    if (event.kind === 'data-start') isInBody = true;
    if (event.kind === 'data-end') isInBody = false;
    if (owed !== null) continue;
    if (event.kind !== 'command' && event.kind !== 'data-end' && event.kind !== 'chunk-end') continue;
    if (event.kind === 'command' && !event.complete) continue;
    // DATA is answered by its 354 only; the first unanswered debt is the one that is waited for.
    if (!answeredBefore(scene, event.reply, atUs)) owed = event;
  }
  if (!greeted) return { debtor: roles.server, what: 'greeting', sinceUs: openUs };
  const clientUs = lastProgress(scene, roles.client, atUs) ?? openUs;
  if (isInBody && answeredAfter(scene, atUs)) return { debtor: roles.server, what: 'reply to the end of data', sinceUs: clientUs };
  if (isInBody) return { debtor: roles.client, what: 'rest of the message', sinceUs: clientUs };
  if (owed) return { debtor: roles.server, what: owed.kind === 'command' ? `reply to ${owed.verb}` : 'reply to the end of data', sinceUs: owed.at.atUs };
  return { debtor: roles.client, what: 'next command', sinceUs: Math.max(lastProgress(scene, roles.server, atUs) ?? openUs, clientUs) };
}

/** In a capture of one direction: whoever did not speak last owes; when the side that is not in the file spoke, the other's acknowledgements tell. */
function debtOfHalfHeard(scene: Scene, atUs: EpochUs): Debt | null {
  const { connection, dialogue, roles } = scene;
  if (dialogue.tls && hidesWords(dialogue.tls)) return null;
  const openUs = connection.establishedUs ?? connection.firstUs;
  const heardUs = lastHeardBefore(scene, atUs) ?? openUs;
  if (isServerUnheard(scene)) {
    const spokeUs = lastProgress(scene, roles.client, atUs) ?? openUs;
    const stage = stageAt(dialogue, atUs - 1);
    if (stage === 'data-body') return { debtor: roles.client, what: 'rest of the message', sinceUs: spokeUs };
    return heardUs >= spokeUs ? { debtor: roles.client, what: 'command', sinceUs: heardUs } : { debtor: roles.server, what: 'reply', sinceUs: spokeUs };
  }
  const spokeUs = lastProgress(scene, roles.server, atUs);
  if (spokeUs === null) return null;
  if (stageAt(dialogue, atUs - 1) === 'data-command') return { debtor: roles.client, what: 'rest of the message', sinceUs: Math.max(spokeUs, heardUs) };
  return spokeUs >= heardUs ? { debtor: roles.client, what: 'command', sinceUs: spokeUs } : { debtor: roles.server, what: 'reply', sinceUs: heardUs };
}

/** The final dot is not in the file, but the answer to it is, and it came later: all of the message had been sent. */
export function answeredAfter({ dialogue }: Scene, atUs: EpochUs): boolean {
  const last = dialogue.transactions.at(-1);
  const reply = last?.finalReply == null ? undefined : dialogue.events[last.finalReply];
  return last !== undefined && (last.ended || last.octets > 0) && reply?.kind === 'reply' && reply.at.atUs > atUs;
}

function answeredBefore({ dialogue }: Scene, reply: number | null, atUs: EpochUs): boolean {
  const event = reply === null ? undefined : dialogue.events[reply];
  return event !== undefined && 'at' in event && event.at.atUs < atUs;
}

/** Inside TLS the words cannot be read: whoever did not send the last record is taken for the one that owes. */
function debtInTls(scene: Scene, atUs: EpochUs): Debt | null {
  let last: Segment | null = null;
  for (const segment of scene.segments) {
    if (segment.atUs >= atUs) break;
    if (isProgress(segment)) last = segment;
  }
  return last && { debtor: otherSide(last.side), what: INSIDE_TLS, sinceUs: last.atUs };
}

function lastProgress(scene: Scene, side: Side, beforeUs: EpochUs): EpochUs | null {
  let found: Segment | null = null;
  for (const segment of scene.segments) {
    if (segment.atUs >= beforeUs) break;
    if (segment.side === side && isProgress(segment)) found = segment;
  }
  return found?.atUs ?? null;
}

function longestPause(scene: Scene, untilUs: EpochUs): number {
  let previous: Segment | null = null;
  let longest = 0;
  for (const segment of scene.segments) {
    if (segment.atUs > untilUs) break;
    if (!isProgress(segment)) continue;
    if (previous !== null) longest = Math.max(longest, segment.atUs - previous.atUs);
    previous = segment;
  }
  return longest;
}

import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../model/packet.ts';
import type { TcpEndpoint } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import type { Connection } from './connection.ts';
import type { Half } from './half.ts';

/**
 * Zeek's words for a connection: endpoint states, `conn_state` and `history`
 * (https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html).
 * They follow Zeek also where it is coarser than this room: every FIN closes and every RST resets, acceptable or not.
 */

/** Letters that are written once a direction, and those written again only for another sequence number. */
const SEEN = { D: 1, A: 2, I: 4, Q: 8, S: 16, H: 32, F: 64, R: 128 } as const;

/** A letter of direction 0 is upper case while the connection is open; `finishHistory` turns it to the originator. */
function letter(connection: Connection, direction: Side, code: string): void {
  connection.history += direction === 0 ? code : code.toLowerCase();
}

function letterOnce(connection: Connection, direction: Side, code: keyof typeof SEEN): boolean {
  const half = connection.halves[direction];
  if (half.historySeen & SEEN[code]) return false;
  half.historySeen |= SEEN[code];
  letter(connection, direction, code);
  return true;
}

/** Counted letters are written at the 1st, 10th, 100th … case. */
function letterByPowers(connection: Connection, direction: Side, code: string, count: number): void {
  let threshold = 1;
  while (threshold < count) threshold *= 10;
  if (threshold === count) letter(connection, direction, code);
}

/** Notes the flags of a segment. `seq` is relative, `length` its payload octets. */
export function noteFlags(connection: Connection, direction: Side, flags: number, seq: number, length: number): void {
  const half = connection.halves[direction];
  const control = flags & (TCP_SYN | TCP_FIN | TCP_RST);
  if (control === 0) {
    if (length > 0) letterOnce(connection, direction, 'D');
    else if (flags & TCP_ACK) letterOnce(connection, direction, 'A');
  } else if (control === TCP_SYN) {
    const code = flags & TCP_ACK ? 'H' : 'S';
    if (!letterOnce(connection, direction, code) && seq !== half.historySyn) letter(connection, direction, code);
    half.historySyn = seq;
  } else if (control === TCP_FIN) {
    if (!letterOnce(connection, direction, 'F') && seq + length !== half.historyFin) letter(connection, direction, 'F');
    half.historyFin = seq + length;
  } else if (control === TCP_RST) {
    if (!letterOnce(connection, direction, 'R') && seq !== half.historyRst) letter(connection, direction, 'R');
    half.historyRst = seq;
  } else letterOnce(connection, direction, control & TCP_FIN && control & TCP_RST ? 'I' : 'Q');
}

export function noteBadChecksum(connection: Connection, direction: Side): void {
  letterByPowers(connection, direction, 'C', ++connection.halves[direction].badChecksums);
}

export function noteGap(connection: Connection, direction: Side): void {
  letterByPowers(connection, direction, 'G', ++connection.halves[direction].gapCount);
}

export function noteRetransmission(connection: Connection, direction: Side): void {
  letterByPowers(connection, direction, 'T', ++connection.halves[direction].retransmissions);
}

/** A window of zero tells nothing beside or after a RST, or when the other end has closed and sends no more. */
export function noteZeroWindow(connection: Connection, direction: Side, flags: number): void {
  const half = connection.halves[direction];
  if (flags & TCP_RST || half.state === 'reset' || connection.halves[direction === 0 ? 1 : 0].state === 'closed') return;
  letterByPowers(connection, direction, 'W', ++half.zeroWindows);
}

/** Moves the endpoint states by the flags of a segment. */
export function moveStates(connection: Connection, direction: Side, flags: number, length: number): void {
  const half = connection.halves[direction];
  const peer = connection.halves[direction === 0 ? 1 : 0];
  switch (half.state) {
    case 'inactive':
      moveInactive(half, peer, direction === connection.originator, flags, length);
      return;
    case 'syn-sent':
    case 'syn-ack-sent':
      if (flags & TCP_FIN) enter(half, 'closed');
      if (flags & TCP_RST) enter(half, 'reset');
      return;
    case 'established':
    case 'partial':
      if (flags & TCP_SYN && !(flags & TCP_ACK) && half.state === 'partial' && peer.state === 'inactive') enter(half, 'syn-sent');
      if (flags & TCP_FIN && !(flags & TCP_RST)) {
        enter(half, 'closed');
        // FIN, then RST of the peer, then our FIN: an ordinary end after all.
        if (peer.state === 'reset' && peer.previousState === 'closed') enter(peer, 'closed');
      }
      if (flags & TCP_RST) enter(half, 'reset');
      return;
    case 'closed':
      if (flags & TCP_RST && peer.state !== 'closed') enter(half, 'reset');
      return;
    case 'reset':
      return;
  }
}

function moveInactive(half: Half, peer: Half, isOriginator: boolean, flags: number, length: number): void {
  if (flags & TCP_SYN) {
    if (isOriginator) enter(half, flags & TCP_ACK ? 'syn-ack-sent' : 'syn-sent');
    else {
      if (peer.state === 'syn-sent') enter(peer, 'established');
      enter(half, 'established');
    }
  }
  if (flags & TCP_FIN) enter(half, 'closed');
  if (flags & TCP_RST) enter(half, 'reset');
  if (half.state !== 'inactive') return;
  // Some stacks acknowledge a SYN before they answer it.
  if (!isOriginator && length === 0 && peer.state === 'syn-sent') return;
  enter(half, flags & TCP_ACK && peer.state === 'established' ? 'established' : 'partial');
}

function enter(half: Half, state: TcpEndpoint['state']): void {
  if (half.state === state) return;
  half.previousState = half.state;
  half.state = state;
}

/** The history with the originator in capitals, and `^` first when the first packet was the responder's. */
export function finishHistory(history: string, originator: Side): string {
  if (originator === 0) return history;
  const swapped = Array.from(history, (code) => (code === code.toLowerCase() ? code.toUpperCase() : code.toLowerCase()));
  return `^${swapped.join('')}`;
}

/** Zeek's `conn_state` from the states, the octets and the history. */
export function connStateOf(originator: Half, responder: Half, history: string): string {
  const o = originator.state;
  const r = responder.state;
  const originatorSilent = o === 'inactive' || o === 'partial';
  const responderSilent = r === 'inactive' || r === 'partial';
  if (r === 'reset') {
    if (o === 'syn-sent' || o === 'syn-ack-sent' || (o === 'reset' && originator.octets === 0 && responder.octets === 0)) return 'REJ';
    return originatorSilent ? 'RSTRH' : 'RSTR';
  }
  if (o === 'reset') {
    if (!responderSilent) return 'RSTO';
    return /^\^?S[^HAFGIQ]*R/.test(history) ? 'RSTOS0' : 'OTH';
  }
  if (o === 'closed' && r === 'closed') return 'SF';
  if (o === 'closed') return responderSilent ? 'SH' : 'S2';
  if (r === 'closed') return originatorSilent ? 'SHR' : 'S3';
  if (o === 'syn-sent' && r === 'inactive') return 'S0';
  return o === 'established' && r === 'established' ? 'S1' : 'OTH';
}

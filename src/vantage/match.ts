import type { CapturedSession } from '../model/pairing.ts';
import { TCP_RST, TCP_SYN } from '../model/packet.ts';

/** Two captures' views of one connection, and how far their clocks are apart. */
export interface VantageMatch {
  readonly here: CapturedSession;
  readonly there: CapturedSession;
  /** What settled it. */
  readonly basis: 'sequence numbers' | 'addresses' | 'words';
}

/**
 * Finds for each connection of the appliance's captures its view at another vantage point: by initial sequence numbers (they pass
 * NAT), else by addresses and ports, else by the words of the session (they pass a proxy). Each view is used once; what fits
 * several is matched to none.
 */
export function matchVantages(here: readonly CapturedSession[], there: readonly CapturedSession[]): VantageMatch[] {
  const free = new Set(there);
  const open = new Set(here);
  const matches: VantageMatch[] = [];
  for (const [basis, keyOf] of KEYS) {
    const offered = groupBy([...free], keyOf);
    for (const [key, mine] of groupBy([...open], keyOf)) {
      for (const [a, b] of inOrderOfTime(mine, offered.get(key) ?? [], basis)) {
        matches.push({ here: a, there: b, basis });
        open.delete(a);
        free.delete(b);
      }
    }
  }
  return matches;
}

const KEYS: readonly (readonly [VantageMatch['basis'], (session: CapturedSession) => string | null])[] = [
  [
    'sequence numbers',
    ({ connection }) => (connection.originator.isn === null ? null : `${connection.originator.isn}/${connection.originator.syn?.layout ?? ''}`),
  ],
  ['addresses', ({ connection: { originator, responder } }) => [originator.ip, originator.port, responder.ip, responder.port].join(' ')],
  ['words', wordsOf],
];

function wordsOf({ dialogue }: CapturedSession): string | null {
  const first = dialogue.transactions[0];
  if (!first || dialogue.heloName === null) return null;
  return JSON.stringify([dialogue.heloName, first.reversePath, first.recipients.map((recipient) => recipient.forwardPath)]);
}

function groupBy(sessions: readonly CapturedSession[], keyOf: (session: CapturedSession) => string | null): Map<string, CapturedSession[]> {
  const groups = new Map<string, CapturedSession[]>();
  for (const session of sessions) {
    const key = keyOf(session);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(session);
    else groups.set(key, [session]);
  }
  return groups;
}

/** The same address and port come again after a while: then order decides, but only where both sides saw equally many. */
function inOrderOfTime(
  mine: readonly CapturedSession[],
  theirs: readonly CapturedSession[],
  basis: VantageMatch['basis'],
): [CapturedSession, CapturedSession][] {
  if (mine.length !== theirs.length) return [];
  if (mine.length > 1 && basis === 'words') return [];
  const byTime = (list: readonly CapturedSession[]) => [...list].sort((a, b) => a.connection.firstUs - b.connection.firstUs);
  const sorted = byTime(theirs);
  return byTime(mine).flatMap((session, i) => (sorted[i] ? [[session, sorted[i]] as [CapturedSession, CapturedSession]] : []));
}

/**
 * Microseconds to add to a time of the other capture to get this capture's clock. Packets of the far side arrive here later than
 * they left there, packets of this side leave here before they arrive there: the truth lies between (Paxson's bounds).
 */
export function offsetBetween(matches: readonly VantageMatch[]): number {
  let atMost = Number.POSITIVE_INFINITY;
  let atLeast = Number.NEGATIVE_INFINITY;
  for (const { here, there } of matches) {
    const sent = new Map<string, number>();
    for (const segment of there.connection.segments) if (isMark(segment.flags, segment.length)) setFirst(sent, keyOf(segment), segment.atUs);
    for (const segment of here.connection.segments) {
      const thereUs = isMark(segment.flags, segment.length) ? sent.get(keyOf(segment)) : undefined;
      if (thereUs === undefined) continue;
      sent.delete(keyOf(segment));
      const difference = segment.atUs - thereUs;
      if (segment.side === here.dialogue.client) atMost = Math.min(atMost, difference);
      else atLeast = Math.max(atLeast, difference);
    }
  }
  if (atMost === Number.POSITIVE_INFINITY) return atLeast === Number.NEGATIVE_INFINITY ? 0 : atLeast;
  return atLeast === Number.NEGATIVE_INFINITY ? atMost : (atMost + atLeast) / 2;
}

function isMark(flags: number, length: number): boolean {
  return (flags & TCP_RST) === 0 && ((flags & TCP_SYN) !== 0 || length > 0);
}

function keyOf(segment: { readonly side: number; readonly seq: number; readonly length: number; readonly flags: number }): string {
  return `${segment.side}/${segment.seq}/${segment.length}/${segment.flags & TCP_SYN}`;
}

function setFirst(map: Map<string, number>, key: string, value: number): void {
  if (!map.has(key)) map.set(key, value);
}

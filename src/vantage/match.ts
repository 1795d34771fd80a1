import type { CapturedSession } from '../model/pairing.ts';
import { type ClockBounds, type ClockOffset, boundByOctets, noBounds, offsetWithin } from './clock.ts';
import { isNearerToClient } from './path.ts';

/** Two captures' views of one connection. */
export interface VantageMatch {
  readonly here: CapturedSession;
  readonly there: CapturedSession;
  /** What settled it. */
  readonly basis: 'sequence numbers' | 'addresses' | 'first packet' | 'words';
}

/**
 * Finds for each connection of one point its view at another: by initial sequence numbers (they pass address translation), else by addresses
 * and ports (they pass a box that randomises numbers), else by the fields of the SYN that neither touches, else by the words of the session
 * (they pass a proxy). Each view is used once; what fits several is matched to none.
 */
export function matchVantages(here: readonly CapturedSession[], there: readonly CapturedSession[]): VantageMatch[] {
  const free = new Set(there);
  const open = new Set(here);
  const matches: VantageMatch[] = [];
  for (const [basis, keyOf] of KEYS) {
    const offsetUs = matches.length > 0 ? offsetBetween(matches) : null;
    const offered = groupBy([...free], keyOf);
    for (const [key, mine] of groupBy([...open], keyOf)) {
      for (const [a, b] of inOrderOfTime(mine, offered.get(key) ?? [], basis, offsetUs)) {
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
  ['sequence numbers', ({ connection }) => (connection.originator.isn === null ? null : String(connection.originator.isn))],
  ['addresses', ({ connection: { originator, responder } }) => [originator.ip, originator.port, responder.ip, responder.port].join(' ')],
  ['first packet', firstPacketOf],
  ['words', wordsOf],
];

/** Translators change addresses and ports, randomisers the numbers; time stamp and IP identification of the SYN mostly stay. */
function firstPacketOf({ connection }: CapturedSession): string | null {
  if (!connection.sawSyn || connection.segments.length === 0) return null;
  const { ipId, tsVal, window } = connection.segments.at(0);
  // Without a time stamp what is left is too common.
  return tsVal < 0 ? null : `${ipId}/${tsVal}/${window}`;
}

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

function byTime(list: readonly CapturedSession[]): CapturedSession[] {
  return [...list].sort((a, b) => a.connection.firstUs - b.connection.firstUs);
}

/** How far apart the openings of one connection may seem at two points whose clocks are joined. */
const SAME_OPENING_US = 10_000_000;

/**
 * The same key comes again after a while (a port that is used again, a sender that says the same words): order decides where both points
 * saw equally many, else the time, where other connections join the clocks.
 */
function inOrderOfTime(
  mine: readonly CapturedSession[],
  theirs: readonly CapturedSession[],
  basis: VantageMatch['basis'],
  offsetUs: number | null,
): [CapturedSession, CapturedSession][] {
  const [own, others] = [byTime(mine), byTime(theirs)];
  const isOrdered = own.length === others.length && (own.length === 1 || (basis !== 'words' && basis !== 'first packet'));
  if (isOrdered) return own.flatMap((session, i) => (others[i] ? [[session, others[i]] as [CapturedSession, CapturedSession]] : []));
  if (offsetUs === null) return [];
  const distance = (a: CapturedSession, b: CapturedSession) => Math.abs(b.connection.firstUs + offsetUs - a.connection.firstUs);
  const near = (session: CapturedSession, list: readonly CapturedSession[]) => list.filter((other) => distance(session, other) <= SAME_OPENING_US);
  return own.flatMap((session): [CapturedSession, CapturedSession][] => {
    const [fit, ...rivals] = near(session, others);
    if (!fit || rivals.length > 0) return [];
    return own.some((rival) => rival !== session && distance(rival, fit) <= SAME_OPENING_US) ? [] : [[session, fit]];
  });
}

/**
 * Clock of the first point minus the clock of the second, from packets in both directions of all matched connections (Paxson's bounds).
 * Null where nothing ties them.
 */
export function clockBetween(matches: readonly VantageMatch[]): ClockOffset | null {
  const isNear = matches.map(({ here, there }) => isNearerToClient(there, here)).find((near) => near !== null) ?? true;
  const bounds: ClockBounds = noBounds();
  for (const { here, there } of matches.slice(0, MOST_CONNECTIONS)) {
    // Without both SYNs the two may count from different octets.
    if (!here.connection.sawSyn || !there.connection.sawSyn) continue;
    const [left, right] = isNear ? [there, here] : [here, there];
    boundByOctets(bounds, left, right, PLAIN);
  }
  const found = offsetWithin(bounds);
  return found && (isNear ? found : { ...found, offsetUs: -found.offsetUs });
}

/** More connections say nothing new of a clock. */
const MOST_CONNECTIONS = 500;
const PLAIN = { client: { toLeft: (number: number) => number }, server: { toLeft: (number: number) => number } };

/** Microseconds to add to a time of the other capture to get this capture's clock; 0 where nothing ties them. */
export function offsetBetween(matches: readonly VantageMatch[]): number {
  return clockBetween(matches)?.offsetUs ?? 0;
}

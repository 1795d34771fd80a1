import { parseAddress } from '../../model/address.ts';
import type { ReportSession } from '../../model/report.ts';
import { counted, showInstant } from '../times.ts';
import { isInterrupted, largestOctets, nameVerdict } from '../words.ts';
import { type BarRow, type BarTable, barTable, colourKeys, legend } from './bars.ts';
import { html, type Markup } from './markup.ts';
import { findOutliers } from './outliers.ts';

/** A session as the overview counts it. */
export interface CountedSession {
  readonly openedUs: number | null;
  readonly peerIp: string | null;
  readonly ending: string;
  /** Octets of its largest message; null where it had none. */
  readonly octets: number | null;
  /** Routers between the peer and the capture, by its TTL; null without packets. */
  readonly hops: number | null;
}

export const WELL = 'ended well';

export function countSession(session: ReportSession, hops: number | null): CountedSession {
  return {
    openedUs: session.opened === null ? null : Date.parse(session.opened) * 1000,
    peerIp: session.direction === 'outbound' ? session.serverIp : session.clientIp,
    ending: isInterrupted(session) ? nameVerdict(session.verdict) : WELL,
    octets: largestOctets(session),
    hops,
  };
}

const MOST_ROWS = 25;
const BUCKETS = 24;
/** Spans of time that people count in, in seconds. */
const STEPS = [1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800];

/** How sessions ended, by time, by who the peer was, by size and by distance, and what stands out there: one firewall, one peer or one size is seen at a glance. */
export function renderOverview(sessions: readonly CountedSession[]): Markup {
  const total: BarRow = rowOf('all', sessions);
  const colourOf = colourKeys([total], WELL);
  const tables: readonly Omit<BarTable, 'well'>[] = [
    { caption: 'Over time', head: 'from (UTC)', rows: byTime(sessions) },
    { caption: 'By network of the peer', head: 'network', rows: mostFrequent(sessions, networkOf) },
    { caption: 'By size of the largest message', head: 'size', rows: inOrder(sessions, sizeOf, SIZE_NAMES) },
    { caption: 'By distance of the peer (hops, from its TTL)', head: 'hops', rows: inOrder(sessions, hopsOf, null) },
  ];
  return html`<section aria-labelledby="overview"><h2 id="overview">Overview</h2>
<p>${counted(sessions.length, 'session')}, ${sessions.filter(({ ending }) => ending !== WELL).length} interrupted.</p>
${renderOutliers(sessions)}${legend(
  total.parts.map(({ key }) => key),
  colourOf,
)}${tables.map((table) => html`<p></p>${barTable({ ...table, well: WELL }, colourOf)}`)}</section>`;
}

/** Each way to part the sessions, and how a part is named. Without a message a session was broken off by definition. */
const PARTED: readonly (readonly [keyOf: (session: CountedSession) => string, nameOf: (key: string) => string])[] = [
  [networkOf, (key) => `of network ${key}`],
  [sizeOf, (key) => (key === NO_MESSAGE ? '' : `with a message of ${key}`)],
  [hopsOf, (key) => `from ${key} hops away`],
  [hourOf, (key) => `opened in the hour from ${key} UTC`],
];

function renderOutliers(sessions: readonly CountedSession[]): Markup {
  const parts = PARTED.flatMap(([keyOf, nameOf]) =>
    [...groupBy(sessions, keyOf)]
      .filter(([key]) => key !== UNKNOWN && nameOf(key) !== '')
      .map(([key, list]) => ({ where: nameOf(key), counts: endingsOf(list), total: list.length })),
  );
  const all = endingsOf(sessions);
  const found = findOutliers(parts, all, sessions.length);
  if (found.length === 0) return html`<p>Nothing stands out: no network, size, distance or hour has one of these endings much more often than the rest.</p>`;
  return html`<h3>What stands out</h3><ul>${found.map(
    ({ where, ending, count, total, elsewhere, others }) =>
      html`<li><b>${count} of ${total}</b> sessions ${where}: <b>${ending}</b>; of all others ${elsewhere} of ${others}</li>`,
  )}</ul>
`;
}

/** How often each ending came but for the good one. */
function endingsOf(sessions: readonly CountedSession[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { ending } of sessions) if (ending !== WELL) counts.set(ending, (counts.get(ending) ?? 0) + 1);
  return counts;
}

function rowOf(label: string, sessions: readonly CountedSession[], isRest = false): BarRow {
  const counts = new Map<string, number>();
  for (const { ending } of sessions) counts.set(ending, (counts.get(ending) ?? 0) + 1);
  const parts = [...counts].map(([key, count]) => ({ key, count }));
  return { label, isRest, parts: parts.sort((a, b) => Number(a.key === WELL) - Number(b.key === WELL) || b.count - a.count || a.key.localeCompare(b.key)) };
}

function byTime(sessions: readonly CountedSession[]): BarRow[] {
  const times = sessions.flatMap(({ openedUs }) => openedUs ?? []).map((us) => us / 1e6);
  if (times.length === 0) return [rowOf('unknown', sessions)];
  const first = times.reduce((least, time) => Math.min(least, time));
  const last = times.reduce((most, time) => Math.max(most, time));
  const step = STEPS.find((seconds) => (last - first) / seconds < BUCKETS) ?? Math.ceil((last - first) / BUCKETS);
  const groups = groupBy(sessions, ({ openedUs }) => (openedUs === null ? 'unknown' : String(Math.floor(openedUs / 1e6 / step))));
  const keys = [...groups.keys()].sort((a, b) => Number(a) - Number(b));
  return keys.map((key) => rowOf(key === 'unknown' ? key : showInstant(new Date(Number(key) * step * 1000).toISOString(), 0), groups.get(key) ?? []));
}

function mostFrequent(sessions: readonly CountedSession[], keyOf: (session: CountedSession) => string): BarRow[] {
  const groups = [...groupBy(sessions, keyOf)];
  const harmed = (list: readonly CountedSession[]): number => list.filter(({ ending }) => ending !== WELL).length;
  groups.sort((a, b) => harmed(b[1]) - harmed(a[1]) || b[1].length - a[1].length || a[0].localeCompare(b[0]));
  const rest = groups.slice(MOST_ROWS).flatMap(([, list]) => list);
  const rows = groups.slice(0, MOST_ROWS).map(([key, list]) => rowOf(key, list));
  return rest.length === 0 ? rows : [...rows, rowOf(`${groups.length - MOST_ROWS} others`, rest, true)];
}

function inOrder(sessions: readonly CountedSession[], keyOf: (session: CountedSession) => string, order: readonly string[] | null): BarRow[] {
  const groups = groupBy(sessions, keyOf);
  const rank = (key: string): number => (order ? order.indexOf(key) : key === UNKNOWN ? Number.POSITIVE_INFINITY : Number(key));
  return [...groups].sort((a, b) => rank(a[0]) - rank(b[0])).map(([key, list]) => rowOf(key, list));
}

const UNKNOWN = 'unknown';
const NO_MESSAGE = 'no message';
const SIZES: readonly (readonly [name: string, below: number])[] = [
  [NO_MESSAGE, 0],
  ['below 10 kB', 10_000],
  ['10 to 100 kB', 100_000],
  ['100 kB to 1 MB', 1_000_000],
  ['1 to 10 MB', 10_000_000],
  ['10 MB and more', Number.POSITIVE_INFINITY],
];

const SIZE_NAMES = SIZES.map(([name]) => name);

function sizeOf({ octets }: CountedSession): string {
  if (octets === null) return NO_MESSAGE;
  return SIZES.find(([, below]) => octets < below)?.[0] ?? '10 MB and more';
}

function hopsOf({ hops }: CountedSession): string {
  return hops === null ? UNKNOWN : String(hops);
}

function hourOf({ openedUs }: CountedSession): string {
  return openedUs === null ? UNKNOWN : showInstant(new Date(Math.floor(openedUs / 3600e6) * 3600e3).toISOString(), 0);
}

/** /24 of IPv4 and /48 of IPv6: what one site usually has. */
function networkOf({ peerIp }: CountedSession): string {
  const octets = peerIp === null ? null : parseAddress(peerIp);
  if (!octets) return UNKNOWN;
  if (octets.length === 4) return `${octets[0]}.${octets[1]}.${octets[2]}.0/24`;
  const groups = [0, 2, 4].map((at) => (((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)).toString(16));
  return `${groups.join(':')}::/48`;
}

function groupBy<T>(list: readonly T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of list) {
    const key = keyOf(entry);
    const known = groups.get(key);
    if (known) known.push(entry);
    else groups.set(key, [entry]);
  }
  return groups;
}

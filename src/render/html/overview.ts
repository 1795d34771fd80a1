import { parseAddress } from '../../model/address.ts';
import type { ReportSession } from '../../model/report.ts';
import { showInstant } from '../times.ts';
import { isInterrupted, nameVerdict } from '../words.ts';
import { barTable, colourKeys, legend, type BarRow } from './bars.ts';
import { html, type Markup } from './markup.ts';

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
  const octets = session.transactions.flatMap((transaction) => transaction.octets ?? []);
  return {
    openedUs: session.opened === null ? null : Date.parse(session.opened) * 1000,
    peerIp: session.direction === 'outbound' ? session.serverIp : session.clientIp,
    ending: isInterrupted(session) ? nameVerdict(session.verdict) : WELL,
    octets: octets.length === 0 ? null : Math.max(...octets),
    hops,
  };
}

const MOST_ROWS = 25;
const BUCKETS = 24;
/** Spans of time that people count in, in seconds. */
const STEPS = [1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800];

/** How sessions ended, by time, by who the peer was, by size and by distance: one firewall, one peer or one size is seen at a glance. */
export function renderOverview(sessions: readonly CountedSession[]): Markup {
  const total: BarRow = rowOf('all', sessions);
  const colourOf = colourKeys([total], WELL);
  const tables = [
    barTable('Over time', 'from (UTC)', byTime(sessions), colourOf),
    barTable('By network of the peer', 'network', mostFrequent(sessions, networkOf), colourOf),
    barTable(
      'By size of the largest message',
      'size',
      inOrder(
        sessions,
        sizeOf,
        SIZES.map(([name]) => name),
      ),
      colourOf,
    ),
    barTable('By distance of the peer (hops, from its TTL)', 'hops', inOrder(sessions, hopsOf, null), colourOf),
  ];
  return html`<section aria-labelledby="overview"><h2 id="overview">Overview</h2>
<p>${sessions.length} sessions, ${sessions.filter(({ ending }) => ending !== WELL).length} interrupted.</p>
${legend(
  total.parts.map(({ key }) => key),
  colourOf,
)}${tables.map((table) => html`<p></p>${table}`)}</section>`;
}

function rowOf(label: string, sessions: readonly CountedSession[]): BarRow {
  const counts = new Map<string, number>();
  for (const { ending } of sessions) counts.set(ending, (counts.get(ending) ?? 0) + 1);
  const parts = [...counts].map(([key, count]) => ({ key, count }));
  return { label, parts: parts.sort((a, b) => Number(a.key === WELL) - Number(b.key === WELL) || b.count - a.count || a.key.localeCompare(b.key)) };
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
  return rest.length === 0 ? rows : [...rows, rowOf(`${groups.length - MOST_ROWS} others`, rest)];
}

function inOrder(sessions: readonly CountedSession[], keyOf: (session: CountedSession) => string, order: readonly string[] | null): BarRow[] {
  const groups = groupBy(sessions, keyOf);
  const rank = (key: string): number => (order ? order.indexOf(key) : key === UNKNOWN ? Number.POSITIVE_INFINITY : Number(key));
  return [...groups].sort((a, b) => rank(a[0]) - rank(b[0])).map(([key, list]) => rowOf(key, list));
}

const UNKNOWN = 'unknown';
const SIZES: readonly (readonly [name: string, below: number])[] = [
  ['no message', 0],
  ['below 10 kB', 10_000],
  ['10 to 100 kB', 100_000],
  ['100 kB to 1 MB', 1_000_000],
  ['1 to 10 MB', 10_000_000],
  ['10 MB and more', Number.POSITIVE_INFINITY],
];

function sizeOf({ octets }: CountedSession): string {
  if (octets === null) return 'no message';
  return SIZES.find(([, below]) => octets < below)?.[0] ?? '10 MB and more';
}

function hopsOf({ hops }: CountedSession): string {
  return hops === null ? UNKNOWN : String(hops);
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

import { SECOND_US, type DurationUs } from '../model/units.ts';

/** What tracking may cost. Whatever a limit costs a connection is said in its `caveats`. */
export interface TcpBudget {
  /** Open connections; beyond it the oldest attempts that nobody answered are sealed early. Answered connections are never given up. */
  readonly openConnections: number;
  /** Segments logged for a connection in full; later ones are kept when they matter (SYN, FIN, RST, retransmissions, zero windows, pauses above a second). */
  readonly segmentRows: number;
  /** Segments kept in addition because they matter. */
  readonly importantRows: number;
  /** Last segments of a connection that is over the budget. */
  readonly recentRows: number;
  /** Octets held behind a hole, a direction; beyond it the hole becomes a `budget` gap. */
  readonly heldOctetsPerDirection: number;
  /** The same over all connections. */
  readonly heldOctetsTotal: number;
  /** Last octets of a direction kept to compare retransmissions with; older ones are not compared. */
  readonly recentOctetsPerDirection: number;
  readonly recentOctetsTotal: number;
  /** Gaps listed for a connection; further ones are only counted. */
  readonly gaps: number;
  /** Silence after the end of a connection until it is sealed, in packet time: above the longest pause between retransmissions (120 s on Linux; RFC 6298, 2.5 wants 60 s or more). */
  readonly lingerUs: DurationUs;
  /** Silence of an open connection until what it holds is put into the store, in packet time; what it says later takes longer then. */
  readonly idleUs: DurationUs;
}

export const DEFAULT_TCP_BUDGET: TcpBudget = {
  openConnections: 250_000,
  segmentRows: 20_000,
  importantRows: 20_000,
  recentRows: 1_000,
  heldOctetsPerDirection: 4 << 20,
  heldOctetsTotal: 64 << 20,
  recentOctetsPerDirection: 32 << 10,
  recentOctetsTotal: 64 << 20,
  gaps: 2_000,
  lingerUs: 130 * SECOND_US,
  idleUs: 30 * SECOND_US,
};

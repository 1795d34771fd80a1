import type { NumberColumn } from '../model/number-column.ts';
import type { Depot } from '../model/octet-store.ts';
import type { Interest, PacketSink } from '../model/packet.ts';
import type { TcpConnection } from '../model/tcp.ts';
import { followDialogue } from '../smtp/index.ts';
import { type ConnectionTracker, DEFAULT_TCP_BUDGET, openLog, type TcpBudget, trackConnections } from '../tcp/index.ts';
import { holdsKeys, type KeyRing, tlsFollowers } from '../tls/index.ts';
import { type KeptStream, SessionVault } from '../vault/index.ts';
import { takeKeyLog } from './read-keys.ts';

/** A flood of SYNs must not become a report of millions of sessions. */
const ATTEMPTS_LISTED = 20_000;

export interface VantageReaderOptions {
  readonly name: string;
  /** Of mail; those that turn out to be are marked as well. */
  readonly ports: Uint8Array;
  readonly depot: Depot;
  /** Null where nothing is to be opened. */
  readonly ring: KeyRing | null;
  /** Which of how many readers of the same captures it is, each with its share of the connections. */
  readonly lane: number;
  readonly lanes: number;
}

/** Follows the connections of one vantage point and their dialogues while its captures are read, and keeps those of mail. */
export class VantageReader {
  readonly #options: VantageReaderOptions;
  readonly #share: number;
  #tracker: ConnectionTracker;
  #vault: SessionVault;
  #births: NumberColumn;
  /** Attempts to connect that nobody answered. */
  #attempts = 0;
  readonly sink: PacketSink = {
    segment: (view) => this.#tracker.segment(view),
    icmp: (error) => this.#tracker.icmp(error),
  };
  readonly interest: Interest;

  constructor(options: VantageReaderOptions) {
    this.#options = options;
    const { ports, ring, depot, lanes } = options;
    this.#share = Math.floor(ATTEMPTS_LISTED / lanes);
    this.#vault = new SessionVault(depot, openLog);
    this.#births = depot.newColumn(8);
    this.#tracker = this.#track();
    this.interest = {
      ports,
      smtpElsewhere: (port) => {
        ports[port] = 1;
      },
      keyLog: (octets) => {
        if (ring === null) return false;
        // What was said so far was heard without these keys.
        this.#tracker.rouse();
        return takeKeyLog(octets, ring.secrets);
      },
    };
  }

  /** Forgets what it was told: the captures are read from the start again. */
  restart(): PacketSink {
    const { depot } = this.#options;
    this.#vault = new SessionVault(depot, openLog);
    this.#births = depot.newColumn(8);
    this.#attempts = 0;
    this.#tracker = this.#track();
    return this.sink;
  }

  #track(): ConnectionTracker {
    const { name, ports, depot, ring, lane, lanes } = this.#options;
    const openTls = tlsFollowers(ring);
    const mayRest = (): boolean => !holdsKeys(ring);
    return trackConnections({
      vantage: name,
      store: depot.store,
      serverPorts: ports,
      openStream: (info) => this.#vault.listen(followDialogue({ clientSide: info.sawSyn ? 0 : null, serverPort: info.responderPort, openTls }), mayRest),
      countAttempt: () => {
        if (this.#attempts < this.#share) return false;
        this.#attempts++;
        return true;
      },
      onConnection: (connection, stream) => {
        if (isUnanswered(connection) && ++this.#attempts > this.#share) return;
        const dialogue = (stream as KeptStream).finish();
        if (dialogue.isSmtp || ports[connection.responder.port] === 1) this.#vault.keep(connection, dialogue);
      },
      ...(lanes === 1 ? {} : { lane: { index: lane, of: lanes, born: (at: number) => this.#births.add(at) }, budget: shareOf(lanes) }),
    });
  }

  /** Seals what is still open. */
  finish(): void {
    this.#tracker.finish();
  }

  get vault(): SessionVault {
    return this.#vault;
  }

  /** When the lane's connections began, by their stream; see `Lane`. */
  get births(): Float64Array {
    return this.#births.values();
  }

  /** Attempts beyond those that are in the vault. */
  get unlisted(): number {
    return Math.max(0, this.#attempts - this.#share);
  }

  /** A limit that a reader shares with those of other lanes was reached. */
  get isStrained(): boolean {
    return this.#tracker.strained || this.#attempts > this.#share;
  }
}

/** Lanes that each stay within their share stay within the whole together. */
function shareOf(lanes: number): Partial<TcpBudget> {
  const { openConnections, heldOctetsTotal, recentOctetsTotal } = DEFAULT_TCP_BUDGET;
  return {
    openConnections: Math.floor(openConnections / lanes),
    heldOctetsTotal: Math.floor(heldOctetsTotal / lanes),
    recentOctetsTotal: Math.floor(recentOctetsTotal / lanes),
  };
}

function isUnanswered({ sawSyn, bothDirections, originator, icmp }: TcpConnection): boolean {
  return sawSyn && !bothDirections && originator.octets === 0 && originator.state === 'syn-sent' && icmp.length === 0;
}

import type { NewShelf, Shelf } from '../model/octet-store.ts';
import type { CapturedSession } from '../model/pairing.ts';
import type { EpochUs } from '../model/units.ts';
import type { CapturedTraits, HistoryKind, LoggedSession } from './traits.ts';

/** So many sessions of each side keep their details at hand; a ring of the others would be emptied by every pass over all sessions. */
const AT_HAND = 8_192;
/** Stands for an address where the details are at hand. */
const NOWHERE = -1;
/** Further sessions of each side whose details are unpacked at present: neighbours in time are compared with the same ones. */
const UNPACKED = 256;

/** Keeps what pairing knows of a session in a few hundred octets: by what it is found stays at hand, the details are on a shelf. */
export class TraitsKeeper {
  readonly #captured: DetailShelf<CapturedDetails>;
  readonly #logged: DetailShelf<LoggedDetails>;

  constructor(newShelf: NewShelf) {
    this.#captured = new DetailShelf(newShelf<CapturedDetails>());
    this.#logged = new DetailShelf(newShelf<LoggedDetails>());
  }

  keepCaptured(traits: CapturedTraits): CapturedTraits {
    return new KeptCaptured(traits, this.#captured);
  }

  keepLogged(session: LoggedSession): LoggedSession {
    return new KeptLogged(session, this.#logged);
  }
}

/** Something whose details are on a shelf. */
interface Kept<T> {
  unpacked: T | null;
}

class DetailShelf<T> {
  readonly #shelf: Shelf<T>;
  readonly #unpacked: (Kept<T> | undefined)[] = [];
  #next = 0;
  #atHand = 0;

  constructor(shelf: Shelf<T>) {
    this.#shelf = shelf;
  }

  /** The address by which details are unpacked; `NOWHERE` where they are to be kept as they are. */
  keep(details: T): number {
    if (this.#atHand === AT_HAND) return this.#shelf.keep(details);
    this.#atHand++;
    return NOWHERE;
  }

  unpack(kept: Kept<T>, address: number): T {
    const oldest = this.#unpacked[this.#next];
    if (oldest) oldest.unpacked = null;
    this.#unpacked[this.#next] = kept;
    this.#next = (this.#next + 1) % UNPACKED;
    const details = this.#shelf.get(address);
    kept.unpacked = details;
    return details;
  }
}

type CapturedDetails = Omit<
  CapturedTraits,
  'session' | 'direction' | 'originatorIp' | 'sawOpen' | 'accepted' | 'firstUs' | 'acceptUs' | 'lastUs' | 'namesMessages' | 'forwards'
>;

/** Field by field: what is left over by a pattern (`...rest`) is an object with a hidden class of its own. */
function detailsOfCaptured(traits: CapturedTraits): CapturedDetails {
  return {
    responderIp: traits.responderIp,
    responderPort: traits.responderPort,
    open: traits.open,
    endUs: traits.endUs,
    endNoticedUs: traits.endNoticedUs,
    quitUs: traits.quitUs,
    quitAnswered: traits.quitAnswered,
    heloName: traits.heloName,
    greetingCode: traits.greetingCode,
    readable: traits.readable,
    tls: traits.tls,
    tlsEstablished: traits.tlsEstablished,
    encryptedOctets: traits.encryptedOctets,
    talks: traits.talks,
  };
}

class KeptCaptured implements CapturedTraits, Kept<CapturedDetails> {
  readonly session: CapturedSession;
  readonly direction: CapturedTraits['direction'];
  readonly originatorIp: string;
  readonly sawOpen: boolean;
  readonly accepted: boolean;
  readonly firstUs: EpochUs;
  readonly acceptUs: EpochUs;
  readonly lastUs: EpochUs;
  readonly namesMessages: boolean;
  readonly forwards: boolean;
  unpacked: CapturedDetails | null = null;
  readonly #shelf: DetailShelf<CapturedDetails>;
  readonly #address: number;

  constructor(traits: CapturedTraits, shelf: DetailShelf<CapturedDetails>) {
    const { session, direction, originatorIp, sawOpen, accepted, firstUs, acceptUs, lastUs, namesMessages, forwards } = traits;
    this.session = session;
    this.direction = direction;
    this.originatorIp = originatorIp;
    this.sawOpen = sawOpen;
    this.accepted = accepted;
    this.firstUs = firstUs;
    this.acceptUs = acceptUs;
    this.lastUs = lastUs;
    this.namesMessages = namesMessages;
    this.forwards = forwards;
    this.#shelf = shelf;
    const details = detailsOfCaptured(traits);
    this.#address = shelf.keep(details);
    if (this.#address === NOWHERE) this.unpacked = details;
  }

  get responderIp(): string {
    return this.#details.responderIp;
  }
  get responderPort(): number {
    return this.#details.responderPort;
  }
  get open(): CapturedTraits['open'] {
    return this.#details.open;
  }
  get endUs(): EpochUs | null {
    return this.#details.endUs;
  }
  get endNoticedUs(): EpochUs | null {
    return this.#details.endNoticedUs;
  }
  get quitUs(): EpochUs | null {
    return this.#details.quitUs;
  }
  get quitAnswered(): boolean {
    return this.#details.quitAnswered;
  }
  get heloName(): CapturedTraits['heloName'] {
    return this.#details.heloName;
  }
  get greetingCode(): number | null {
    return this.#details.greetingCode;
  }
  get readable(): boolean {
    return this.#details.readable;
  }
  get tls(): CapturedTraits['tls'] {
    return this.#details.tls;
  }
  get tlsEstablished(): boolean {
    return this.#details.tlsEstablished;
  }
  get encryptedOctets(): number | null {
    return this.#details.encryptedOctets;
  }
  get talks(): CapturedTraits['talks'] {
    return this.#details.talks;
  }

  get #details(): CapturedDetails {
    return this.unpacked ?? this.#shelf.unpack(this, this.#address);
  }
}

type LoggedDetails = Omit<LoggedSession, 'kind' | 'id' | 'appliance' | 'place' | 'input' | 'peerIp' | 'localIp' | 'openedUs' | 'firstUs' | 'lastUs'>;

function detailsOfLogged(session: LoggedSession): LoggedDetails {
  return {
    peerPort: session.peerPort,
    brokenUs: session.brokenUs,
    closedUs: session.closedUs,
    lost: session.lost,
    tlsUs: session.tlsUs,
    tlsOk: session.tlsOk,
    heloName: session.heloName,
    refused: session.refused,
    whole: session.whole,
    queuedUs: session.queuedUs,
    messages: session.messages,
  };
}

class KeptLogged implements LoggedSession, Kept<LoggedDetails> {
  readonly kind: HistoryKind;
  readonly id: number;
  readonly appliance: string;
  readonly place: number;
  readonly input: number;
  readonly peerIp: string | null;
  readonly localIp: string | null;
  readonly openedUs: EpochUs | null;
  readonly firstUs: EpochUs;
  readonly lastUs: EpochUs;
  unpacked: LoggedDetails | null = null;
  readonly #shelf: DetailShelf<LoggedDetails>;
  readonly #address: number;

  constructor(session: LoggedSession, shelf: DetailShelf<LoggedDetails>) {
    const { kind, id, appliance, place, input, peerIp, localIp, openedUs, firstUs, lastUs } = session;
    this.kind = kind;
    this.id = id;
    this.appliance = appliance;
    this.place = place;
    this.input = input;
    this.peerIp = peerIp;
    this.localIp = localIp;
    this.openedUs = openedUs;
    this.firstUs = firstUs;
    this.lastUs = lastUs;
    this.#shelf = shelf;
    const details = detailsOfLogged(session);
    this.#address = shelf.keep(details);
    if (this.#address === NOWHERE) this.unpacked = details;
  }

  get peerPort(): number | null {
    return this.#details.peerPort;
  }
  get brokenUs(): EpochUs | null {
    return this.#details.brokenUs;
  }
  get closedUs(): EpochUs | null {
    return this.#details.closedUs;
  }
  get lost(): boolean {
    return this.#details.lost;
  }
  get tlsUs(): EpochUs | null {
    return this.#details.tlsUs;
  }
  get tlsOk(): boolean | null {
    return this.#details.tlsOk;
  }
  get heloName(): string | null {
    return this.#details.heloName;
  }
  get refused(): boolean {
    return this.#details.refused;
  }
  get whole(): boolean {
    return this.#details.whole;
  }
  get queuedUs(): EpochUs | null {
    return this.#details.queuedUs;
  }
  get messages(): LoggedSession['messages'] {
    return this.#details.messages;
  }

  get #details(): LoggedDetails {
    return this.unpacked ?? this.#shelf.unpack(this, this.#address);
  }
}

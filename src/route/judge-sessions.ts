import { canonicalAddress } from '../model/address.ts';
import { sessionsElsewhere } from '../assembly/index.ts';
import { judge, surveyPeers } from '../diagnosis/index.ts';
import type { Inference } from '../model/inference.ts';
import { inferSession } from '../inference/index.ts';
import type { CaptureContext, Judgement, LogContext, OtherVantage } from '../model/judgement.ts';
import type { MailLog } from '../model/maillog.ts';
import type { CapturedList, CapturedSession, PairingResult, Session } from '../model/pairing.ts';
import type { Site } from '../model/settings.ts';
import { interferenceBetween, matchVantages, offsetBetween } from '../vantage/index.ts';
import { PressedTimes } from './pressed-times.ts';
import { APPLIANCE, EMPTY_CONTEXT, type Vantage } from './read-vantages.ts';
import { Strays } from './strays.ts';

/** A session that can be judged, before it is put into the report's words. */
export interface JudgedSession {
  readonly session: Session;
  readonly vantage: string;
  /** Where it stands among all that were paired; null for a connection that only another vantage point holds. */
  readonly place: number | null;
  /** Judges it, anew with each call: a judgement is many times larger than what it rests on. */
  judge(): Judgement;
}

/** Sessions that can be judged, each prepared when it is asked for. */
export interface JudgedList {
  readonly length: number;
  at(place: number): JudgedSession | undefined;
}

/** Prepares every session for judging with all that is known of it: packets, log, and what other vantage points saw of the same connection. */
export function judgeSessions(pairing: PairingResult, vantages: readonly Vantage[], site: Site, log: MailLog | null): JudgedList {
  const own = vantages.find((vantage) => vantage.name === APPLIANCE);
  const far = vantages.filter((vantage) => vantage.name !== APPLIANCE).map((vantage) => viewFrom(vantage, own?.sessions ?? []));
  const logContext = contextOfLog(log, pairing);
  const addresses = pairing.applianceAddresses.map(canonicalAddress);
  const strays = new Strays();
  const survey = surveyPeers(pairing.sessions, (captured) => strays.add(captured));
  const told: Site = { ...site, balancers: pairing.balancers };
  const pressed = new PressedTimes(log?.statuses ?? []);
  const judgeOne: JudgeOne = (session, context, others) =>
    addInterference(
      judge({
        session,
        clock: pairing.clock,
        site: told,
        capture: context,
        log: logContext,
        others,
        siblings: strays.siblingsOf(session),
        survey,
        pressed: pressed.atEndOf(session),
        infer: onDemand(session),
      }),
      interferenceSeen(session, context, others),
    );
  const { sessions } = pairing;
  const absent: OtherVantage[] = own ? [{ name: APPLIANCE, captured: null, offsetUs: 0, context: own.context ?? EMPTY_CONTEXT }] : [];
  const elsewhere = far.flatMap(({ vantage, matched }) => {
    const unmatched = [...vantage.sessions].filter(({ connection }) => !matched.has(connection.stream));
    return sessionsElsewhere(unmatched, addresses).map((session) => new PreparedSession(judgeOne, session, null, vantage.name, vantage.context, absent));
  });
  return {
    length: sessions.length + elsewhere.length,
    at: (place) => {
      const session = sessions.at(place);
      if (!session) return elsewhere[place - sessions.length];
      const others = session.captured ? othersOf(session.captured, far) : NO_OTHERS;
      return new PreparedSession(judgeOne, session, sessions.placeOf(place), APPLIANCE, own?.context ?? null, others);
    },
  };
}

/** Weighing records takes milliseconds: it is done for sessions whose end nothing else decides, and once. */
function onDemand(session: Session): () => Inference | null {
  let known: Inference | null | undefined;
  return () => {
    if (known === undefined) known = inferSession(session);
    return known;
  };
}

type JudgeOne = (session: Session, context: CaptureContext | null, others: readonly OtherVantage[]) => Judgement;

const NO_OTHERS: readonly OtherVantage[] = [];

/** What they have in common is in `judgeOne`. */
class PreparedSession implements JudgedSession {
  readonly session: Session;
  readonly place: number | null;
  readonly vantage: string;
  readonly #judgeOne: JudgeOne;
  readonly #context: CaptureContext | null;
  readonly #others: readonly OtherVantage[];

  constructor(judgeOne: JudgeOne, session: Session, place: number | null, vantage: string, context: CaptureContext | null, others: readonly OtherVantage[]) {
    this.#judgeOne = judgeOne;
    this.session = session;
    this.place = place;
    this.vantage = vantage;
    this.#context = context;
    this.#others = others;
  }

  judge(): Judgement {
    return this.#judgeOne(this.session, this.#context, this.#others);
  }
}

/** What the comparison with other points shows of boxes on the way. */
function interferenceSeen(session: Session, context: CaptureContext | null, others: readonly OtherVantage[]): Judgement['interference'] {
  const { captured, direction } = session;
  if (!captured || !context || others.length === 0) return [];
  const here = { name: APPLIANCE, captured, context, octetsOf: () => null };
  return others.flatMap((other) =>
    other.captured ? interferenceBetween(here, { name: other.name, captured: other.captured, context: other.context, octetsOf: () => null }, direction) : [],
  );
}

/** What one capture shows alone stays; of each further kind the first is added. */
function addInterference(judgement: Judgement, seen: Judgement['interference']): Judgement {
  if (seen.length === 0) return judgement;
  const kinds = new Set(judgement.interference.map(({ kind }) => kind));
  const added = seen.filter(({ kind }) => !kinds.has(kind) && kinds.add(kind));
  return added.length === 0 ? judgement : { ...judgement, interference: [...judgement.interference, ...added] };
}

interface FarView {
  readonly vantage: Vantage;
  readonly offsetUs: number;
  /** By the stream of the appliance's view of the connection. */
  readonly byHere: ReadonlyMap<number, CapturedSession>;
  readonly matched: ReadonlySet<number>;
}

function viewFrom(vantage: Vantage, own: CapturedList): FarView {
  const matches = matchVantages([...own], [...vantage.sessions]);
  return {
    vantage,
    offsetUs: offsetBetween(matches),
    byHere: new Map(matches.map(({ here, there }) => [here.connection.stream, there])),
    matched: new Set(matches.map(({ there }) => there.connection.stream)),
  };
}

function othersOf(captured: CapturedSession, far: readonly FarView[]): readonly OtherVantage[] {
  if (far.length === 0) return NO_OTHERS;
  return far.flatMap(({ vantage, offsetUs, byHere }) => {
    const there = byHere.get(captured.connection.stream);
    return there && vantage.context ? [{ name: vantage.name, captured: there, offsetUs, context: vantage.context }] : [];
  });
}

/** The time that the logs cover, in the capture's clock. */
export function contextOfLog(log: MailLog | null, pairing: PairingResult): LogContext | null {
  if (!log) return null;
  const firsts = log.files.flatMap((file) => (file.firstUs === null ? [] : (pairing.clock.toCapture(file.firstUs, file.input) ?? [])));
  const lasts = log.files.flatMap((file) => (file.lastUs === null ? [] : (pairing.clock.toCapture(file.lastUs, file.input) ?? [])));
  return { firstUs: firsts.length > 0 ? Math.min(...firsts) : null, lastUs: lasts.length > 0 ? Math.max(...lasts) : null };
}

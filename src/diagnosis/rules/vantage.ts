import type { CaptureContext, OtherVantage } from '../../model/judgement.ts';
import type { SmtpReply } from '../../model/smtp.ts';
import { stageAt } from '../../model/smtp.ts';
import { packetOf, type Segment } from '../../model/tcp.ts';
import type { Actor, Cause } from '../../model/report.ts';
import { otherSide, type EpochUs, type Side } from '../../model/units.ts';
import { hidesWords } from '../../model/tls.ts';
import { isData, isFin, isRst, lacksWords, sceneOf, type Scene } from '../case.ts';
import { conclude, party, type CaseView, type Finding, type Rule } from '../finding.ts';
import { saw, type Observation } from '../observation.ts';
import { findSignals, type Signal } from '../signals.ts';
import { stageBeforeQuit } from './words.ts';

/** Something that one vantage shows and the other, which should have it, does not. */
interface Difference {
  readonly kind: 'rst' | 'fin' | 'quit' | 'reply' | 'swallowed';
  /** In the appliance capture's clock. */
  readonly atUs: EpochUs;
  readonly observation: Observation;
  /** Who received it. */
  readonly towards: Actor | null;
}

/** Two captures of one connection: what only one of them has was made or swallowed in between. */
export const twoVantages: Rule = {
  name: 'two-vantages',
  conclude(view) {
    if (view.input.others.length === 0) return null;
    const differences = view.input.others.flatMap((other) => differencesWith(view, other)).sort((a, b) => a.atUs - b.atUs);
    const first = differences.find((difference) => precedesEnd(view, difference));
    return first ? fromDifference(view, first, differences) : null;
  },
};

/** Nothing had ended the session before the difference, or the difference is what ended it. The captures' clocks agree only so far. */
function precedesEnd({ ending }: CaseView, { kind, observation, atUs, towards }: Difference): boolean {
  if (!ending) return true;
  const isEnding = observation.packets.some((packet) => packet.number === ending.packet.number && packet.input === ending.packet.input);
  // What this capture itself shows needs no clock to be put in order.
  const here = towards === 'appliance' && kind === 'reply';
  return isEnding || atUs < ending.atUs - (here ? 0 : CLOCK_SLACK_US);
}

function fromDifference(view: CaseView, first: Difference, all: readonly Difference[]): Finding {
  const injected = all.find((difference) => difference.kind !== 'swallowed' && difference.atUs - first.atUs < 1_000_000);
  const decisive = first.kind === 'swallowed' && injected ? injected : first;
  const support = [decisive, ...all.filter((difference) => difference !== decisive)].map((difference) => difference.observation).slice(0, 5);
  const own = all.find((difference) => difference.kind !== 'reply' && difference.towards === 'appliance');
  // A proxy that answers in the appliance's name also closes: what the appliance saw names the cause.
  const kind = decisive.kind === 'reply' && decisive.towards !== 'appliance' && own ? own.kind : decisive.kind;
  const cause = CAUSES[kind];
  const stage = kind === 'quit' ? stageBeforeQuit(view) : stageAt(view.scene.dialogue, decisive.atUs);
  return conclude(view, {
    cause,
    mechanism: 'injects',
    causeConfidence: 'strong',
    actor: 'middlebox',
    actorConfidence: 'strong',
    stage: stage === 'connect' && view.scene.connection.establishedUs !== null ? view.stage : stage,
    rung: 'box',
    support,
    decidedUs: decisive.atUs,
    packet: decisive.observation.packets[0] ?? null,
  });
}

const CAUSES: Readonly<Record<Difference['kind'], Cause>> = {
  rst: 'rst',
  fin: 'premature-fin',
  quit: 'client-quit',
  reply: 'rejected',
  swallowed: 'silent-drop',
};

/** A capture of the connection, and what to add to its times to get the appliance capture's clock. */
interface Point {
  readonly scene: Scene;
  readonly signals: readonly Signal[];
  readonly shiftUs: number;
  /** By the appliance capture's clock: up to when the absence of a packet means anything. The capture has to hold all of the connection until then. */
  readonly coveredUs: EpochUs;
}

function pointOf(scene: Scene, signals: readonly Signal[], context: CaptureContext | null, shiftUs: number): Point {
  const isWhole = scene.connection.bothDirections && !scene.lossyCapture && (context?.reportedDrops ?? 0) === 0;
  const isOver = (scene.endpoint(0).fin !== null && scene.endpoint(1).fin !== null) || signals.some(({ kind }) => kind === 'rst');
  const untilUs = isOver || context === null ? Number.POSITIVE_INFINITY : context.lastUs + shiftUs;
  return { scene, signals, shiftUs, coveredUs: isWhole ? untilUs : Number.NEGATIVE_INFINITY };
}

function differencesWith(view: CaseView, other: OtherVantage): Difference[] {
  if (!other.captured) return [];
  const scene = sceneOf({ ...view.input, session: { ...view.input.session, captured: other.captured } });
  // Without both SYNs the two may count from different octets, and nothing ties their clocks.
  if (!scene?.connection.sawSyn || !view.scene.connection.sawSyn) return [];
  const here = pointOf(view.scene, view.signals, view.input.capture, 0);
  const there = pointOf(scene, findSignals(scene), other.context, other.offsetUs);
  return [
    ...signalsWithoutSender(view, here, there, other.name),
    ...signalsWithoutSender(view, there, here, other.name),
    ...quitWithoutClient(view, here, there, other.name),
    ...foreignReplies(view, here, there, other.name),
    ...swallowed(view, here, there, other.name),
  ];
}

/** Whether the absence of a word means anything. */
function hears({ scene, coveredUs }: Point, atUs: EpochUs): boolean {
  return coveredUs >= atUs && !lacksWords(scene);
}

/** FIN and RST that `here` received from the far side, and which nobody sent at the far vantage. What passed a point on the way may be lost behind it. */
function signalsWithoutSender(view: CaseView, here: Point, there: Point, name: string): Difference[] {
  const [receiver, sender] = [here.scene.ownSide, there.scene.ownSide];
  const { signals } = here;
  // What comes when this end has said its own farewell did not end anything.
  const own = receiver === null ? -1 : signals.findIndex(({ side }) => side === receiver);
  return (own < 0 ? signals : signals.slice(0, own))
    .filter(
      (signal): signal is Signal & { segment: Segment } =>
        (signal.kind === 'fin' || signal.kind === 'rst') && signal.segment !== null && signal.unseen === null,
    )
    .filter(({ side }) => (receiver === null ? side === sender : side !== receiver))
    .filter((signal) => there.coveredUs >= signal.atUs + here.shiftUs && sentThere(signal, here.scene, there.scene, here.shiftUs - there.shiftUs) === null)
    .map((signal) => ({
      kind: signal.kind === 'rst' ? 'rst' : 'fin',
      atUs: signal.atUs + here.shiftUs,
      towards: party(view, otherSide(signal.side)),
      observation: saw(
        'vantage-injected',
        { signal: signal.kind === 'rst' ? 'RST' : 'FIN', towards: party(view, otherSide(signal.side)), named: party(view, signal.side), where: name },
        [packetOf(signal.segment)],
      ),
    }));
}

/** The segment at the far vantage that is this signal before it travelled; null when none is. */
function sentThere(signal: Signal, here: Scene, there: Scene, toThere: number): Segment | null {
  // A FIN counts from when the octets before it had arrived; the packet itself came when it came.
  const atUs = (signal.segment?.atUs ?? signal.atUs) + toThere;
  const test = signal.kind === 'rst' ? isRst : isFin;
  const place = signal.segment === null ? null : endOf(signal.segment);
  const answersFin = signal.segment === null || acknowledgesFin(here, signal.segment) !== false;
  // A proxy has a connection of its own on each side: what it received and what it sent differ in their numbers, or one answers a FIN and the other none.
  return (
    there.segments.find(
      (segment) =>
        segment.side === signal.side &&
        test(segment) &&
        endOf(segment) === place &&
        segment.atUs <= atUs + CLOCK_SLACK_US &&
        segment.atUs >= atUs - TRAVEL_US &&
        (answersFin || acknowledgesFin(there, segment) !== true),
    ) ?? null
  );
}

/** The segment's sender had received the other side's FIN; null where the file may lack that. */
function acknowledgesFin(scene: Scene, segment: Segment): boolean | null {
  const { fin } = scene.endpoint(otherSide(segment.side));
  if (fin === null && scene.lossyCapture) return null;
  return fin !== null && segment.ack > fin.seq;
}

/** Sequence number behind the octets of a segment; the FIN itself not counted, so that another segmentation does not matter. */
function endOf(segment: Segment): number {
  return segment.seq + segment.length;
}

/** How far the captures' clocks may be apart after alignment, and how long a packet may travel. */
const CLOCK_SLACK_US = 50_000;
const TRAVEL_US = 5_000_000;

/** Whether the ending's packet also left its sender, as another vantage shows; for the evidence of a finding that needs no box. */
export function senderSeen(view: CaseView): Observation | null {
  const { ending } = view;
  if (!ending || (ending.kind !== 'fin' && ending.kind !== 'rst') || ending.side === view.scene.ownSide) return null;
  for (const other of view.input.others) {
    const there = other.captured ? sceneOf({ ...view.input, session: { ...view.input.session, captured: other.captured } }) : null;
    const sent = there && there.ownSide === ending.side ? sentThere(ending, view.scene, there, -other.offsetUs) : null;
    if (sent) return saw('vantage-sent', { signal: ending.kind === 'rst' ? 'RST' : 'FIN', by: party(view, ending.side), where: other.name }, [packetOf(sent)]);
  }
  return null;
}

/** The two captures of one connection by whose host they were taken on. */
interface Hosts {
  readonly client: Point;
  readonly server: Point;
}

/** Null where one of the ends has no capture of its own, or TLS hides the words. */
function hostsOf({ scene: { roles } }: CaseView, here: Point, there: Point): Hosts | null {
  if (hidesWords(here.scene.dialogue.tls) || hidesWords(there.scene.dialogue.tls)) return null;
  if (here.scene.ownSide === roles.server && there.scene.ownSide === roles.client) return { client: there, server: here };
  if (here.scene.ownSide === roles.client && there.scene.ownSide === roles.server) return { client: here, server: there };
  return null;
}

/** A QUIT that the server heard before the client had said one: a proxy ended its own session. */
function quitWithoutClient(view: CaseView, here: Point, there: Point, name: string): Difference[] {
  const hosts = hostsOf(view, here, there);
  const heard = hosts && hosts.server.signals.find((signal) => signal.kind === 'quit' && !signal.inferred);
  if (!hosts || !heard) return [];
  const atUs = heard.atUs + hosts.server.shiftUs;
  const said = hosts.client.signals.find((signal) => signal.kind === 'quit');
  if (said ? said.atUs + hosts.client.shiftUs <= atUs + CLOCK_SLACK_US : !hears(hosts.client, atUs)) return [];
  const { roles } = view.scene;
  return [
    {
      kind: 'quit',
      atUs,
      towards: party(view, roles.server),
      observation: saw('vantage-injected', { signal: 'QUIT', towards: party(view, roles.server), named: party(view, roles.client), where: name }, [
        heard.packet,
      ]),
    },
  ];
}

/** Replies that the client received and the server never sent. A server that is seen on the way only may have sent what is not there. */
function foreignReplies(view: CaseView, here: Point, there: Point, name: string): Difference[] {
  const { scene } = view;
  const hosts = hostsOf(view, here, there);
  const isOwn = scene.ownSide === scene.roles.server && !hidesWords(scene.dialogue.tls) && !hidesWords(there.scene.dialogue.tls);
  const [heard, said] = hosts ? [hosts.client, hosts.server] : [isOwn ? there : null, here];
  if (!heard) return [];
  const own = new Set(said.scene.dialogue.events.filter((event): event is SmtpReply => event.kind === 'reply').map(replyKey));
  return heard.scene.dialogue.events
    .filter((event): event is SmtpReply => event.kind === 'reply' && event.complete && event.code >= 400 && !own.has(replyKey(event)))
    .map((event) => ({ event, atUs: event.at.atUs + heard.shiftUs }))
    .filter(({ atUs }) => hears(said, atUs))
    .map(({ event, atUs }) => ({
      kind: 'reply',
      atUs,
      towards: party(view, scene.roles.client),
      observation: saw(
        'vantage-altered',
        { from: party(view, scene.roles.server), where: heard === there ? name : scene.connection.vantage, text: `${event.code} ${event.lines.join(' ')}` },
        [event.at.packet],
      ),
    }));
}

function replyKey(reply: SmtpReply): string {
  return `${reply.code} ${reply.lines.join('\n')}`;
}

/** Octets sent again and again at one vantage of which not one copy reached the other. */
function swallowed(view: CaseView, here: Point, there: Point, name: string): Difference[] {
  const found: Difference[] = [];
  const watch = (sender: Point, receiver: Point, side: Side) => {
    if (sender.scene.ownSide !== side) return;
    const reached = Math.max(0, ...receiver.scene.segments.filter((segment) => segment.side === side).map((segment) => segment.seq + segment.length));
    const lost = sender.scene.segments.filter((segment) => segment.side === side && isData(segment) && segment.seq + segment.length > reached);
    const repeated = lost.filter((segment) => segment.seq <= (lost[0]?.seq ?? 0));
    const [firstLost, again] = repeated;
    if (!firstLost || !again || receiver.coveredUs < again.atUs + sender.shiftUs || !sameStream(sender.scene, receiver.scene)) return;
    found.push({
      kind: 'swallowed',
      towards: null,
      atUs: firstLost.atUs + sender.shiftUs,
      observation: saw('vantage-swallowed', { from: party(view, side), count: lost.length, where: name }, lost.slice(0, 6).map(packetOf)),
    });
  };
  watch(there, here, there.scene.ownSide ?? 0);
  if (here.scene.ownSide !== null) watch(here, there, here.scene.ownSide);
  return found;
}

/** Both captures number the same octets: no proxy with a connection of its own stands between. */
function sameStream(a: Scene, b: Scene): boolean {
  const first = firstLengths(a);
  const second = new Set(firstLengths(b));
  return first.filter((key) => second.has(key)).length >= Math.min(3, first.length);
}

/** Place and length of the first words: equal where the same segments passed both points. */
function firstLengths(scene: Scene): string[] {
  return scene.segments
    .filter(isData)
    .slice(0, 6)
    .map((segment) => `${segment.side}/${segment.seq}/${segment.length}`);
}

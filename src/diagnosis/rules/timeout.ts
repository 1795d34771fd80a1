import type { PacketRef } from '../../model/evidence.ts';
import { packetOf, SegmentNote } from '../../model/tcp.ts';
import { otherSide, SECOND_US, type EpochUs, type Side } from '../../model/units.ts';
import type { Confidence } from '../../model/report.ts';
import { hidesWords } from '../../model/tls.ts';
import { attributeReset } from '../attribution.ts';
import { has, isAck, isRst, lacksLastWords, lacksWords, type Scene } from '../case.ts';
import { alikeTo, capOf } from '../equal-pictures.ts';
import { unseenSide } from '../half-heard.ts';
import { conclude, logFacts, party, type Alternative, type CaseView, type Finding, type Rule } from '../finding.ts';
import { saw, type Observation } from '../observation.ts';
import { shapeOf } from '../reset-shape.ts';
import type { Signal } from '../signals.ts';
import { saysTimeout } from '../texts.ts';
import { fitsTimer, isWholeSeconds, timerOf } from '../timers.ts';
import { stageBeforeQuit } from './words.ts';
import { answeredAfter, dwarfsRhythm, waitBefore, type Wait } from '../waiting.ts';

/** One end gave up waiting and closed: its last words say so, or it was owed a word and left after a wait that fits a timer. */
export const timeout: Rule = {
  name: 'timeout',
  conclude(view) {
    const { ending } = view;
    const unseen = byLogBeforeWire(view);
    if (unseen || !ending) return unseen;
    return ending.kind === 'notice' ? byNotice(view, ending) : byWait(view, ending);
  },
};

/**
 * The log closes the session seconds before anything on the wire does: while older octets wait for acknowledgement or for the
 * other side's window, the appliance's 421 and FIN cannot leave it, though it has given up.
 */
function byLogBeforeWire(view: CaseView): Finding | null {
  const { log, ending, scene, input } = view;
  if (!log?.line || !log.ownLines || (log.ending !== 'aborted' && log.ending !== 'closed' && log.ending !== 'timeout')) return null;
  const loggedUs = input.clock.toCapture(log.line.atUs, log.line.ref.input);
  if (loggedUs === null || scene.roles.appliance === null || input.session.direction !== 'inbound') return null;
  const slackUs = SECOND_US * (1.5 + (input.clock.estimate?.uncertaintySeconds ?? 0));
  const wireUs = ending?.atUs ?? input.capture?.lastUs ?? 0;
  if (loggedUs + slackUs > wireUs || (ending && ending.side === scene.roles.appliance)) return null;
  const wait = waitBefore(scene, loggedUs);
  if (!wait || !isHeldBack(scene, loggedUs)) return null;
  const by = party(view, scene.roles.appliance);
  return conclude(view, {
    cause: 'timeout',
    causeConfidence: 'moderate',
    actor: by,
    actorConfidence: 'moderate',
    silentSide: party(view, otherSide(scene.roles.appliance)),
    rung: 'function',
    support: [saw('log-before-wire', { by, seconds: (wireUs - loggedUs) / 1e6 }, [], [log.line.ref]), ...log.observations],
    decidedUs: loggedUs,
    packet: null,
    line: log.line.ref,
  });
}

/** The appliance could not send: the other side keeps its window closed, or does not acknowledge. */
function isHeldBack(scene: Scene, atUs: EpochUs): boolean {
  const own = scene.roles.appliance;
  if (own === null) return false;
  const before = scene.segments.filter((segment) => segment.atUs <= atUs);
  const peers = before.filter((segment) => segment.side !== own && !isRst(segment));
  const acked = Math.max(-1, ...peers.map((segment) => segment.ack));
  const sent = Math.max(-1, ...before.filter((segment) => segment.side === own).map((segment) => segment.seq + segment.length));
  return peers.at(-1)?.window === 0 || sent > acked;
}

function byNotice(view: CaseView, ending: Signal): Finding | null {
  const { reply } = ending;
  if (!reply || reply.role === 'greeting') return null;
  const text = reply.lines.join(' ');
  const by = party(view, ending.side);
  const wait = view.wait;
  const owedByClient = wait !== null && wait.debtor !== ending.side;
  const says = saysTimeout(text);
  const waited = owedByClient && dwarfsRhythm(wait);
  const unreadable = (reply.missing ?? 0) > 0 || !reply.complete;
  if (!says && !(reply.role === 'unsolicited' && waited && (unreadable || fitOf(view, ending, wait).fits))) return null;
  const support: Observation[] = [
    says ? saw('timeout-text', { by, text }, [ending.packet]) : saw('notice', { by, code: reply.code, text, unsolicited: true }, [ending.packet]),
  ];
  if (wait) support.push(...waitFacts(view, ending, wait));
  return closed(view, ending, says ? 'strong' : 'moderate', support);
}

/** Left without a word after a wait that dwarfs the session's rhythm. */
function byWait(view: CaseView, ending: Signal): Finding | null {
  const { wait } = view;
  if (!wait || wait.debtor === ending.side || !dwarfsRhythm(wait) || mayHaveSpoken(view.scene)) return null;
  // Whether a side that is not in the file spoke, the acknowledgements tell.
  if (wait.debtor !== unseenSide(view.scene) && lacksLastWords(view.scene, wait.debtor)) return null;
  // Answers that the capture lost are no debts.
  if (view.scene.lossyCapture && view.log?.ending === 'completed' && !answeredAfter(view.scene, ending.atUs)) return null;
  const fit = fitOf(view, ending, wait);
  // A process that dies or is shut down also resets; only a timer's length makes a RST a way of giving up.
  if (ending.kind === 'rst' && (!fit.fits || (ending.segment && attributeReset(view.scene, ending.segment).actor !== party(view, ending.side)))) return null;
  const confidence: Confidence = fit.fits ? 'strong' : isWholeSeconds(wait.seconds) ? 'moderate' : 'limited';
  const facts = waitFacts(view, ending, wait);
  return closed(view, ending, confidence, facts);
}

/** Inside TLS words may have been said; in a handshake that was never finished there are none to hide. */
function mayHaveSpoken(scene: Scene): boolean {
  const { tls } = scene.dialogue;
  return hidesWords(tls) && (tls?.established === true || lacksWords(scene));
}

function closed(view: CaseView, ending: Signal, causeConfidence: Confidence, support: readonly Observation[]): Finding {
  const by = party(view, ending.side);
  const other = party(view, otherSide(ending.side));
  const after = afterClose(view, ending);
  const own = ending.side === view.scene.ownSide;
  const plain: Alternative[] =
    causeConfidence !== 'strong' && ending.kind !== 'notice'
      ? [
          {
            cause: ending.kind === 'quit' ? 'client-quit' : ending.kind === 'rst' ? 'rst' : 'premature-fin',
            actor: by,
            confidence: 'limited',
            decidedBy: 'known-timers',
          },
        ]
      : [];
  return conclude(view, {
    cause: 'timeout',
    causeConfidence: after.vanished ? 'moderate' : causeConfidence,
    actor: by,
    actorConfidence: after.vanished ? capOf('vanished-peer') : own ? 'strong' : 'moderate',
    stage: ending.kind === 'quit' ? stageBeforeQuit(view) : view.stage,
    silentSide: other,
    rung: own ? 'function' : 'stack',
    support: [...support, ...after.support, ...logFacts(view, 'log-aborted', 'log-waited', 'log-timeout', 'log-possible-delivery')],
    against: after.against,
    alternatives: [...plain, ...after.alternatives],
  });
}

interface Afterwards {
  readonly support: readonly Observation[];
  readonly against: readonly Observation[];
  readonly alternatives: readonly Alternative[];
  /** The other host had lost the connection before: the silence may have been a box's work. */
  readonly vanished: boolean;
}

/** How the silent side's host answers the farewell tells whether it was still there. */
function afterClose(view: CaseView, ending: Signal): Afterwards {
  const other = otherSide(ending.side);
  const by = party(view, other);
  const said = { cause: 'timeout', actor: party(view, ending.side), named: party(view, ending.side) } as const;
  const answers = view.scene.segments.filter((segment) => segment.side === other && segment.atUs > ending.atUs);
  const rst = answers[0] && isRst(answers[0]) ? answers[0] : undefined;
  if (rst && shapeOf(rst) === 'reactive') {
    return {
      support: [],
      against: [
        saw('reset-answers-close', { by, afterSeconds: (rst.atUs - ending.atUs) / 1e6 }, [packetOf(rst)]),
        ...attributeReset(view.scene, rst).support.filter((fact) => fact.kind === 'rst-hops-differ'),
      ],
      alternatives: alikeTo('vanished-peer', said),
      vanished: true,
    };
  }
  const alive = answers.filter((segment) => isAck(segment)).slice(0, 2);
  if (alive.length === 0)
    return {
      support: [],
      against: [],
      alternatives: alikeTo('silence', said),
      vanished: false,
    };
  return { support: [saw('peer-stack-alive', { side: by, what: 'the farewell' }, alive.map(packetOf))], against: [], alternatives: [], vanished: false };
}

function waitFacts(view: CaseView, ending: Signal, wait: Wait): Observation[] {
  const by = party(view, ending.side);
  const owedBy = party(view, wait.debtor);
  const facts: Observation[] = [
    saw('wait-before-end', { by, owedBy, what: wait.what, seconds: wait.seconds, rhythmSeconds: wait.rhythmSeconds }, [ending.packet]),
  ];
  if (wait.closedWindow) facts.push(saw('window-closed', { by: owedBy, seconds: wait.seconds }, closedWindows(view.scene, wait.debtor)));
  else if (lastWordAcknowledged(view.scene, wait.debtor, ending.atUs)) facts.push(saw('last-word-acknowledged', { by: owedBy }));
  const fit = fitOf(view, ending, wait);
  if (fit.fits) facts.push(saw('wait-fits-timer', { by, seconds: fit.seconds, timer: fit.name, reading: fit.reading }, [ending.packet]));
  else if (isWholeSeconds(wait.seconds)) facts.push(saw('wait-whole-seconds', { by, seconds: wait.seconds }, [ending.packet]));
  return facts;
}

function closedWindows(scene: Scene, side: Side): PacketRef[] {
  return scene.segments
    .filter((segment) => segment.side === side && has(segment, SegmentNote.zeroWindow))
    .slice(0, 4)
    .map(packetOf);
}

/** Nothing of the other side was under way to the silent one: its host had heard all of it. */
function lastWordAcknowledged(scene: Scene, silent: Side, atUs: EpochUs): boolean {
  let sent = -1;
  let acked = -1;
  for (const segment of scene.segments) {
    if (segment.atUs >= atUs) break;
    if (segment.side !== silent) sent = Math.max(sent, segment.seq + segment.length);
    else if (!isRst(segment)) acked = Math.max(acked, segment.ack);
  }
  return sent > 1 && acked >= sent;
}

interface Fit {
  readonly fits: boolean;
  readonly seconds: number;
  readonly name: string;
  readonly reading: 'since the last word' | 'since the connection opened';
}

/** Both readings of the appliance's inbound timer, then the table of common timers for everybody else. */
function fitOf(view: CaseView, ending: Signal, wait: Wait): Fit {
  const by = party(view, ending.side);
  const { site } = view.input;
  const readings = [
    { reading: 'since the last word', seconds: wait.seconds },
    { reading: 'since the connection opened', seconds: wait.sinceOpenSeconds },
  ] as const;
  if (by === 'appliance' && view.input.session.direction === 'inbound') {
    for (const { reading, seconds } of readings) {
      if (fitsTimer(seconds, site.inboundTimeoutSeconds))
        return { fits: true, seconds, name: `timeout for unsuccessful inbound connections (${site.inboundTimeoutSeconds} s)`, reading };
    }
    for (const share of [1, TOTAL_LIMIT_SHARE]) {
      if (fitsTimer(wait.sinceOpenSeconds, site.totalTimeLimitSeconds * share))
        return {
          fits: true,
          seconds: wait.sinceOpenSeconds,
          name: `total time limit (${site.totalTimeLimitSeconds} s)`,
          reading: 'since the connection opened',
        };
    }
  }
  const holder = by === 'appliance' ? 'appliance' : ending.side === view.scene.roles.client ? 'smtp-client' : 'smtp-server';
  const timer = timerOf(holder, wait.what, wait.seconds);
  return timer
    ? { fits: true, seconds: wait.seconds, name: timer.name, reading: 'since the last word' }
    : { fits: false, seconds: wait.seconds, name: '', reading: 'since the last word' };
}

/** AsyncOS closes at about this share of its total time limit (guide for AsyncOS 10.0). */
const TOTAL_LIMIT_SHARE = 0.8;

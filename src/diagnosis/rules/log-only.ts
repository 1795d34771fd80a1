import type { JudgeInput } from '../../model/judgement.ts';
import type { Actor, Cause, Confidence } from '../../model/report.ts';
import type { Stage } from '../../model/smtp.ts';
import type { Alternative, Finding } from '../finding.ts';
import { usualMechanism } from '../hypotheses.ts';
import type { LogEnding, LogView } from '../log-view.ts';
import { fitsTimer } from '../timers.ts';

type Reading = Pick<Finding, 'cause' | 'causeConfidence' | 'actor' | 'actorConfidence'> & {
  readonly alternatives?: readonly Alternative[];
  readonly silentSide?: Actor;
};

/** What a capture would add. */
function rivals(actor: Actor, ...causes: readonly Cause[]): Alternative[] {
  return causes.map((cause) => ({ cause, actor, confidence: 'limited', decidedBy: 'appliance-capture' }));
}

/** How each ending in the log reads without packets: Cisco's notes on "Receiving aborted" and on "ICID lost". */
const INBOUND: Readonly<Partial<Record<LogEnding, Reading>>> = {
  completed: { cause: 'completed', causeConfidence: 'strong', actor: 'client', actorConfidence: 'moderate' },
  'by-sender': { cause: 'client-quit', causeConfidence: 'strong', actor: 'client', actorConfidence: 'moderate' },
  lost: {
    cause: 'undetermined',
    causeConfidence: 'limited',
    actor: 'client',
    actorConfidence: 'limited',
    alternatives: [...rivals('client', 'premature-fin', 'rst'), ...rivals('middlebox', 'rst')],
  },
  closed: {
    cause: 'client-quit',
    causeConfidence: 'limited',
    actor: 'client',
    actorConfidence: 'limited',
    alternatives: rivals('appliance', 'rejected', 'timeout'),
  },
  rejected: { cause: 'rejected', causeConfidence: 'strong', actor: 'appliance', actorConfidence: 'strong' },
  'tls-failed': {
    cause: 'tls-failure',
    causeConfidence: 'moderate',
    actor: 'undetermined',
    actorConfidence: 'undetermined',
    alternatives: [...rivals('client', 'tls-failure'), ...rivals('middlebox', 'rst')],
  },
  timeout: {
    cause: 'timeout',
    causeConfidence: 'strong',
    actor: 'appliance',
    actorConfidence: 'strong',
    silentSide: 'client',
    alternatives: rivals('undetermined', 'silent-drop'),
  },
  killed: { cause: 'premature-fin', causeConfidence: 'limited', actor: 'appliance', actorConfidence: 'moderate', alternatives: rivals('appliance', 'rst') },
};

const OUTBOUND: Readonly<Partial<Record<LogEnding, Reading>>> = {
  completed: { cause: 'completed', causeConfidence: 'strong', actor: 'appliance', actorConfidence: 'moderate' },
  closed: {
    cause: 'undetermined',
    causeConfidence: 'undetermined',
    actor: 'undetermined',
    actorConfidence: 'undetermined',
    alternatives: rivals('appliance', 'client-quit'),
  },
  rejected: { cause: 'rejected', causeConfidence: 'strong', actor: 'remote-server', actorConfidence: 'moderate' },
  'tls-failed': {
    cause: 'tls-failure',
    causeConfidence: 'moderate',
    actor: 'undetermined',
    actorConfidence: 'undetermined',
    alternatives: rivals('remote-server', 'tls-failure'),
  },
  'remote-reset': { cause: 'rst', causeConfidence: 'moderate', actor: 'remote-server', actorConfidence: 'limited', alternatives: rivals('middlebox', 'rst') },
  'remote-closed': {
    cause: 'premature-fin',
    causeConfidence: 'moderate',
    actor: 'remote-server',
    actorConfidence: 'limited',
    alternatives: rivals('middlebox', 'premature-fin'),
  },
  refused: { cause: 'refused', causeConfidence: 'moderate', actor: 'remote-server', actorConfidence: 'limited', alternatives: rivals('middlebox', 'refused') },
  killed: { cause: 'premature-fin', causeConfidence: 'limited', actor: 'appliance', actorConfidence: 'moderate' },
};

/** The log's own reading; `stage` is the log's unless the packets know better. */
export function concludeFromLog(log: LogView, input: JudgeInput, stage: Stage = log.stage): Finding | null {
  const reading = readingOf(log, input);
  if (!reading) return null;
  return {
    cause: reading.cause,
    causeConfidence: reading.causeConfidence,
    actor: reading.actor,
    actorConfidence: reading.actorConfidence,
    mechanism: usualMechanism(reading.cause, reading.actor),
    stage: reading.cause === 'refused' ? 'connect' : stage,
    silentSide: reading.silentSide ?? null,
    rung: null,
    support: log.observations,
    against: [],
    alternatives: reading.alternatives ?? [],
    rivals: [],
    decidedUs: log.line ? input.clock.toCapture(log.line.atUs, log.line.ref.input) : null,
    packet: null,
    line: log.line?.ref ?? null,
  };
}

function readingOf(log: LogView, input: JudgeInput): Reading | null {
  if (!log.ending) return null;
  if (log.ending === 'aborted') return aborted(log, input);
  if (log.ending === 'no-answer') return noAnswer(log);
  return (input.session.delivery ? OUTBOUND : INBOUND)[log.ending] ?? null;
}

/** "Receiving aborted" without "lost": the listener's timeout if the time fits; the missing line proves nothing where only message lines are there. */
function aborted(log: LogView, input: JudgeInput): Reading {
  const fits = log.waitedSeconds !== null && fitsTimer(log.waitedSeconds, input.site.inboundTimeoutSeconds);
  const others = [...rivals('client', 'premature-fin', 'rst'), ...rivals('undetermined', 'silent-drop')];
  if (fits)
    return {
      cause: 'timeout',
      causeConfidence: 'limited',
      actor: 'appliance',
      actorConfidence: log.ownLines ? 'moderate' : 'limited',
      silentSide: 'client',
      alternatives: others,
    };
  return {
    cause: 'undetermined',
    causeConfidence: 'undetermined',
    actor: 'undetermined',
    actorConfidence: 'undetermined',
    alternatives: [...rivals('appliance', 'timeout'), ...others],
  };
}

function noAnswer(log: LogView): Reading {
  const rival = rivals('middlebox', 'silent-drop');
  const confidence: Confidence = 'moderate';
  if (log.stage === 'connect')
    return {
      cause: 'silent-drop',
      causeConfidence: confidence,
      actor: 'undetermined',
      actorConfidence: 'undetermined',
      silentSide: 'remote-server',
      alternatives: rival,
    };
  return { cause: 'timeout', causeConfidence: confidence, actor: 'appliance', actorConfidence: 'moderate', silentSide: 'remote-server', alternatives: rival };
}

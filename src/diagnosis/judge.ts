import type { PacketRef } from '../model/evidence.ts';
import type { Judgement, JudgeInput } from '../model/judgement.ts';
import { MadeList, type RecordList } from '../model/record-list.ts';
import type { ReportEvidence } from '../model/report.ts';
import { capByCapture, listCaveats } from './caveats.ts';
import { sceneOf } from './case.ts';
import { viewCase } from './case-view.ts';
import { listConsequences } from './consequences.ts';
import { revise, type CaseView, type Finding } from './finding.ts';
import { PATH_OBSERVERS } from './observers/path/index.ts';
import type { Sighting } from './observers/path/observer.ts';
import { MECHANISMS } from './hypotheses.ts';
import { viewLog } from './log-view.ts';
import { listNextCaptures } from './next-capture.ts';
import { lower, saw, type Observation } from './observation.ts';
import { hiddenStage } from './rules/encrypted.ts';
import { RULES } from './rules/index.ts';
import { concludeFromLog } from './rules/log-only.ts';
import { senderSeen } from './rules/vantage.ts';
import { weighed } from './scoring.ts';
import { impactOf, listTransactions, unheardBy } from './transactions.ts';
import { weightOf } from './weights.ts';
import { decidedBy, endingWords, sentence, statementOf } from './wording.ts';

/** Judges one session from whatever there is of it: packets, log lines, other vantage points. Never throws for odd evidence. */
export function judge(input: JudgeInput): Judgement {
  const scene = sceneOf(input);
  const view = scene ? viewCase(input, scene) : null;
  return report(input, view, view ? fromPackets(view) : fromLogAlone(input));
}

function fromPackets(view: CaseView): Finding {
  const finding = weighed(readingsOf(view));
  return finding ? capByCapture(view, unveil(view, confirm(view, finding))) : NOTHING_DECIDES;
}

/** Rules that look at packets alone see a session come to STARTTLS and no further: the step behind it is what the log and the records tell. */
function unveil(view: CaseView, finding: Finding): Finding {
  const isVeiled = finding.stage === 'starttls' && finding.cause !== 'tls-failure' && view.scene.dialogue.tls?.established === true;
  return isVeiled ? revise(finding, { stage: hiddenStage(view) }) : finding;
}

/** Every reading that applies, up to one that leaves no room for others. */
function readingsOf(view: CaseView): Finding[] {
  const findings: Finding[] = [];
  for (const rule of RULES) {
    const finding = rule.conclude(view);
    if (finding) findings.push(finding);
    if (finding && rule.settles) break;
  }
  return findings;
}

/** A second vantage that shows the visible peer sending the packet itself settles who did it. */
function confirm(view: CaseView, finding: Finding): Finding {
  const seen = finding.packet && view.ending && samePacket(finding.packet, view.ending.packet) ? senderSeen(view) : null;
  if (!seen || finding.actor === 'middlebox') return finding;
  return revise(finding, {
    actor: view.scene.roles.party(view.ending?.side ?? 0),
    actorConfidence: 'strong',
    support: [...finding.support, seen],
    alternatives: [],
  });
}

function samePacket(a: PacketRef, b: PacketRef): boolean {
  return a.number === b.number && a.input === b.input;
}

function fromLogAlone(input: JudgeInput): Finding {
  const log = viewLog(input);
  if (!log) return NOTHING_DECIDES;
  return (
    concludeFromLog(log, input) ?? revise(NOTHING_DECIDES, { cause: 'still-open', causeConfidence: 'limited', stage: log.stage, support: log.observations })
  );
}

const NOTHING_DECIDES: Finding = {
  cause: 'undetermined',
  causeConfidence: 'undetermined',
  actor: 'undetermined',
  actorConfidence: 'undetermined',
  mechanism: 'unseen',
  stage: 'connect',
  silentSide: null,
  rung: null,
  support: [],
  against: [],
  alternatives: [],
  rivals: [],
  decidedUs: null,
  packet: null,
  line: null,
};

function report(input: JudgeInput, view: CaseView | null, finding: Finding): Judgement {
  const transactions = listTransactions(input.session, finding);
  const sightings = view ? sightingsOf(view) : [];
  const silentSide = finding.silentSide;
  return {
    verdict: {
      cause: finding.cause,
      causeConfidence: finding.causeConfidence,
      actor: finding.actor,
      actorConfidence: finding.actorConfidence,
      confidence: lower(finding.causeConfidence, finding.actorConfidence),
      stage: finding.stage,
      statement: statementOf(finding),
      silentSide: silentSide === 'client' || silentSide === 'appliance' || silentSide === 'remote-server' ? silentSide : null,
      rung: finding.rung,
      mechanism: finding.mechanism,
      function: MECHANISMS[finding.mechanism].does,
      alternatives: finding.alternatives.map(({ cause, actor, confidence, decidedBy: evidence }) => ({
        cause,
        actor,
        confidence,
        whatWouldDecide: decidedBy(evidence),
      })),
      hypotheses: finding.rivals
        .toSorted((a, b) => a.log10Odds - b.log10Odds)
        .map(({ cause, actor, mechanism, log10Odds }) => ({ cause, actor, mechanism, log10Odds: Math.round(log10Odds * 10) / 10 })),
    },
    impact: impactOf(input.session, finding, transactions),
    transactions,
    evidence: listEvidence(input, finding, sightings),
    consequences: view ? listConsequences(view, finding) : [],
    interference: sightings.flatMap(({ interference, observation }) =>
      interference === null ? [] : [{ kind: interference, statement: sentence(observation.kind, observation.data), packets: observation.packets }],
    ),
    nextCapture: listNextCaptures(input, finding),
    caveats: listCaveats(view, input),
    decidedUs: finding.decidedUs,
    ending: hasEnd(finding) && (finding.packet || finding.line) ? { packet: finding.packet, line: finding.line, words: endingWords(finding) } : null,
  };
}

function sightingsOf(view: CaseView): Sighting[] {
  const sightings: Sighting[] = [];
  for (const observer of PATH_OBSERVERS) for (const sighting of observer.observe(view)) sightings.push(sighting);
  return sightings;
}

function listEvidence(input: JudgeInput, finding: Finding, sightings: readonly Sighting[]): RecordList<ReportEvidence> {
  const evidence: ReportEvidence[] = [];
  const others = new Map<ReportEvidence, RecordList<Observation>>();
  const add = (fact: Observation, side: ReportEvidence['side']): void => {
    const one = evidenceOf(fact, side);
    evidence.push(one);
    if (fact.others) others.set(one, fact.others);
  };
  for (const fact of finding.support) add(fact, 'for');
  for (const fact of finding.against) add(fact, 'against');
  if (input.pressed && finding.cause !== 'completed') add(saw('appliance-pressed', input.pressed, [], [input.pressed.line.ref]), 'neutral');
  for (const fact of unheardBy(input, finding)) add(fact, 'neutral');
  for (const { interference, observation } of sightings) {
    if (interference === null && !finding.support.some(({ kind }) => kind === observation.kind)) add(observation, 'neutral');
  }
  return others.size === 0 ? evidence : withOthers(evidence, others);
}

/** Behind what stands for several facts those others. */
function withOthers(evidence: readonly ReportEvidence[], others: ReadonlyMap<ReportEvidence, RecordList<Observation>>): RecordList<ReportEvidence> {
  let count = evidence.length;
  for (const { length } of others.values()) count += length;
  return MadeList.of(count, function* () {
    for (const one of evidence) {
      yield one;
      for (const other of others.get(one) ?? []) yield evidenceOf(other, one.side);
    }
  });
}

function hasEnd({ cause }: Finding): boolean {
  return cause !== 'undetermined' && cause !== 'still-open';
}

function evidenceOf(observation: Observation, side: ReportEvidence['side']): ReportEvidence {
  const weight = weightOf(observation).log10;
  return {
    kind: observation.kind,
    side: weight === 0 ? 'neutral' : side,
    weight,
    statement: sentence(observation.kind, observation.data),
    packets: observation.packets,
    lines: observation.lines,
  };
}

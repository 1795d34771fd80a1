import type { Inference, InferredAnswer } from '../model/inference.ts';
import type { Confidence } from '../model/report.ts';
import type { Owes, Stage } from '../model/smtp.ts';
import type { EpochUs } from '../model/units.ts';
import { party, type CaseView } from './finding.ts';
import { isSureAs, lower, saw, type Observation } from './observation.ts';

/** What the records tell of a session that TLS hides; null where it is in clear, decrypted, or tells nothing. */
export function inferenceOf({ scene, input }: CaseView): Inference | null {
  return scene.dialogue.tls?.established ? input.infer() : null;
}

/** What is inferred is never more than moderate about a cause: equal lengths have other readings. */
export function capInferred(confidence: Confidence): Confidence {
  return lower(confidence, 'moderate');
}

export function isAtLeast(answer: InferredAnswer, wanted: InferredAnswer['answer'], least: Confidence): boolean {
  return answer.answer === wanted && isSureAs(answer.confidence, least);
}

/** The step as the records show it before the end. Against a log only the surest reading counts. */
export function inferredStage(view: CaseView): Stage | null {
  const inference = inferenceOf(view);
  if (!inference) return null;
  const untilUs = view.ending?.atUs ?? view.scene.connection.lastUs;
  const found = inference.untilUs <= untilUs ? inference.stage : inference.stages.findLast(({ at }) => at.atUs <= untilUs);
  if (!found) return null;
  const least: Confidence = view.log ? 'strong' : 'moderate';
  return isSureAs(found.confidence, least) ? found.stage : null;
}

/** Who owed which word just before a moment, by its name in SMTP; null where the records do not tell. */
export function inferredDebt(view: CaseView, atUs: EpochUs): Owes | null {
  return inferenceOf(view)?.debts.findLast(({ sinceUs }) => sinceUs < atUs) ?? null;
}

/** Whether a QUIT was said, and a message left without its answer, as facts with the confidence of the inference. */
export function inferredFacts(view: CaseView): Observation[] {
  const inference = inferenceOf(view);
  if (!inference) return [];
  const { quit, quitAt, ended, answered } = inference;
  const client = party(view, view.scene.roles.client);
  const facts: Observation[] = [];
  if (quit.answer === 'yes') facts.push(saw('quit-in-records', { by: client, confidence: quit.confidence }, quitAt ? [quitAt.packet] : []));
  if (quit.answer === 'no') facts.push(saw('no-quit-in-records', { by: client, confidence: quit.confidence }));
  if (ended.answer === 'yes' && answered.answer === 'no')
    facts.push(saw('end-unanswered-in-records', { by: party(view, view.scene.roles.server), confidence: answered.confidence }));
  return facts;
}

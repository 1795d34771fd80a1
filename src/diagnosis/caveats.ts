import type { Confidence } from '../model/report.ts';
import type { JudgeInput } from '../model/judgement.ts';
import type { CaseView, Finding } from './finding.ts';
import { lower } from './observation.ts';

/** What limits a session's evidence, in sentences. */
export function listCaveats(view: CaseView | null, input: JudgeInput): string[] {
  const caveats: string[] = [];
  const connection = input.session.captured?.connection;
  if (!connection) caveats.push("no packet of this session is in the captures: this is the log's reading alone");
  if (connection && !connection.bothDirections) caveats.push('only one direction of this connection was captured');
  if (connection && !connection.sawSyn) caveats.push('the capture begins after this connection was opened');
  if (view?.scene.lossyCapture) caveats.push('the capture lost packets of this connection that did arrive');
  if (input.capture && input.capture.reportedDrops > 0) caveats.push(`the capturing host reports ${input.capture.reportedDrops} dropped packets`);
  if (connection?.gaps.some((gap) => gap.kind === 'snap')) caveats.push('packets were cut by the snap length: words beyond it cannot be read');
  if (input.session.pair?.confidence === 'ambiguous') caveats.push('which log lines belong to this connection is ambiguous');
  return [...caveats, ...(connection?.caveats ?? [])];
}

/** A one-sided, late or cut capture decides nothing for certain: nothing above `moderate`. */
export function capByCapture(view: CaseView, finding: Finding): Finding {
  const { connection } = view.scene;
  const impaired = !connection.bothDirections || !connection.sawSyn || view.scene.lossyCapture;
  if (!impaired) return finding;
  const cap: Confidence = 'moderate';
  return { ...finding, causeConfidence: lower(finding.causeConfidence, cap), actorConfidence: lower(finding.actorConfidence, cap) };
}

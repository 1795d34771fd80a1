import { SegmentNote } from '../../model/tcp.ts';
import { conclude, party, type CaseView, type Rule } from '../finding.ts';
import { saw } from '../observation.ts';
import type { LogEnding } from '../log-view.ts';
import { unseenSide } from '../half-heard.ts';
import { concludeFromLog } from './log-only.ts';

/**
 * The client's words are missing from the file (dropped by the capture, cut by the snap length, or of the other direction)
 * while the log has them: then a FIN without a visible QUIT proves no absence of QUIT.
 */
export const hiddenWords: Rule = {
  name: 'hidden-words',
  settles: true,
  conclude(view) {
    const { log, ending } = view;
    if (!log?.ending || ending?.kind === 'quit' || ending?.kind === 'notice' || !wordsAreMissing(view)) return null;
    if (!DECISIVE.has(log.ending) && (view.scene.connection.bothDirections || !ONE_SIDED.has(log.ending))) return null;
    const finding = concludeFromLog(log, view.input, log.ending === 'completed' ? 'quit' : view.stage);
    if (!finding || finding.cause === 'undetermined') return null;
    return conclude(view, {
      cause: finding.cause,
      causeConfidence: finding.causeConfidence,
      actor: finding.actor,
      actorConfidence: finding.actorConfidence,
      stage: finding.stage,
      support: [saw('capture-missed-octets', { by: party(view, view.scene.roles.client) }), ...finding.support],
      alternatives: [{ cause: 'premature-fin', actor: party(view, view.scene.roles.client), confidence: 'limited', decidedBy: 'full-snap' }],
      line: finding.line,
    });
  },
};

const DECISIVE = new Set<LogEnding>(['completed', 'by-sender', 'closed', 'rejected']);

/** What only the other direction would show. */
const ONE_SIDED = new Set<LogEnding>(['aborted', 'no-answer']);

function wordsAreMissing({ scene }: CaseView): boolean {
  const { client } = scene.roles;
  const gaps = scene.connection.gaps.some((gap) => gap.side === client && gap.kind !== 'network');
  const unseen =
    (scene.notes & SegmentNote.acksUnseen) !== 0 && scene.segments.some((segment) => segment.side !== client && (segment.notes & SegmentNote.acksUnseen) !== 0);
  return gaps || unseen || unseenSide(scene) === client;
}

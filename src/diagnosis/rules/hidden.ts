import { SegmentNote } from '../../model/tcp.ts';
import { hidesWords } from '../../model/tls.ts';
import { lacksLastWords } from '../case.ts';
import { conclude, party, type CaseView, type Finding, type Rule } from '../finding.ts';
import { saw } from '../observation.ts';
import type { LogEnding } from '../log-view.ts';
import { unseenSide } from '../half-heard.ts';
import { concludeFromLog } from './log-only.ts';
import { timeout } from './timeout.ts';

/**
 * The client's words are missing from the file (dropped by the capture, cut by the snap length, or of the other direction)
 * while the log has them: then a FIN without a visible QUIT proves no absence of QUIT.
 */
export const hiddenWords: Rule = {
  name: 'hidden-words',
  settles: true,
  conclude(view) {
    const farewellIsMissing = lacksFarewell(view);
    return byLog(view, farewellIsMissing) ?? (farewellIsMissing ? unreadFarewell(view) : null);
  },
};

function byLog(view: CaseView, farewellIsMissing: boolean): Finding | null {
  const { log, ending } = view;
  if (!log?.ending || ending?.kind === 'quit' || ending?.kind === 'notice') return null;
  if (!farewellIsMissing && !wordsAreMissing(view)) return null;
  if (!DECISIVE.has(log.ending) && !((farewellIsMissing || !view.scene.connection.bothDirections) && ONE_SIDED.has(log.ending))) return null;
  const finding = concludeFromLog(log, view.input, log.ending === 'completed' ? 'quit' : view.stage);
  if (!finding || finding.cause === 'undetermined') return null;
  return conclude(view, {
    cause: finding.cause,
    causeConfidence: finding.causeConfidence,
    actor: finding.actor,
    actorConfidence: finding.actorConfidence,
    stage: finding.stage,
    support: [saw('capture-missed-octets', { by: party(view, farewellIsMissing && ending ? ending.side : view.scene.roles.client) }), ...finding.support],
    alternatives: [{ cause: 'premature-fin', actor: party(view, view.scene.roles.client), confidence: 'limited', decidedBy: 'full-snap' }],
    line: finding.line,
  });
}

/** The side that closed first may have said why, but its last words are not in the file, and no log tells. */
function unreadFarewell(view: CaseView): Finding | null {
  const { ending, log, scene } = view;
  // The log says why, or that the other side was lost; that receiving was aborted may have any reason.
  if (!ending || (log?.ending && log.ending !== 'aborted')) return null;
  const by = party(view, ending.side);
  return conclude(view, {
    cause: 'undetermined',
    causeConfidence: 'undetermined',
    actor: 'undetermined',
    actorConfidence: 'undetermined',
    support: [saw('capture-missed-octets', { by })],
    alternatives: [
      { cause: ending.side === scene.roles.client ? 'completed' : 'rejected', actor: by, confidence: 'limited', decidedBy: 'full-snap' },
      { cause: 'premature-fin', actor: by, confidence: 'limited', decidedBy: 'full-snap' },
    ],
  });
}

/** A server says why it closes (221, 421), a client that it does (QUIT), and the server answers that. A silence before the end tells more than its last word. */
function lacksFarewell(view: CaseView): boolean {
  const { scene, ending } = view;
  // What is acknowledged of a close that is not in the file tells whether words came with it.
  if (ending?.kind !== 'fin' || ending.unseen || hidesWords(scene.dialogue.tls)) return false;
  const { client, server } = scene.roles;
  return lacksLastWords(scene, server) && (ending.side === server || lacksLastWords(scene, client)) && timeout.conclude(view) === null;
}

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

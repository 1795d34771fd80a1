import { hidesLastWords } from '../case.ts';
import { conclude, party, serverCapture, type Rule } from '../finding.ts';
import { saw } from '../observation.ts';
import { dwarfsRhythm } from '../waiting.ts';

/**
 * The server's side is not in the file, and it spoke and closed at once, without waiting for anything: what it said can only have been a refusal
 * that ends the session (421, 554; RFC 5321, 3.8 and 4.2.1), or an answer before a crash.
 */
export const unseenRefusal: Rule = {
  name: 'unseen-refusal',
  conclude(view) {
    const { ending, wait, scene } = view;
    if (!ending?.unseen || ending.side !== scene.roles.server || hidesLastWords(scene) || (wait && dwarfsRhythm(wait))) return null;
    const { octets } = ending.unseen;
    if (octets === 0) return null;
    const by = party(view, ending.side);
    return conclude(view, {
      cause: 'rejected',
      causeConfidence: 'limited',
      actor: by,
      actorConfidence: 'moderate',
      rung: 'function',
      support: [saw('words-before-close', { by, octets }, [ending.packet])],
      alternatives: [{ cause: 'premature-fin', actor: by, confidence: 'limited', decidedBy: serverCapture(by) }],
    });
  },
};

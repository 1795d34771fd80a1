import { packetOf } from '../../model/tcp.ts';
import { hidesLastWords } from '../case.ts';
import { conclude, party, type Rule } from '../finding.ts';
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
    const unseen = ending?.unseen;
    if (!unseen || unseen.side !== scene.roles.server || unseen.octets === 0 || hidesLastWords(scene) || (wait && dwarfsRhythm(wait))) return null;
    const by = party(view, unseen.side);
    return conclude(view, {
      cause: 'rejected',
      causeConfidence: 'limited',
      actor: by,
      actorConfidence: 'moderate',
      rung: 'function',
      support: [saw('words-before-close', { by, octets: unseen.octets }, [packetOf(unseen.segment)])],
      alternatives: [{ cause: 'premature-fin', actor: by, confidence: 'limited', decidedBy: by === 'appliance' ? 'appliance-capture' : 'remote-capture' }],
    });
  },
};

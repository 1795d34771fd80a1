import type { Stage } from '../../model/smtp.ts';
import { hidesWords } from '../../model/tls.ts';
import { attributeReset } from '../attribution.ts';
import { conclude, logFacts, party, type CaseView, type Finding, type Rule } from '../finding.ts';
import { saw } from '../observation.ts';
import { silentDrop } from './silent.ts';

/** A RST that the named peer did not make contradicts the log's reading: the handshake was cut off, it did not fail. */
function isForeignReset({ scene, ending }: CaseView): boolean {
  return ending?.kind === 'rst' && ending.segment !== null && attributeReset(scene, ending.segment).actor !== scene.roles.party(ending.side);
}

/** An alert in the middle of words that were read ends these, not the handshake. */
function failedAt({ scene, stage }: CaseView): Stage {
  const { tls } = scene.dialogue;
  if (tls?.established && !hidesWords(tls)) return stage;
  return tls?.begin === 'from-start' ? 'banner' : 'starttls';
}

/** The handshake failed by an alert, or the log says that it failed and nothing contradicts. */
export const tlsFailure: Rule = {
  name: 'tls-failure',
  conclude(view): Finding | null {
    const { dialogue } = view.scene;
    const { log } = view;
    const alert = dialogue.tls?.alert ?? null;
    const logged = logFacts(view, 'log-tls-failed');
    // An alert that answers a close is not what ended the handshake.
    const inTime = alert !== null && (view.ending === null || alert.at.atUs <= view.ending.atUs);
    const failed = inTime && alert.level === 'fatal' && alert.name !== 'close_notify' && log?.ending !== 'completed';
    if (failed) {
      const by = party(view, alert.side);
      return conclude(view, {
        cause: 'tls-failure',
        causeConfidence: 'strong',
        actor: by,
        actorConfidence: 'moderate',
        stage: failedAt(view),
        rung: 'stack',
        support: [saw('tls-alert', { by, name: alert.name }, [alert.at.packet]), ...logged],
        decidedUs: alert.at.atUs,
        packet: alert.at.packet,
      });
    }
    if (log?.ending !== 'tls-failed') return null;
    // Packets that vanish contradict the log's reading: the handshake did not fail, it was not let through.
    if (dialogue.tls?.established || isForeignReset(view) || silentDrop.conclude(view)) return null;
    const side = view.ending?.side ?? null;
    return conclude(view, {
      cause: 'tls-failure',
      causeConfidence: 'moderate',
      actor: side === null ? 'undetermined' : party(view, side),
      actorConfidence: side === null ? 'undetermined' : 'limited',
      stage: 'starttls',
      rung: 'address',
      support: logged,
      alternatives: [{ cause: 'rst', actor: 'middlebox', confidence: 'limited', decidedBy: 'client-capture' }],
    });
  },
};

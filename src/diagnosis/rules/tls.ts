import type { Moment } from '../../model/evidence.ts';
import type { Stage } from '../../model/smtp.ts';
import { hidesWords } from '../../model/tls.ts';
import type { Side } from '../../model/units.ts';
import { attributeReset } from '../attribution.ts';
import { lacksWords } from '../case.ts';
import { conclude, logFacts, party, type CaseView, type Finding, type Rule } from '../finding.ts';
import { saw } from '../observation.ts';
import { acknowledges, segmentOf } from '../signals.ts';
import { meaningOfAlert } from '../tls-alerts.ts';
import { handshakeBefore } from '../tls-handshake.ts';
import { silentDrop } from './silent.ts';

/** A RST that the named peer did not make contradicts the log's reading: the handshake was cut off, it did not fail. */
function isForeignReset({ scene, ending }: CaseView): boolean {
  return ending?.kind === 'rst' && ending.segment !== null && attributeReset(scene, ending.segment).actor !== scene.roles.party(ending.side);
}

/** The side that closed had received the alert, whenever the file has it. */
function isAcknowledged({ scene, ending }: CaseView, { side, at }: { readonly side: Side; readonly at: Moment }): boolean {
  const alert = segmentOf(scene.segments, at.packet);
  return alert !== null && ending?.segment != null && ending.side !== side && acknowledges(ending.segment, alert);
}

/** Somebody left before STARTTLS was answered: a handshake that had not begun cannot fail. */
function leftUnanswered({ scene, ending }: CaseView): boolean {
  if (!ending || lacksWords(scene)) return false;
  const { events } = scene.dialogue;
  const asked = events.find((event) => event.kind === 'command' && event.verb === 'STARTTLS');
  if (asked?.kind !== 'command') return false;
  const reply = asked.reply === null ? undefined : events[asked.reply];
  return reply?.kind !== 'reply' || reply.at.atUs > ending.atUs;
}

/** An alert in the middle of words that were read ends these, not the handshake. */
function failedAt({ scene, stage }: CaseView): Stage {
  const { tls } = scene.dialogue;
  if (tls?.established && !hidesWords(tls)) return stage;
  return tls?.begin === 'from-start' ? 'banner' : 'starttls';
}

/** In TLS 1.3 alerts behind the ServerHello are encrypted: before the Finished of the same side so short a record can be nothing else. */
function hiddenAlert(view: CaseView): Finding | null {
  const { dialogue } = view.scene;
  const { tls, events, client } = dialogue;
  if (!tls || tls.established || tls.version !== 'TLSv1.3') return null;
  const alert = events.find((event) => event.kind === 'tls' && event.what === 'encrypted-alert');
  if (alert?.kind !== 'tls' || alert.side !== client || (view.ending && alert.at.atUs > view.ending.atUs)) return null;
  const { step } = handshakeBefore(dialogue, alert.at.atUs);
  if (step !== 'server-hello' && step !== 'server-flight') return null;
  const by = party(view, alert.side);
  return conclude(view, {
    cause: 'tls-failure',
    causeConfidence: 'moderate',
    actor: by,
    actorConfidence: 'moderate',
    stage: failedAt(view),
    rung: 'stack',
    support: [saw('tls-hidden-alert', { by, step }, [alert.at.packet]), ...logFacts(view, 'log-tls-failed')],
    decidedUs: alert.at.atUs,
    packet: alert.at.packet,
  });
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
    const inTime = alert !== null && (view.ending === null || alert.at.atUs <= view.ending.atUs || isAcknowledged(view, alert));
    const failed = inTime && alert.level === 'fatal' && alert.name !== 'close_notify' && log?.ending !== 'completed';
    if (failed) {
      const by = party(view, alert.side);
      const { step } = handshakeBefore(dialogue, alert.at.atUs);
      return conclude(view, {
        cause: 'tls-failure',
        causeConfidence: 'strong',
        actor: by,
        actorConfidence: 'moderate',
        stage: failedAt(view),
        rung: 'stack',
        support: [saw('tls-alert', { by, name: alert.name, step, means: meaningOfAlert(alert.name) }, [alert.at.packet]), ...logged],
        decidedUs: alert.at.atUs,
        packet: alert.at.packet,
      });
    }
    const hidden = hiddenAlert(view);
    if (hidden) return hidden;
    if (log?.ending !== 'tls-failed' || leftUnanswered(view)) return null;
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

import type { SmtpReply } from '../../../model/smtp.ts';
import { party } from '../../finding.ts';
import { saw } from '../../observation.ts';
import { handshakeBefore } from '../../tls-handshake.ts';
import { NOTHING, type PathObserver } from './observer.ts';

/** The connection ended, or fell silent, in the middle of the handshake, and nobody said why. */
export const handshakeCut: PathObserver = {
  name: 'handshake-cut',
  blindWhen: ['alerts that TLS 1.3 hides', 'captures that lost packets'],
  observe({ scene, ending }) {
    const { tls } = scene.dialogue;
    if (!tls || tls.established || tls.alert || ending?.kind === 'close-notify' || !scene.connection.bothDirections) return NOTHING;
    const { step, last } = handshakeBefore(scene.dialogue, ending?.atUs ?? Infinity);
    return last ? [{ observation: saw('tls-handshake-cut', { step, how: ending?.kind ?? 'silence' }, [last.packet]), interference: null }] : [];
  },
};

/** STARTTLS was asked for, and the answer was no (RFC 3207, 4: 454, 501). */
export const starttlsRefused: PathObserver = {
  name: 'starttls-refused',
  blindWhen: ['servers that do not offer it', 'captures that begin later'],
  observe(view) {
    const { events } = view.scene.dialogue;
    if (!view.scene.dialogue.starttlsRefused) return NOTHING;
    const command = events.find((event) => event.kind === 'command' && event.verb === 'STARTTLS');
    const reply = command?.kind === 'command' && command.reply !== null ? events[command.reply] : undefined;
    if (reply?.kind !== 'reply') return NOTHING;
    const by = party(view, view.scene.roles.server);
    return [{ observation: saw('starttls-refused', { by, code: reply.code, text: textOf(reply) }, [reply.at.packet]), interference: null }];
  },
};

/** After the 220 to STARTTLS a side went on in clear. */
export const answeredInClear: PathObserver = {
  name: 'answered-in-clear',
  blindWhen: ['captures that lost packets'],
  observe(view) {
    const { scene } = view;
    if (scene.lossyCapture) return NOTHING;
    const event = scene.dialogue.events.find((candidate) => candidate.kind === 'tls' && candidate.what === 'not-tls');
    if (event?.kind !== 'tls') return NOTHING;
    return [{ observation: saw('starttls-answered-in-clear', { by: party(view, event.side) }, [event.at.packet]), interference: null }];
  },
};

function textOf({ lines }: SmtpReply): string {
  return lines.join(' ').trim();
}

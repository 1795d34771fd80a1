import { saw } from '../../observation.ts';
import { party } from '../../finding.ts';
import { NOTHING, type PathObserver } from './observer.ts';
import { hidesWords } from '../../../model/tls.ts';

/** A reply on the wire that the appliance's own injection debug log never sent: somebody answered in its name. */
export const unloggedReplies: PathObserver = {
  name: 'unlogged-replies',
  blindWhen: ['no injection debug log for this connection', "captures on the appliance's host, which hold only what it sent", 'TLS'],
  observe(view) {
    const { scene, input } = view;
    const debug = input.session.injection?.debug ?? [];
    if (debug.length === 0) return NOTHING;
    const sent = debug.filter((record) => record.direction === 'sent').map((record) => record.text.replaceAll(/\s+/g, ' '));
    if (sent.length === 0 || scene.ownSide === scene.roles.server || hidesWords(scene.dialogue.tls)) return NOTHING;
    for (const event of scene.dialogue.events) {
      if (event.kind !== 'reply' || event.code < 400 || !event.complete) continue;
      const text = `${event.code} ${event.lines.join(' ')}`;
      if (sent.some((line) => line.includes(event.lines[0] ?? ''))) continue;
      return [{ observation: saw('reply-unlogged', { by: party(view, scene.roles.server), text }, [event.at.packet]), interference: 'proxy' }];
    }
    return NOTHING;
  },
};

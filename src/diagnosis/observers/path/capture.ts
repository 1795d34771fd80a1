import { party } from '../../finding.ts';
import { saw } from '../../observation.ts';
import { repeatedStop } from '../../repeated-stops.ts';
import { NOTHING, type PathObserver } from './observer.ts';

/** What the file itself leaves out, as facts beside the others. */
export const missingParts: PathObserver = {
  name: 'missing-parts',
  blindWhen: [],
  observe(view) {
    const { connection, segments } = view.scene;
    if (connection.bothDirections && connection.sawSyn) return NOTHING;
    const [first] = segments;
    const side = first && !connection.bothDirections ? [saw('one-direction', { side: party(view, first.side) })] : [];
    const late = connection.sawSyn ? [] : [saw('began-late', {})];
    return [...side, ...late].map((observation) => ({ observation, interference: null }));
  },
};

/** Tries of one message that stop at one octet, whatever ended them. */
export const repeatedStops: PathObserver = {
  name: 'repeated-stops',
  blindWhen: ['TLS', 'captures with fewer than three tries of the message'],
  observe(view) {
    const stop = repeatedStop(view);
    return stop ? [{ observation: stop, interference: null }] : NOTHING;
  },
};

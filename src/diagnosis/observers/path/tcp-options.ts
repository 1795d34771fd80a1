import { packetOf, SegmentNote } from '../../../model/tcp.ts';
import { otherSide } from '../../../model/units.ts';
import { has } from '../../case.ts';
import { party } from '../../finding.ts';
import { saw } from '../../observation.ts';
import { NOTHING, type PathObserver, type Sighting } from './observer.ts';

/** Default of `sysopt connection tcpmss` on PIX and ASA (Cisco). */
const ASA_MSS = 1380;

/** Options that a device replaced by NOPs, and the segment size that ASA sets by default. No system sends four NOPs in a row by itself. */
export const strippedOptions: PathObserver = {
  name: 'stripped-options',
  blindWhen: ['captures that begin after the SYN', 'a device that removes options without filling their place'],
  observe(view) {
    const found: Sighting[] = [];
    for (const side of [0, 1] as const) {
      const endpoint = view.scene.endpoint(side);
      const syn = view.scene.syns.find((segment) => segment.side === side);
      if (!endpoint.syn || !syn || side === view.scene.ownSide) continue;
      const by = party(view, side);
      if (/(?:nop,){3}nop/.test(endpoint.syn.layout))
        found.push({ observation: saw('options-stripped', { by, layout: endpoint.syn.layout }, [packetOf(syn)]), interference: 'option-stripped' });
      if (endpoint.syn.mss === ASA_MSS) found.push({ observation: saw('segment-size-clamped', { by, mss: ASA_MSS }, [packetOf(syn)]), interference: null });
    }
    return found;
  },
};

/** The same sequence numbers with other octets: somebody altered the stream, or put something into it. */
export const alteredStream: PathObserver = {
  name: 'altered-stream',
  blindWhen: ['packets cut by the snap length'],
  observe(view) {
    if ((view.scene.notes & SegmentNote.conflictingOverlap) === 0) return NOTHING;
    const altered = view.scene.segments.filter((segment) => has(segment, SegmentNote.conflictingOverlap) && !has(segment, SegmentNote.badChecksum));
    const [first] = altered;
    return first ? [{ observation: saw('stream-altered', { by: party(view, first.side) }, altered.slice(0, 6).map(packetOf)), interference: null }] : NOTHING;
  },
};

/** SACK blocks beyond everything that was sent: a device shifts sequence numbers and forgets the option (FTD and FWSM documentation). */
export const impossibleSack: PathObserver = {
  name: 'impossible-sack',
  blindWhen: ['captures that lost packets', 'captures that begin after the SYN'],
  observe(view) {
    const { scene } = view;
    if (scene.lossyCapture || !scene.connection.sawSyn || !scene.connection.bothDirections) return NOTHING;
    const odd = scene.segments.filter(({ side, sackRight }) => sackRight > 0 && sackRight > scene.endpoint(otherSide(side)).sentTo + SACK_SLACK);
    const [first] = odd;
    return first
      ? [{ observation: saw('sack-impossible', { by: party(view, first.side) }, odd.slice(0, 4).map(packetOf)), interference: 'sequence-shift' }]
      : NOTHING;
  },
};

/** A block may name octets that the capture has not yet seen acknowledged; a shifted one is off by far more. */
const SACK_SLACK = 65_536;

export const strayResetSightings: PathObserver = {
  name: 'stray-resets',
  blindWhen: ['captures with one direction'],
  observe(view) {
    const stray = view.scene.connection.bothDirections ? view.strays : [];
    const [first] = stray;
    return first
      ? [{ observation: saw('stray-rst', { by: party(view, first.side), count: stray.length }, stray.slice(0, 6).map(packetOf)), interference: 'stray-rst' }]
      : NOTHING;
  },
};

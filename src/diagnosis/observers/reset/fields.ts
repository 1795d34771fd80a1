import { packetOf } from '../../../model/tcp.ts';
import { soleOf } from '../../case.ts';
import { saw } from '../../observation.ts';
import { shapeOf } from '../../reset-shape.ts';
import { MIN_BASELINE, type ResetObserver } from './observer.ts';

/** Another last hop: the MAC address of the frame is not that of the sender's other frames. */
export const mac: ResetObserver = {
  name: 'mac',
  blindWhen: [
    'links without addresses',
    'several gateways (redundancy, equal-cost paths)',
    'a firewall that is itself the last router: then all frames are its own',
  ],
  observe({ scene, before, rst, named }) {
    const usual = soleOf(before.map((segment) => segment.mac));
    if (rst.mac < 0 || usual === undefined || before.length < MIN_BASELINE || usual === rst.mac) return [];
    return [saw('rst-other-mac', { by: named, mac: scene.connection.macs[rst.mac] ?? '', usual: scene.connection.macs[usual] ?? '' }, [packetOf(rst)])];
  },
};

/** Another VLAN than that of the sender's other frames: another way into the capturing host's network. */
export const vlan: ResetObserver = {
  name: 'vlan',
  blindWhen: ['captures without VLAN tags', 'two gateways in different networks'],
  observe({ before, rst, named }) {
    const usual = soleOf(before.map((segment) => segment.vlan));
    if (rst.vlan < 0 || usual === undefined || before.length < MIN_BASELINE || usual === rst.vlan) return [];
    return [saw('rst-other-vlan', { by: named, vlan: rst.vlan, usual }, [packetOf(rst)])];
  },
};

/** Fields copied from the packet that it answers: a box turned that packet around. Equal zeros tell nothing. */
export const copied: ResetObserver = {
  name: 'copied',
  blindWhen: ['identifications of 0', 'IPv6'],
  observe({ rst, trigger, named }) {
    if (!trigger || rst.ipId <= 0 || rst.ipId !== trigger.ipId) return [];
    return [
      saw('rst-copies-fields', { by: named, ipId: rst.ipId, window: rst.window > 0 && rst.window === trigger.window }, [packetOf(trigger), packetOf(rst)]),
    ];
  },
};

/** The "don't fragment" bit is set otherwise than in all other packets of the sender. */
export const fragmentBit: ResetObserver = {
  name: 'fragment-bit',
  blindWhen: ['IPv6', 'a sender that sets the bit now and then'],
  observe({ scene, before, rst, named }) {
    if (scene.connection.family === 6 || before.length < MIN_BASELINE || before.some((segment) => segment.dontFragment === rst.dontFragment)) return [];
    return [saw('rst-fragment-bit-differs', { by: named, set: rst.dontFragment }, [packetOf(rst)])];
  },
};

/** Another class of service than all other packets of the sender have. Zero tells nothing: many stacks put it into any RST. */
export const typeOfService: ResetObserver = {
  name: 'type-of-service',
  blindWhen: ['a RST with 0', 'networks that mark packets anew by their content'],
  observe({ before, rst, named }) {
    const usual = soleOf(before.map((segment) => segment.tos & DSCP));
    if (before.length < MIN_BASELINE || usual === undefined || (rst.tos & DSCP) === 0 || (rst.tos & DSCP) === usual) return [];
    return [saw('rst-tos-differs', { by: named, tos: rst.tos & DSCP, usual }, [packetOf(rst)])];
  },
};

/** Without the two bits of congestion notification (RFC 3168), which change from packet to packet. */
const DSCP = 0xfc;

/** Round trips shorter than this cannot be told from nothing. */
const MIN_RTT_US = 10_000;

/** The answer came sooner than the named host can answer. */
export const latency: ResetObserver = {
  name: 'latency',
  blindWhen: ['a round trip below 10 ms', 'a RST that answers nothing', 'a proxy: then the round trip is that to the proxy'],
  observe({ scene, rst, trigger, named }) {
    const rttUs = rst.side === 0 ? scene.connection.originatorRttUs : scene.connection.responderRttUs;
    if (rttUs === null || rttUs < MIN_RTT_US || !trigger || trigger.length === 0 || shapeOf(rst) !== 'reactive' || rst.seq !== trigger.ack) return [];
    const afterUs = rst.atUs - trigger.atUs;
    return afterUs < rttUs / 2 ? [saw('rst-too-soon', { by: named, seconds: afterUs / 1e6, rttSeconds: rttUs / 1e6 }, [packetOf(trigger), packetOf(rst)])] : [];
  },
};

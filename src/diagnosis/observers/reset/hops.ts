import { packetOf } from '../../../model/tcp.ts';
import { hopsOf, initialTtl } from '../../hops.ts';
import { saw } from '../../observation.ts';
import { MIN_BASELINE, type ResetObserver } from './observer.ts';

/** RSTs of this many unrelated networks with one and the same TTL come from one place. */
const MIN_NETWORKS = 3;

/** The same foreign place as in sessions of other clients: on the part of the path that all of them share. */
export const alikeElsewhere: ResetObserver = {
  name: 'alike-elsewhere',
  blindWhen: ['captures with fewer than three client networks whose connections were reset', 'deliveries'],
  observe({ scene, before, rst, named }) {
    const networks = scene.input.survey?.foreignResets.get(rst.ttl) ?? 0;
    if (networks < MIN_NETWORKS || named !== 'client' || before.length === 0 || before.some((segment) => segment.ttl === rst.ttl)) return [];
    return [saw('rst-alike-elsewhere', { by: named, networks, ttl: rst.ttl }, [packetOf(rst)])];
  },
};

/** Packets before the RST that tell the route it would take. */
const RECENT = 4;

/** Whether the RST came as far as the other packets of its named sender. */
export const hops: ResetObserver = {
  name: 'hops',
  blindWhen: ['fewer than four packets before it', 'hop counts that alternate from packet to packet (equal-cost paths)', 'a device that sets every TTL alike'],
  observe({ before, rst, named }) {
    const recent = before.slice(-RECENT);
    const usual = recent.at(-1)?.ttl;
    if (usual === undefined) return [];
    const seen = new Set(before.map((segment) => segment.ttl));
    if (seen.has(rst.ttl)) {
      const changed = seen.size > 1 && recent.every((segment) => segment.ttl === rst.ttl);
      if (changed) return [saw('rst-after-route-change', { by: named, ttl: rst.ttl, since: recent[0]?.packet ?? rst.packet }, [packetOf(rst)])];
      return [saw('rst-hops-agree', { by: named, ttl: rst.ttl }, [packetOf(rst)])];
    }
    if (before.length < MIN_BASELINE || recent.some((segment) => segment.ttl !== usual)) return [];
    const data = {
      by: named,
      rstTtl: rst.ttl,
      usualTtl: usual,
      rstHops: hopsOf(rst.ttl),
      usualHops: hopsOf(usual),
      sameClass: initialTtl(rst.ttl) === initialTtl(usual),
    };
    return [saw('rst-hops-differ', data, [...before.slice(-1), rst].map(packetOf))];
  },
};

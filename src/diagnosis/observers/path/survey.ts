import { saw } from '../../observation.ts';
import { NOTHING, type PathObserver } from './observer.ts';

/** One box speaks for many peers: told by all sessions together, never by one. A known balancer is topology, not a suspect. */
export const oneBoxForMany: PathObserver = {
  name: 'one-box-for-many',
  blindWhen: ['clients of fewer than ten networks', 'deliveries', 'a known balancer or relay'],
  observe({ input, scene }) {
    const { survey, session, site } = input;
    if (!survey?.oneBox || session.direction !== 'inbound' || site.balancers.includes(scene.endpoint(scene.roles.client).ip)) return NOTHING;
    return [
      { observation: saw('one-box-many-peers', { networks: survey.networks, ttl: survey.oneBox.ttl, nearby: survey.answersNearby }), interference: 'proxy' },
    ];
  },
};

import { saw } from '../../observation.ts';
import type { CaseView } from '../../finding.ts';
import { NOTHING, type PathObserver } from './observer.ts';

interface Limit {
  readonly what: string;
  readonly value: number;
  readonly source: string;
  measure(view: CaseView): number;
}

/** Beyond these the default ESMTP inspection of an ASA drops the connection without a word. */
const ASA_LIMITS: readonly Limit[] = [
  {
    what: 'octets of a command line',
    value: 512,
    source: 'Cisco ASA CLI guide, default ESMTP policy map',
    measure: ({ scene }) => Math.max(0, ...scene.dialogue.events.map((event) => (event.kind === 'command' ? event.length : 0))),
  },
  {
    what: 'recipients',
    value: 100,
    source: 'Cisco ASA CLI guide, default ESMTP policy map',
    measure: ({ scene }) => Math.max(0, ...scene.dialogue.transactions.map((transaction) => transaction.recipients.length)),
  },
  {
    what: 'octets of a header line',
    value: 998,
    source: 'Cisco ASA CLI guide, default ESMTP policy map',
    measure: ({ scene }) => Math.max(0, ...scene.dialogue.transactions.map((transaction) => transaction.longestHeaderLine)),
  },
  {
    what: 'octets of a sender address',
    value: 320,
    source: 'Cisco ASA CLI guide, default ESMTP policy map',
    measure: ({ scene }) => Math.max(0, ...scene.dialogue.transactions.map((transaction) => transaction.reversePath.length)),
  },
];

/** The session stopped at a limit of SMTP inspection. The excess itself never arrives, so reaching the limit is all that can be seen. */
export const inspectionLimits: PathObserver = {
  name: 'inspection-limits',
  blindWhen: ['TLS', 'sessions that ended well or with a word'],
  observe(view) {
    const { ending, scene } = view;
    if (ending?.kind === 'quit' || scene.dialogue.transactions.at(-1)?.outcome === 'accepted') return NOTHING;
    return ASA_LIMITS.filter((limit) => limit.measure(view) >= limit.value).map((limit) => ({
      observation: saw('inspection-limit', { what: limit.what, limit: limit.value, reached: limit.measure(view) }),
      interference: null,
    }));
  },
};

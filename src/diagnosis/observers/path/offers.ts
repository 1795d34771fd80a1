import type { SmtpReply } from '../../../model/smtp.ts';
import { party, type CaseView } from '../../finding.ts';
import { saw } from '../../observation.ts';
import { NOTHING, type PathObserver, type Sighting } from './observer.ts';

/** Keywords of other servers; no public transcript shows AsyncOS offering them. */
const FOREIGN_KEYWORDS: readonly { readonly keyword: string; readonly offeredBy: string }[] = [
  { keyword: 'X-ANONYMOUSTLS', offeredBy: 'Exchange' },
  { keyword: 'X-EXPS', offeredBy: 'Exchange' },
  { keyword: 'X-LINK2STATE', offeredBy: 'Exchange' },
  { keyword: 'XEXCH50', offeredBy: 'Exchange' },
  { keyword: 'XRDST', offeredBy: 'Exchange' },
  { keyword: 'XSHADOW', offeredBy: 'Exchange' },
  { keyword: 'BINARYMIME', offeredBy: 'Exchange' },
  { keyword: 'TURN', offeredBy: 'Exchange' },
  { keyword: 'VRFY', offeredBy: 'Postfix, Exchange' },
  { keyword: 'ETRN', offeredBy: 'Postfix, Exchange' },
  { keyword: 'DSN', offeredBy: 'Postfix, sendmail, Exchange' },
  { keyword: 'EXPN', offeredBy: 'sendmail' },
  { keyword: 'DELIVERBY', offeredBy: 'sendmail' },
  { keyword: 'PRDR', offeredBy: 'Exim' },
];

/** Keywords in every public transcript of AsyncOS. */
const OWN_KEYWORDS = ['8BITMIME', 'SIZE'];

/** The keyword alone: `SIZE` of `SIZE 10485760`, also of the older `AUTH=LOGIN`. */
function keywordOf(line: string): string {
  return /^[^\s=]*/.exec(line.toUpperCase())?.[0] ?? '';
}

/** Somebody else answered EHLO, or changed the answer. */
export const offersOfAnother: PathObserver = {
  name: 'offers-of-another',
  blindWhen: ["captures on the appliance's host, which hold its own answer", 'deliveries', 'TLS'],
  observe(view) {
    const { scene } = view;
    if (view.input.session.direction !== 'inbound' || scene.ownSide === scene.roles.server) return NOTHING;
    const { capabilities } = scene.dialogue;
    const reply = answerToEhlo(view);
    if (!reply) return NOTHING;
    const by = party(view, scene.roles.server);
    const offered = capabilities.map((line) => keywordOf(line));
    const foreign = FOREIGN_KEYWORDS.filter(({ keyword }) => offered.includes(keyword)).map(({ keyword }) => keyword);
    const missing = OWN_KEYWORDS.filter((keyword) => !offered.includes(keyword));
    const found: Sighting[] = [];
    if (foreign.length > 0) found.push({ observation: saw('capability-unexpected', { by, keywords: foreign }, [reply.at.packet]), interference: null });
    if (missing.length > 0) found.push({ observation: saw('capability-missing', { by, keywords: missing }, [reply.at.packet]), interference: null });
    return found;
  },
};

/** The remote server offers STARTTLS to others, or did so before. */
export const tlsNotOffered: PathObserver = {
  name: 'tls-not-offered',
  blindWhen: ['incoming sessions', 'captures with one session to that server', 'servers that stand behind one address and differ'],
  observe(view) {
    const { scene, input } = view;
    if (input.session.direction !== 'outbound' || scene.dialogue.tls) return NOTHING;
    const reply = answerToEhlo(view);
    const server = scene.endpoint(scene.roles.server).ip;
    const offered = scene.dialogue.capabilities.some((keyword) => keyword.toUpperCase() === 'STARTTLS');
    if (!reply || offered || !input.survey?.tlsServers.has(server)) return NOTHING;
    return [{ observation: saw('starttls-missing', { by: party(view, scene.roles.server) }, [reply.at.packet]), interference: 'starttls-stripped' }];
  },
};

/** A client that is known to use STARTTLS does not. */
export const tlsGivenUp: PathObserver = {
  name: 'tls-given-up',
  blindWhen: ['deliveries', 'clients that are seen once', 'addresses that several hosts share'],
  observe(view) {
    const { scene, input } = view;
    const { ip } = scene.endpoint(scene.roles.client);
    const plain = scene.dialogue.tls === null && scene.dialogue.transactions.length > 0;
    if (input.session.direction !== 'inbound' || !plain || !input.survey?.tlsClients.has(ip)) return NOTHING;
    return [{ observation: saw('tls-given-up', { by: party(view, scene.roles.client) }), interference: null }];
  },
};

/** Networks from which some client would have used STARTTLS if it had heard of it. */
const MIN_NETWORKS = 20;

/** Nobody from outside uses what the appliance offers to all. */
export const tlsNeverUsed: PathObserver = {
  name: 'tls-never-used',
  blindWhen: ['clients of fewer than twenty networks', 'deliveries'],
  observe({ input }) {
    const { survey, session } = input;
    if (!survey || session.direction !== 'inbound' || survey.starttls.networks < MIN_NETWORKS || survey.starttls.used > 0) return NOTHING;
    return [{ observation: saw('starttls-never-used', { networks: survey.starttls.networks }), interference: null }];
  },
};

/** Networks whose names must all be addresses; mail servers have names. */
const MIN_NAMED = 10;
const LITERAL_SHARE = 0.9;

/** All clients call themselves by their address: a proxy says HELO for them. */
export const heloIsAddress: PathObserver = {
  name: 'helo-is-address',
  blindWhen: ['clients of fewer than ten networks', 'deliveries', 'TLS'],
  observe({ input }) {
    const { survey, session } = input;
    if (!survey || session.direction !== 'inbound' || survey.heloNames.networks < MIN_NAMED) return NOTHING;
    if (survey.heloNames.literals < survey.heloNames.networks * LITERAL_SHARE) return NOTHING;
    return [{ observation: saw('helo-is-address', { networks: survey.heloNames.networks }), interference: 'proxy' }];
  },
};

function answerToEhlo({ scene }: CaseView): SmtpReply | null {
  const { events, capabilities } = scene.dialogue;
  if (capabilities.length === 0) return null;
  return (
    events.find((event): event is SmtpReply => {
      const asked = event.kind === 'reply' && event.to !== null ? events[event.to] : undefined;
      return event.kind === 'reply' && event.complete && asked?.kind === 'command' && asked.verb === 'EHLO';
    }) ?? null
  );
}

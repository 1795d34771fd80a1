import type { SmtpCommand, SmtpReply } from '../../../model/smtp.ts';
import { saw } from '../../observation.ts';
import { party } from '../../finding.ts';
import { NOTHING, type PathObserver } from './observer.ts';

/** Commands overwritten with X, as SMTP inspection of PIX and ASA does (Cisco documents 113423 and 118550). */
export const maskedCommands: PathObserver = {
  name: 'masked-commands',
  blindWhen: ['TLS', 'deliveries, where the appliance itself sends the commands'],
  observe({ scene }) {
    if (scene.ownSide === scene.roles.client) return NOTHING;
    const masked = scene.dialogue.events.filter(
      (event): event is SmtpCommand => event.kind === 'command' && !event.known && /^(?:X{4,}|x{4,})$/.test(event.verb),
    );
    const [first] = masked;
    return first
      ? [
          {
            observation: saw(
              'command-masked',
              { verb: first.verb },
              masked.slice(0, 6).map((event) => event.at.packet),
            ),
            interference: 'command-masked',
          },
        ]
      : NOTHING;
  },
};

/** A greeting of asterisks: the banner was masked on its way to the client (Cisco document 118584). Old versions leave the characters 2 and 0. */
export const maskedBanner: PathObserver = {
  name: 'masked-banner',
  blindWhen: ["captures on the server's host, which hold its own words before anything can mask them"],
  observe(view) {
    const { scene } = view;
    const { greeting } = scene.dialogue;
    const text = greeting?.lines[0] ?? '';
    if (!greeting || scene.ownSide === scene.roles.server || !/^[*20 ]*\*{5,}[*20 ]*$/.test(text)) return NOTHING;
    return [{ observation: saw('banner-masked', { by: party(view, scene.roles.server) }, [greeting.at.packet]), interference: 'banner-masked' }];
  },
};

/** EHLO keywords overwritten with X and a closing letter (`XXXXXXXA`), of the length of the original. */
export const maskedCapabilities: PathObserver = {
  name: 'masked-capabilities',
  blindWhen: ["captures on the server's host", 'TLS'],
  observe(view) {
    const { scene } = view;
    if (scene.ownSide === scene.roles.server) return NOTHING;
    const masked = scene.dialogue.capabilities.filter((keyword) => /^X{2,}[A-Z]$/.test(keyword));
    const reply = scene.dialogue.events.find(
      (event): event is SmtpReply => event.kind === 'reply' && event.code === 250 && event.lines.some((line) => masked.includes(line)),
    );
    if (masked.length === 0 || !reply) return NOTHING;
    return [
      {
        observation: saw('capability-masked', { by: party(view, scene.roles.server), keywords: masked.slice(0, 6) }, [reply.at.packet]),
        interference: 'capability-masked',
      },
    ];
  },
};

/** Reply texts of security products, which no AsyncOS says. */
const FOREIGN_REPLIES: readonly { readonly pattern: RegExp; readonly product: string; readonly source: string }[] = [
  { pattern: /blocked by Palo Alto Networks/i, product: 'a Palo Alto Networks firewall', source: 'webernetz.net; proxyadvices' },
  { pattern: /^5\.4\.1 Content blocked/i, product: 'a Palo Alto Networks firewall', source: 'webernetz.net' },
  { pattern: /FortiGate|FortiGuard/i, product: 'a FortiGate', source: 'vendor documentation' },
  { pattern: /^5\.7\.1 Virus detected\.?$/, product: 'a Stormshield firewall (its default text)', source: 'SNS guides' },
  { pattern: /Stormshield/i, product: 'a Stormshield firewall', source: 'SNS guides' },
  { pattern: /Check ?Point/i, product: 'a Check Point gateway', source: 'vendor documentation' },
];

/** A device that answers in the server's name gives itself away by its words. */
export const foreignReplies: PathObserver = {
  name: 'foreign-replies',
  blindWhen: ["captures on the server's host", 'TLS', 'texts that an administrator has changed'],
  observe(view) {
    const { scene } = view;
    if (scene.ownSide === scene.roles.server) return NOTHING;
    for (const event of scene.dialogue.events) {
      if (event.kind !== 'reply' || event.code < 400) continue;
      const text = event.lines.join(' ');
      const known = FOREIGN_REPLIES.find((entry) => entry.pattern.test(text));
      if (known)
        return [
          {
            observation: saw('foreign-reply', { by: party(view, scene.roles.server), text: `${event.code} ${text}`, product: known.product }, [
              event.at.packet,
            ]),
            interference: 'proxy',
          },
        ];
    }
    return NOTHING;
  },
};

import type { Actor, Cause } from '../model/report.ts';

/**
 * What is supposed to have happened: the third part of a hypothesis beside cause and actor. `rank` orders them from what makes an end
 * inevitable to what follows from it: a hypothesis expects the facts of those below it (a loss leads to a timeout, a timeout to a FIN).
 */
export interface Mechanism {
  readonly rank: number;
  readonly does: string;
}

/** Every mechanism that a rule may suppose. */
export const MECHANISMS = {
  injects: { rank: 0, does: 'a device made the packet, as another capture point shows' },
  impersonates: { rank: 0, does: 'a device speaks in the name of one end' },
  refuses: { rank: 1, does: 'answers the SYN, or the first packets, with a RST' },
  'breaks-off-tls': { rank: 1, does: 'ends the TLS handshake' },
  prohibits: { rank: 2, does: 'a device refuses to pass packets and says so by ICMP' },
  rebinds: { rank: 2, does: 'a translator forgets the connection and makes a new one' },
  'drops-large': { rank: 2, does: 'the path swallows packets beyond its size and does not say so' },
  'drops-content': { rank: 2, does: 'a device swallows what it does not like, each time at the same octet' },
  'drops-unscaled': { rank: 2, does: 'a device swallows what lies beyond the window as it reads without its scale' },
  forgets: { rank: 2, does: 'a device forgets the idle connection and swallows what comes later' },
  loses: { rank: 2, does: 'packets vanish on the way, or a host fell silent' },
  'gives-up': { rank: 3, does: 'waits for the other end until its patience is over, and closes' },
  denies: { rank: 4, does: 'answers with 4xx or 5xx, and the session ends with that' },
  finishes: { rank: 5, does: 'ends in good order' },
  withdraws: { rank: 5, does: 'says QUIT before anything was delivered' },
  'forges-reset': { rank: 6, does: 'a device sends a RST in the name of an end' },
  'forges-close': { rank: 6, does: 'a device sends a FIN in the name of an end' },
  aborts: { rank: 6, does: 'a live socket resets' },
  'knows-nothing': { rank: 6, does: 'a host without such a connection answers with a RST' },
  closes: { rank: 6, does: 'closes without a word' },
  'runs-on': { rank: 7, does: 'had not ended' },
  unseen: { rank: 7, does: 'ended by what is not in the inputs' },
} as const satisfies Readonly<Record<string, Mechanism>>;

export type MechanismName = keyof typeof MECHANISMS;

const USUAL: Readonly<Record<Cause, MechanismName>> = {
  refused: 'refuses',
  'tls-failure': 'breaks-off-tls',
  timeout: 'gives-up',
  'silent-drop': 'loses',
  rejected: 'denies',
  completed: 'finishes',
  'client-quit': 'withdraws',
  rst: 'aborts',
  'premature-fin': 'closes',
  'still-open': 'runs-on',
  undetermined: 'unseen',
};

/** What a cause means by itself, where a rule knows no more. */
export function usualMechanism(cause: Cause, actor: Actor): MechanismName {
  if (actor === 'middlebox' && cause === 'rst') return 'forges-reset';
  if (actor === 'middlebox' && cause === 'premature-fin') return 'forges-close';
  return USUAL[cause];
}

import type { Actor, Cause, Confidence } from '../model/report.ts';
import type { Alternative, DecidingEvidence } from './finding.ts';

/** One of several histories that leave the same packets at one capture point. */
interface Member {
  readonly cause: Cause;
  /** `named`: whose address the deciding packet carries, or who was silent. */
  readonly actor: Actor | 'named';
}

/** Histories that look alike, the most that may be said of the named one, and what shows the difference. */
interface EqualPicture {
  readonly members: readonly Member[];
  readonly cap: Confidence;
  /** `far-end`: a capture at the host that the packet names. */
  readonly decidedBy: DecidingEvidence | 'far-end';
  readonly source: string;
}

const PAIRS = 'matched pairs recorded with Linux endpoints, a transparent proxy and netfilter';

const PICTURES = {
  /** A client's FIN, and that of a transparent proxy that relays or decides it. */
  'peer-closes': {
    members: [
      { cause: 'premature-fin', actor: 'named' },
      { cause: 'premature-fin', actor: 'middlebox' },
    ],
    cap: 'moderate',
    decidedBy: 'far-end',
    source: PAIRS,
  },
  /** A host's abort; a proxy's; a forgery with every field right, by a box as near as the host. */
  'peer-resets': {
    members: [
      { cause: 'rst', actor: 'named' },
      { cause: 'rst', actor: 'middlebox' },
    ],
    cap: 'moderate',
    decidedBy: 'far-end',
    source: PAIRS,
  },
  /** A host that never got the SYN's answer through, and a box that answers for it. */
  'peer-refuses': {
    members: [
      { cause: 'refused', actor: 'named' },
      { cause: 'refused', actor: 'middlebox' },
    ],
    cap: 'moderate',
    decidedBy: 'both-sides-of-firewall',
    source: 'netfilter REJECT writes what a host without a listener writes (nf_reject_ipv4.c)',
  },
  /** Packets that die on the way, a host that died, a box that swallows. */
  vanishing: {
    members: [
      { cause: 'silent-drop', actor: 'undetermined' },
      { cause: 'silent-drop', actor: 'middlebox' },
    ],
    cap: 'undetermined',
    decidedBy: 'both-sides-of-firewall',
    source: PAIRS,
  },
  /** A side that says nothing, and a path that lets nothing of it through, when no later packet tells. */
  silence: {
    members: [
      { cause: 'timeout', actor: 'named' },
      { cause: 'silent-drop', actor: 'undetermined' },
    ],
    cap: 'moderate',
    decidedBy: 'client-capture',
    source: PAIRS,
  },
  /** Its FIN or RST was lost, it restarted, or a box had reset it alone: its host answers later packets as if it knew of nothing. */
  'vanished-peer': {
    members: [
      { cause: 'timeout', actor: 'named' },
      { cause: 'rst', actor: 'middlebox' },
      { cause: 'silent-drop', actor: 'middlebox' },
    ],
    cap: 'limited',
    decidedBy: 'both-sides-of-firewall',
    source: PAIRS,
  },
} as const satisfies Readonly<Record<string, EqualPicture>>;

export type PictureName = keyof typeof PICTURES;

/** The most that one capture point allows to be said of the named party. */
export function capOf(picture: PictureName): Confidence {
  return PICTURES[picture].cap;
}

/** What else the same packets may mean, beside what was concluded: `named` as in the picture, `said` as in the verdict. */
export function alikeTo(picture: PictureName, said: { readonly cause: Cause; readonly actor: Actor; readonly named: Actor }): Alternative[] {
  const { members, decidedBy }: EqualPicture = PICTURES[picture];
  return members
    .map((member) => ({ cause: member.cause, actor: member.actor === 'named' ? said.named : member.actor }))
    .filter((member) => member.cause !== said.cause || member.actor !== said.actor)
    .map((member) => ({
      ...member,
      confidence: 'limited',
      decidedBy: decidedBy === 'far-end' ? (said.named === 'client' ? 'client-capture' : 'remote-capture') : decidedBy,
    }));
}

import type { CaseView } from './finding.ts';
import { saw, type Observation } from './observation.ts';
import { envelopeKey } from './survey/places.ts';

/** Tries of one message that must have stopped alike, this one among them, and by how many octets they may differ: one segment. */
const MIN_TRIES = 3;
const SAME_OCTETS = 1460;

/** All tries of this message stop at the same octet: what it contains is what stops it, the more so where other mail of the host passes. */
export function repeatedStop({ input, scene }: CaseView): Observation | null {
  const captured = input.session.captured;
  const last = scene.dialogue.transactions.at(-1);
  if (!captured || !input.survey || !last || last.outcome !== 'open' || last.octets === 0) return null;
  const stops = input.survey.stops.get(envelopeKey(captured, last)) ?? [];
  const alike = stops.filter((octets) => Math.abs(octets - last.octets) <= SAME_OCTETS);
  if (alike.length < MIN_TRIES || alike.length < stops.length) return null;
  const client = scene.roles.client;
  const othersPass = input.survey.passed.has(scene.endpoint(client).ip);
  return saw('stops-at-same-octet', { by: scene.roles.party(client), times: alike.length, octets: last.octets, othersPass });
}

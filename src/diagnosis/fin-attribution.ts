import type { Actor, Confidence } from '../model/report.ts';
import { packetOf, type Segment } from '../model/tcp.ts';
import { capOf } from './equal-pictures.ts';
import { isFin, isProgress, sentBefore, soleOf, type Scene } from './case.ts';
import { hopsOf } from './hops.ts';
import { MIN_BASELINE } from './observers/reset/observer.ts';
import { saw, type Observation } from './observation.ts';

/** Who made a FIN that carries a peer's address. */
export interface FinAttribution {
  readonly actor: Actor;
  readonly confidence: Confidence;
  readonly support: readonly Observation[];
}

/**
 * A FIN is forged far more rarely than a RST, so it is the named peer's unless facts forbid it: new octets where the FIN stands, which
 * no stack sends after its FIN (RFC 9293, 3.10.7.4), or several habits of the sender missing at once. Where the close began with a TLS alert,
 * `fin` is the segment in which its record begins; the rest of it may follow.
 */
export function attributeFin(scene: Scene, fin: Segment): FinAttribution {
  const named = scene.roles.party(fin.side);
  const before = sentBefore(scene, fin);
  const end = fin.seq + fin.length;
  const beyond = scene.segments.filter(
    (segment) => isFin(fin) && segment.side === fin.side && segment.index > fin.index && isProgress(segment) && segment.seq + segment.length > end,
  );
  if (beyond.length > 0)
    return {
      actor: 'middlebox',
      confidence: 'proven',
      support: [saw('alive-after-fin', { by: named, count: beyond.length }, [fin, ...beyond.slice(0, 5)].map(packetOf)), ...signsOf(scene, fin, before, named)],
    };
  const signs = signsOf(scene, fin, before, named);
  if (signs.length >= 2) return { actor: 'middlebox', confidence: 'moderate', support: signs };
  if (signs.length === 0 && fin.side === scene.ownSide) return { actor: named, confidence: 'strong', support: [] };
  return signs.length === 1 ? { actor: named, confidence: 'limited', support: [] } : { actor: named, confidence: capOf('peer-closes'), support: [] };
}

/** Habits of the sender that this FIN lacks. */
function signsOf(scene: Scene, fin: Segment, before: readonly Segment[], named: Actor): Observation[] {
  if (before.length < MIN_BASELINE) return [];
  const signs: Observation[] = [];
  const ttl = soleOf(before.slice(-MIN_BASELINE).map((segment) => segment.ttl));
  if (ttl !== undefined && !before.some((segment) => segment.ttl === fin.ttl)) {
    signs.push(saw('fin-hops-differ', { by: named, finTtl: fin.ttl, usualTtl: ttl, finHops: hopsOf(fin.ttl), usualHops: hopsOf(ttl) }, [packetOf(fin)]));
  }
  // Every segment but a RST carries time stamps once they are agreed on (RFC 7323, 3.2).
  if (scene.endpoint(fin.side).syn?.timestamps === true && fin.tsVal < 0 && before.slice(-MIN_BASELINE).every((segment) => segment.tsVal >= 0)) {
    signs.push(saw('fin-lacks-timestamps', { by: named }, [packetOf(fin)]));
  }
  return signs;
}

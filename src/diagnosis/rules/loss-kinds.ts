import { otherSide, type EpochUs, type Side } from '../../model/units.ts';
import { isRst, isSyn } from '../case.ts';
import { party, type CaseView } from '../finding.ts';
import type { MechanismName } from '../hypotheses.ts';
import { icmpKind } from '../icmp-names.ts';
import { saw, type Observation } from '../observation.ts';
import { repeatedStop } from '../repeated-stops.ts';
import type { Missing } from '../silence.ts';
import { idleDevice } from '../timers.ts';

/** Why packets vanish, as far as a pattern in what is missing tells. */
export interface LossKind {
  readonly mechanism: MechanismName;
  readonly facts: readonly Observation[];
}

/** The pattern in octets that are known to be missing; null where there is none. */
export function kindOfMissing(view: CaseView, missing: Missing): LossKind | null {
  return tooLarge(view, missing) ?? kindOfSilence(view, missing.side, missing.sinceUs) ?? beyondUnscaledWindow(view, missing);
}

/** The pattern in a silence, whether or not octets are known to be missing. */
export function kindOfSilence(view: CaseView, side: Side, sinceUs: EpochUs): LossKind | null {
  const stop = side === view.scene.roles.client ? repeatedStop(view) : null;
  return stop ? { mechanism: 'drops-content', facts: [stop] } : afterIdle(view, sinceUs);
}

/** Everything that arrived is smaller than what is missing, and the missing octets fill whole segments: a path MTU black hole. */
function tooLarge({ scene }: CaseView, missing: Missing): LossKind | null {
  const facts: Observation[] = [];
  const mss = Math.min(scene.endpoint(0).syn?.mss ?? 1460, scene.endpoint(1).syn?.mss ?? 1460);
  const largest = Math.max(0, ...scene.segments.filter((segment) => segment.side === missing.side).map((segment) => segment.length));
  const full = mss - TIMESTAMPS;
  const whole = missing.octets % full === 0 || missing.octets % mss === 0;
  if (missing.octets >= full && largest < full && whole) facts.push(saw('only-full-segments-missing', { by: scene.roles.party(missing.side), largest, mss }));
  const error = scene.connection.icmp.find(({ mtu }) => mtu !== null);
  if (error) facts.push(saw('icmp-error', { from: error.fromIp, name: icmpKind(error).name, mtu: error.mtu }, [{ input: error.input, number: error.packet }]));
  return facts.length > 0 ? { mechanism: 'drops-large', facts } : null;
}

/** Octets that the time stamp option takes from every segment, padding included (RFC 7323, appendix A). */
const TIMESTAMPS = 12;

/** A pause that a device may have taken for the end: at least this long, and this many times longer than any that the session had survived. */
const MIN_IDLE_SECONDS = 60;
const LONGER = 2;

/** The first packet that vanished came after the session's longest pause. */
function afterIdle({ scene }: CaseView, sinceUs: EpochUs): LossKind | null {
  let previousUs: EpochUs | null = null;
  let longest = 0;
  let pause = 0;
  for (const segment of scene.segments) {
    if (segment.atUs > sinceUs) break;
    if (previousUs !== null) {
      longest = Math.max(longest, pause);
      pause = segment.atUs - previousUs;
    }
    previousUs = segment.atUs;
  }
  const seconds = pause / 1e6;
  const device = idleDevice(seconds);
  if (seconds < MIN_IDLE_SECONDS || pause < longest * LONGER) return null;
  return { mechanism: device === null ? 'loses' : 'forgets', facts: [saw('silent-after-idle', { seconds, device })] };
}

/** Segments that must have passed below the edge before it means anything. */
const MIN_PASSED = 3;

/** What is missing begins where the receiver's window would end without its scale. */
function beyondUnscaledWindow(view: CaseView, missing: Missing): LossKind | null {
  const { scene } = view;
  const scale = scene.endpoint(otherSide(missing.side)).syn?.windowScale ?? 0;
  if (scale === 0 || scene.endpoint(missing.side).syn?.windowScale == null) return null;
  let edge = 0;
  let window = 0;
  let passed = 0;
  for (const segment of scene.segments) {
    if (segment.atUs > missing.sinceUs) break;
    if (segment.side === missing.side) {
      if (segment.length > 0 && segment.seq + segment.length > edge) return null;
      if (segment.length > 0) passed++;
    } else if (!isRst(segment) && !isSyn(segment)) {
      edge = segment.ack + segment.window;
      window = segment.window;
    }
  }
  const end = scene.endpoint(missing.side).contiguousTo + missing.octets;
  if (passed < MIN_PASSED || window === 0 || end <= edge) return null;
  return { mechanism: 'drops-unscaled', facts: [saw('only-beyond-unscaled-window', { by: party(view, missing.side), window, scale })] };
}

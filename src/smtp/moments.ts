import type { Moment } from '../model/evidence.ts';
import type { ArrivalView } from '../model/tcp.ts';

/** An owned copy of a borrowed arrival. */
export function momentOf(at: ArrivalView): Moment {
  return { atUs: at.atUs, packet: { input: at.input, number: at.packet } };
}

import { copied, fragmentBit, latency, mac } from './fields.ts';
import { hops } from './hops.ts';
import type { ResetObserver } from './observer.ts';
import { acknowledgement, challenge, paired, sequence } from './sequence.ts';
import { stack } from './stack.ts';

/** Everything that a RST is looked at for. */
export const RESET_OBSERVERS: readonly ResetObserver[] = [hops, stack, sequence, acknowledgement, challenge, paired, mac, copied, fragmentBit, latency];

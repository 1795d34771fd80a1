import { copied, fragmentBit, latency, mac, typeOfService } from './fields.ts';
import { alikeElsewhere, hops } from './hops.ts';
import type { ResetObserver } from './observer.ts';
import { acknowledgement, challenge, paired, sequence } from './sequence.ts';
import { stack } from './stack.ts';

/** Everything that a RST is looked at for. */
export const RESET_OBSERVERS: readonly ResetObserver[] = [
  hops,
  alikeElsewhere,
  stack,
  sequence,
  acknowledgement,
  challenge,
  paired,
  mac,
  copied,
  fragmentBit,
  typeOfService,
  latency,
];

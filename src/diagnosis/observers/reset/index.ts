import { copied, fragmentBit, latency, mac, typeOfService, vlan } from './fields.ts';
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
  vlan,
  copied,
  fragmentBit,
  typeOfService,
  latency,
];

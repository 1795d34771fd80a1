import { ScratchDepot } from '../../src/vault/index.ts';

/** Where tests put what memory need not hold, as the route does. */
export const depot = new ScratchDepot();

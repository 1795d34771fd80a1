import { APPLIANCE } from './appliance.mjs';
import { CLIENT } from './client.mjs';
import { DELIVERY } from './delivery.mjs';

/** Every scenario of the laboratory. */
export const SCENARIOS = [...CLIENT, ...APPLIANCE, ...DELIVERY];

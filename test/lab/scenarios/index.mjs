import { APPLIANCE } from './appliance.mjs';
import { ARTEFACT } from './artefact.mjs';
import { CLIENT } from './client.mjs';
import { DELIVERY } from './delivery.mjs';
import { FIREWALL } from './firewall.mjs';
import { MATRIX } from './matrix.mjs';
import { MIDDLE } from './middle.mjs';
import { REAL } from './real.mjs';
import { SEEN } from './seen.mjs';

/** Every scenario of the laboratory. */
export const SCENARIOS = [...CLIENT, ...APPLIANCE, ...FIREWALL, ...MIDDLE, ...DELIVERY, ...ARTEFACT, ...REAL, ...MATRIX, ...SEEN];

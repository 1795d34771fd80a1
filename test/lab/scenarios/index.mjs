import { APPLIANCE } from './appliance.mjs';
import { ARTEFACT } from './artefact.mjs';
import { CLIENT } from './client.mjs';
import { CONTENT } from './content.mjs';
import { DELIVERY } from './delivery.mjs';
import { DOUBT } from './doubt.mjs';
import { FIREWALL } from './firewall.mjs';
import { IDLE } from './idle.mjs';
import { INSPECT } from './inspect.mjs';
import { MANNERS } from './manners.mjs';
import { MATRIX } from './matrix.mjs';
import { MIDDLE } from './middle.mjs';
import { MIRROR } from './mirror.mjs';
import { MIXTURE } from './mixture.mjs';
import { OUTSIDE } from './outside.mjs';
import { PATH } from './path.mjs';
import { PATIENCE } from './patience.mjs';
import { REAL } from './real.mjs';
import { SEEN } from './seen.mjs';
import { TURNS } from './turns.mjs';
import { VISITS } from './visits.mjs';

/** Every scenario of the laboratory. */
export const SCENARIOS = [
  ...CLIENT,
  ...APPLIANCE,
  ...FIREWALL,
  ...MIDDLE,
  ...DELIVERY,
  ...ARTEFACT,
  ...REAL,
  ...MATRIX,
  ...SEEN,
  ...CONTENT,
  ...MIRROR,
  ...IDLE,
  ...PATH,
  ...INSPECT,
  ...PATIENCE,
  ...VISITS,
  ...DOUBT,
  ...OUTSIDE,
  ...MIXTURE,
  ...MANNERS,
  ...TURNS,
];

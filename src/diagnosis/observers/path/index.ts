import { missingParts, repeatedStops } from './capture.ts';
import { unloggedReplies } from './debug-log.ts';
import { cutAfterPipelining, replayedDialogue, splitEndOfData } from './dialogue.ts';
import { ecnUnanswered, handshakeElsewhere, handshakeOtherClock, unscaledWindow } from './handshake.ts';
import { idleExpiry } from './idle.ts';
import { foreignReplies, maskedBanner, maskedCapabilities, maskedCommands } from './inspection.ts';
import { inspectionLimits } from './limits.ts';
import type { PathObserver } from './observer.ts';
import { heloIsAddress, offersOfAnother, tlsGivenUp, tlsNeverUsed, tlsNotOffered } from './offers.ts';
import { oneBoxForMany } from './survey.ts';
import { alteredStream, impossibleSack, strayResetSightings, strippedOptions } from './tcp-options.ts';

import { answeredInClear, handshakeCut, starttlsRefused } from './tls.ts';

/** Everything that a session is looked at for besides its end. */
export const PATH_OBSERVERS: readonly PathObserver[] = [
  maskedCommands,
  maskedBanner,
  maskedCapabilities,
  foreignReplies,
  unloggedReplies,
  inspectionLimits,
  strippedOptions,
  alteredStream,
  impossibleSack,
  strayResetSightings,
  idleExpiry,
  handshakeElsewhere,
  handshakeOtherClock,
  ecnUnanswered,
  unscaledWindow,
  splitEndOfData,
  cutAfterPipelining,
  replayedDialogue,
  offersOfAnother,
  tlsNotOffered,
  tlsGivenUp,
  tlsNeverUsed,
  heloIsAddress,
  handshakeCut,
  starttlsRefused,
  answeredInClear,
  oneBoxForMany,
  repeatedStops,
  missingParts,
];

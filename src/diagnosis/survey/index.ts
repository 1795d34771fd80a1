import type { PeerSurvey } from '../../model/judgement.ts';
import type { Session } from '../../model/pairing.ts';
import { ForeignResetSurvey } from './foreign-resets.ts';
import { GreetingSurvey } from './greetings.ts';
import { OneBoxSurvey } from './one-box.ts';
import { StallSurvey } from './stalls.ts';

/** Looks over all sessions for what no single one shows. Each part keeps running figures, never the sessions. */
export function surveyPeers(sessions: Iterable<Pick<Session, 'captured' | 'direction'>>): PeerSurvey {
  const oneBox = new OneBoxSurvey();
  const stalls = new StallSurvey();
  const resets = new ForeignResetSurvey();
  const greetings = new GreetingSurvey();
  for (const { captured, direction } of sessions) {
    if (!captured) continue;
    greetings.add(captured, direction);
    stalls.add(captured);
    if (direction !== 'inbound') continue;
    oneBox.add(captured);
    resets.add(captured);
  }
  return { ...oneBox.result(), ...stalls.result(), ...resets.result(), ...greetings.result() };
}

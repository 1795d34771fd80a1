import type { PeerSurvey } from '../../model/judgement.ts';
import type { CapturedSession, Session } from '../../model/pairing.ts';
import { ForeignResetSurvey } from './foreign-resets.ts';
import { GreetingSurvey } from './greetings.ts';
import { OneBoxSurvey, RhythmSurvey } from './one-box.ts';
import { StallSurvey } from './stalls.ts';

type Surveyed = Pick<Session, 'captured' | 'direction'>;

/**
 * Looks over all sessions for what no single one shows. Each part keeps running figures, never the sessions. `onEach` is shown each captured one:
 * whoever else looks at all of them need not have them unpacked once more.
 */
export function surveyPeers(sessions: Iterable<Surveyed>, onEach: (captured: CapturedSession) => void = () => undefined): PeerSurvey {
  const oneBox = new OneBoxSurvey();
  const stalls = new StallSurvey();
  const resets = new ForeignResetSurvey();
  const greetings = new GreetingSurvey();
  for (const { captured, direction } of sessions) {
    if (!captured) continue;
    onEach(captured);
    greetings.add(captured, direction);
    stalls.add(captured);
    if (direction !== 'inbound') continue;
    oneBox.add(captured);
    resets.add(captured);
  }
  const peers = oneBox.result();
  return { ...peers, answersNearby: peers.oneBox !== null && answerNearby(sessions), ...stalls.result(), ...resets.result(), ...greetings.result() };
}

/** Asked only where one box seems to speak for all: it needs what was said word by word. */
function answerNearby(sessions: Iterable<Surveyed>): boolean {
  const rhythm = new RhythmSurvey();
  for (const { captured, direction } of sessions) if (captured && direction === 'inbound') rhythm.add(captured);
  return rhythm.result();
}

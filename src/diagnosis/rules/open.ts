import { conclude, revise, type CaseView, type Finding, type Rule } from '../finding.ts';
import { saw } from '../observation.ts';
import { concludeFromLog } from './log-only.ts';
import { hiddenStage } from './encrypted.ts';

/** The packets do not show the end: the log may know it; else the session was still open, or nothing decides. */
export const notSeenToEnd: Rule = {
  name: 'not-seen-to-end',
  conclude(view) {
    if (view.ending) return null;
    return fromLog(view) ?? stillOpen(view);
  },
};

function fromLog(view: CaseView): Finding | null {
  if (!view.log) return null;
  const finding = concludeFromLog(view.log, view.input, hiddenStage(view));
  if (!finding) return null;
  return revise(finding, { support: [...finding.support, saw('capture-ends', { seconds: secondsLeft(view) })] });
}

function stillOpen(view: CaseView): Finding {
  const quietSeconds = secondsLeft(view);
  const limit = view.input.site.inboundTimeoutSeconds;
  const outlived = quietSeconds > limit * 1.5;
  return conclude(view, {
    cause: outlived ? 'undetermined' : 'still-open',
    causeConfidence: outlived ? 'undetermined' : 'strong',
    actor: 'undetermined',
    actorConfidence: 'undetermined',
    stage: hiddenStage(view),
    support: [saw('capture-ends', { seconds: quietSeconds })],
    alternatives: outlived ? [{ cause: 'silent-drop', actor: 'undetermined', confidence: 'limited', decidedBy: 'both-sides-of-firewall' }] : [],
  });
}

/** Seconds that the capture goes on after the connection's last packet. */
function secondsLeft({ input, scene }: CaseView): number {
  return input.capture ? Math.max(0, (input.capture.lastUs - scene.connection.lastUs) / 1e6) : 0;
}

import { packetOf, type Segment } from '../../model/tcp.ts';
import { TCP_ACK } from '../../model/packet.ts';
import { otherSide } from '../../model/units.ts';
import { isData, isRst, isSyn } from '../case.ts';
import { alikeTo, capOf } from '../equal-pictures.ts';
import { conclude, party, type CaseView, type Finding, type Rule } from '../finding.ts';
import { saw } from '../observation.ts';

/** The handshake was never completed: a RST answers the SYN, or nobody answers at all. */
export const neverEstablished: Rule = {
  name: 'never-established',
  settles: true,
  conclude(view) {
    const { connection, segments } = view.scene;
    if (!connection.sawSyn || connection.establishedUs !== null || view.scene.flagsAlone || segments.some(isData)) return null;
    const syns = segments.filter((segment) => isSyn(segment) && (segment.flags & TCP_ACK) === 0);
    const answers = segments.filter((segment) => isSyn(segment) && (segment.flags & TCP_ACK) !== 0);
    const rst = segments.find((segment) => isRst(segment));
    if (rst) return refused(view, rst);
    const icmp = connection.icmp[0];
    if (icmp) return null;
    if (answers.length > 0) return unanswered(view, answers, 'synack-unanswered');
    return unanswered(view, syns, 'syn-unanswered');
  },
};

function refused(view: CaseView, rst: Segment): Finding {
  const by = party(view, rst.side);
  const own = rst.side === view.scene.ownSide;
  return conclude(view, {
    cause: 'refused',
    causeConfidence: 'strong',
    actor: by,
    actorConfidence: own ? 'strong' : capOf('peer-refuses'),
    stage: 'connect',
    rung: own ? 'stack' : 'address',
    support: [saw('syn-refused', { by }, [packetOf(rst)])],
    alternatives: own ? [] : alikeTo('peer-refuses', { cause: 'refused', actor: by, named: by }),
    decidedUs: rst.atUs,
    packet: packetOf(rst),
  });
}

/** Repetitions of SYN or SYN/ACK without an answer; one alone tells nothing yet. */
function unanswered(view: CaseView, tries: readonly Segment[], kind: 'syn-unanswered' | 'synack-unanswered'): Finding | null {
  const first = tries[0];
  const last = tries.at(-1);
  const { capture } = view.input;
  if (!first || !last) return null;
  const seconds = (last.atUs - first.atUs) / 1e6;
  const watchedSeconds = capture ? (capture.lastUs - last.atUs) / 1e6 : 0;
  if (tries.length < 2 && watchedSeconds < PATIENCE_SECONDS) return null;
  const from = party(view, first.side);
  const other = party(view, otherSide(first.side));
  const absent = view.input.others.find((vantage) => vantage.captured === null);
  return conclude(view, {
    cause: 'silent-drop',
    causeConfidence: 'strong',
    actor: 'undetermined',
    actorConfidence: 'undetermined',
    stage: 'connect',
    silentSide: other,
    rung: 'signal',
    support: [
      saw(kind, { from, count: tries.length, seconds }, tries.slice(0, 6).map(packetOf)),
      ...(absent ? [saw('vantage-absent', { where: absent.name })] : []),
    ],
    alternatives: [
      { cause: 'silent-drop', actor: 'middlebox', confidence: 'limited', decidedBy: from === 'client' ? 'appliance-capture' : 'both-sides-of-firewall' },
    ],
    decidedUs: first.atUs,
    packet: packetOf(first),
  });
}

/** Linux repeats a SYN after one second: after several nobody answers any more. */
const PATIENCE_SECONDS = 5;

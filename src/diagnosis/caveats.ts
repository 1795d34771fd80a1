import type { Confidence } from '../model/report.ts';
import type { JudgeInput } from '../model/judgement.ts';
import type { TlsObstacle } from '../model/tls.ts';
import { SECOND_US } from '../model/units.ts';
import { lacksWords } from './case.ts';
import { revise, type CaseView, type Finding } from './finding.ts';
import { lower } from './observation.ts';

/** What kept keys that were given from opening all of TLS. */
const OBSTACLES: Readonly<Record<TlsObstacle, string>> = {
  'no-secret': 'keys of TLS were given, but none of them belongs to this session: it is read without',
  'one-side': 'the keys that were given open only a part of this session: what they do not open is read without',
  'wrong-secret': 'the keys that were given for this session do not fit its records (no tag or MAC verifies): it is read without',
  'forward-secrecy': 'the RSA key cannot open this session, because its key exchange keeps forward secrecy: only a key log could',
  'no-hello': 'the handshake of TLS is not whole in the capture, so that no key can be fitted to this session',
  'unknown-suite': 'keys were given, but the cipher suite of this session is none that is read',
  'lost-place': 'behind a gap in the capture no sequence number fits the records of TLS: what follows it is read without keys',
};

/** What limits a session's evidence, in sentences. */
export function listCaveats(view: CaseView | null, input: JudgeInput): string[] {
  const caveats: string[] = [];
  const connection = input.session.captured?.connection;
  if (!connection) caveats.push(whyNotCaptured(input));
  else if (logEndsEarly(input)) caveats.push('the log ends before this session does');
  if (connection && !connection.bothDirections) caveats.push('only one direction of this connection was captured');
  if (connection && !connection.sawSyn) caveats.push('the capture begins after this connection was opened');
  if (view?.scene.lossyCapture)
    caveats.push(
      view.scene.connection.bothDirections
        ? 'the capture lost packets of this connection that did arrive'
        : 'octets of this connection are missing from the capture; whether they arrived only its other direction would show',
    );
  if (input.capture && input.capture.reportedDrops > 0) caveats.push(`the capturing host reports ${input.capture.reportedDrops} dropped packets`);
  if (connection?.gaps.some((gap) => gap.kind === 'snap')) caveats.push('packets were cut by the snap length: words beyond it cannot be read');
  if (input.session.pair?.confidence === 'ambiguous') caveats.push('which log lines belong to this connection is ambiguous');
  const obstacle = input.session.captured?.dialogue.tls?.obstacle ?? null;
  if (obstacle !== null) caveats.push(OBSTACLES[obstacle]);
  return [...caveats, ...(connection?.caveats ?? [])];
}

/** A session that only the log knows: outside of the captures' time, or kept out by their filter, or on another interface. */
function whyNotCaptured({ session, capture, clock }: JudgeInput): string {
  const history = session.injection ?? session.delivery;
  if (!capture) return "there is no capture: this is the log's reading alone";
  const firstUs = history ? clock.toCapture(history.first.atUs, history.first.ref.input) : null;
  const lastUs = history ? clock.toCapture(history.last.atUs, history.last.ref.input) : null;
  if (firstUs === null || lastUs === null) return "no packet of this session is in the captures: this is the log's reading alone";
  if (lastUs < capture.firstUs - SECOND_US || firstUs > capture.lastUs + SECOND_US)
    return "the captures do not cover the time of this session: this is the log's reading alone";
  return "the captures cover the time of this session but hold no packet of it (another interface, or a filter): this is the log's reading alone";
}

function logEndsEarly({ session, log }: JudgeInput): boolean {
  const connection = session.captured?.connection;
  const open = session.injection ? session.injection.closed === null : session.delivery ? session.delivery.closed === null : false;
  return open && connection !== undefined && log?.lastUs !== null && log?.lastUs !== undefined && log.lastUs + SECOND_US < connection.lastUs;
}

/** A one-sided, late or cut capture decides nothing for certain: nothing above `moderate`. */
export function capByCapture(view: CaseView, finding: Finding): Finding {
  const dropped = (view.input.capture?.reportedDrops ?? 0) > 0 && finding.cause === 'silent-drop';
  if (!dropped && !lacksWords(view.scene)) return finding;
  const cap: Confidence = 'moderate';
  return revise(finding, { causeConfidence: lower(finding.causeConfidence, cap), actorConfidence: lower(finding.actorConfidence, cap) });
}

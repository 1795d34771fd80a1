import type { ReportSession } from '../model/report.ts';
import { packetOf, type Segment } from '../model/tcp.ts';
import type { EpochUs, Side } from '../model/units.ts';
import { isData, isFin, isRst, type Scene } from './case.ts';
import { party, type CaseView, type Finding } from './finding.ts';
import { segmentOf, type Signal } from './signals.ts';
import { nameOf, seconds } from './wording.ts';

type Consequence = ReportSession['consequences'][number];

/** What happened after the end and must not be taken for the cause: epilogues. */
export function listConsequences(view: CaseView, finding: Finding): Consequence[] {
  const { decidedUs } = finding;
  if (decidedUs === null || finding.cause === 'still-open' || finding.cause === 'undetermined') return [];
  const found: Consequence[] = [];
  for (const signal of view.signals) if (signal.kind === 'notice' && signal.atUs > decidedUs) found.push(farewell(view, signal, decidedUs));
  const decisive = (finding.packet ? segmentOf(view.scene.segments, finding.packet) : view.ending?.segment) ?? null;
  const ends = CLOSED.has(finding.cause);
  for (const side of [0, 1] as const) {
    const { rsts, fins, data } = epilogueOf(view.scene, side, decidedUs, decisive);
    add(
      found,
      rsts,
      (n) => `${n === 1 ? 'a RST' : `${n} RSTs`} with the address of ${nameOf(party(view, side))} after the end: ${rstReason(view, side, finding)}`,
    );
    add(found, fins, () => `${nameOf(party(view, side))} closed its side in answer`);
    if (ends) add(found, data, (n) => `${n === 1 ? 'a segment' : `${n} segments`} of ${nameOf(party(view, side))} into a session that was over`);
  }
  return found;
}

/** Causes behind which nobody takes octets any more. */
const CLOSED: ReadonlySet<Finding['cause']> = new Set<Finding['cause']>(['rst', 'timeout', 'premature-fin']);

interface Epilogue {
  readonly rsts: Segment[];
  readonly fins: Segment[];
  readonly data: Segment[];
}

/** What a side sent from the decisive moment on, the decisive segment left out. */
function epilogueOf({ segments }: Scene, side: Side, fromUs: EpochUs, decisive: Segment | null): Epilogue {
  const epilogue: Epilogue = { rsts: [], fins: [], data: [] };
  for (const segment of segments) {
    if (segment.side !== side || segment.atUs < fromUs || segment.index === decisive?.index) continue;
    if (isRst(segment)) epilogue.rsts.push(segment);
    if (isFin(segment) && !isRst(segment)) epilogue.fins.push(segment);
    if (isData(segment) && !isFin(segment)) epilogue.data.push(segment);
  }
  return epilogue;
}

/** A server that says 421 because the other end had been lost before. */
function farewell(view: CaseView, signal: Signal, decidedUs: number): Consequence {
  const waited = seconds((signal.atUs - decidedUs) / 1e6);
  return {
    statement: `${nameOf(party(view, signal.side))} closed ${waited} later: ${signal.reply?.code ?? ''} ${signal.reply?.lines.join(' ') ?? ''}`,
    packets: [signal.packet],
  };
}

function add(found: Consequence[], segments: readonly Segment[], words: (n: number) => string): void {
  if (segments.length > 0) found.push({ statement: words(segments.length), packets: segments.slice(0, 8).map(packetOf) });
}

function rstReason(view: CaseView, side: Side, finding: Finding): string {
  if (side === view.scene.ownSide) return 'its network stack answers packets for a connection that it has closed';
  return finding.cause === 'completed' || finding.cause === 'client-quit'
    ? 'an abrupt close after QUIT, harmless'
    : 'the answer of a host that had closed already, or a close with unread octets';
}

import type { ReportSession } from '../model/report.ts';
import { packetOf, type Segment } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import { isData, isFin, isRst } from './case.ts';
import { party, type CaseView, type Finding } from './finding.ts';
import { segmentOf, type Signal } from './signals.ts';
import { nameOf, seconds } from './wording.ts';

type Consequence = ReportSession['consequences'][number];

/** What happened after the end and must not be taken for the cause: epilogues. */
export function listConsequences(view: CaseView, finding: Finding): Consequence[] {
  const { decidedUs } = finding;
  if (decidedUs === null || finding.cause === 'still-open' || finding.cause === 'undetermined') return [];
  const ending = view.ending?.segment ?? null;
  const decisive = finding.packet ? segmentOf(view.scene.segments, finding.packet) : ending;
  const decisiveIndex = decisive?.index ?? -1;
  const later = view.scene.segments.filter((segment) => segment.atUs >= decidedUs && segment.index !== decisiveIndex);
  const found: Consequence[] = view.signals
    .filter((signal) => signal.kind === 'notice' && signal.atUs > decidedUs)
    .map((signal) => farewell(view, signal, decidedUs));
  for (const side of [0, 1] as const) {
    const own = later.filter((segment) => segment.side === side);
    add(
      found,
      own.filter(isRst),
      (n) => `${n === 1 ? 'a RST' : `${n} RSTs`} with the address of ${nameOf(party(view, side))} after the end: ${rstReason(view, side, finding)}`,
    );
    add(
      found,
      own.filter((segment) => isFin(segment) && !isRst(segment)),
      () => `${nameOf(party(view, side))} closed its side in answer`,
    );
    if (finding.cause === 'rst' || finding.cause === 'timeout' || finding.cause === 'premature-fin') {
      add(
        found,
        own.filter((segment) => isData(segment) && !isFin(segment)),
        (n) => `${n === 1 ? 'a segment' : `${n} segments`} of ${nameOf(party(view, side))} into a session that was over`,
      );
    }
  }
  return found;
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

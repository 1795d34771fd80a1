import type { LogLine } from '../model/maillog.ts';
import { putInOrder } from '../model/put-in-order.ts';
import type { ReportLeg } from '../model/report.ts';
import { SECOND_US } from '../model/units.ts';
import type { TracedMid } from './facts.ts';
import { CARRYING, type Lineage, compareLines, latestOf } from './lineage.ts';
import { secondsBetween } from './words.ts';

/** A part of the way between two lines. */
export interface Leg {
  readonly kind: ReportLeg['kind'];
  readonly mid: number;
  readonly from: LogLine;
  readonly to: LogLine;
  readonly seconds: number;
}

/** How long each part of the way took, in order of time, and the whole of it at last. */
export function measureLegs(lineage: Lineage, settled: readonly LogLine[]): Leg[] {
  const legs = putInOrder(
    lineage.members.flatMap((member) => legsOf(member, lineage)),
    (a, b) => compareLines(a.from, b.from),
  );
  const first = lineage.members[0]?.history;
  const last = latestOf(settled);
  const begin = first?.started ?? first?.first;
  if (first && begin && last && last.atUs >= begin.atUs && legs.length > 0) legs.push(legFrom('total', first.mid, begin, last));
  return legs;
}

function legsOf({ history, facts }: TracedMid, lineage: Lineage): Leg[] {
  const legs: Leg[] = [];
  const { mid, started, ready } = history;
  const add = (kind: Leg['kind'], from: LogLine | null | undefined, to: LogLine | null | undefined): void => {
    if (from && to && to.atUs >= from.atUs) legs.push(legFrom(kind, mid, from, to));
  };
  if (history.icid !== null && history.icid > 0 && started) {
    const { injection } = history;
    if (injection?.mids[0] === mid) add('connecting', injection.opened, started);
  }
  if (ready) add('receiving', started, ready.line);
  let queuedFrom: LogLine | null = null;
  let scanFrom: LogLine | null = ready?.line ?? null;
  let quarantined: LogLine | null = null;
  let delayed: LogLine | null = null;
  let attempts: Map<number, LogLine> | null = null;
  for (const { line, entry } of facts) {
    if (entry === null) continue;
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- most kinds of line say nothing of this
    switch (entry.kind) {
      case 'mid-queued':
        add('scanning', scanFrom, line);
        scanFrom = null;
        queuedFrom = line;
        break;
      case 'quarantine-in':
        if (quarantined === null) {
          add('scanning', scanFrom, line);
          scanFrom = null;
          quarantined = line;
        }
        break;
      case 'quarantine-out':
        // The line knows how long, where the one that put it in is not in the logs.
        if (quarantined === null && entry.heldSeconds !== null)
          quarantined = { ref: line.ref, text: line.text, atUs: line.atUs - entry.heldSeconds * SECOND_US };
        add('quarantine', quarantined, line);
        quarantined = null;
        scanFrom = line;
        break;
      case 'rpc':
        if (entry.step === 'start') {
          add('queue', queuedFrom, line);
          queuedFrom = null;
        }
        break;
      case 'spam-quarantine':
        if (entry.step === 'quarantined') quarantined = line;
        if (entry.step === 'deleted' && quarantined !== null) {
          add('quarantine', quarantined, line);
          quarantined = null;
        }
        break;
      case 'mid-relation':
        if (entry.from === mid && entry.relation === 'reinjected') {
          add('quarantine', quarantined, line);
          quarantined = null;
        }
        break;
      case 'dcid-start':
        add(delayed ? 'retry' : 'queue', delayed ?? queuedFrom, line);
        queuedFrom = null;
        delayed = null;
        (attempts ??= new Map()).set(entry.dcid, line);
        break;
      case 'dcid-done':
        add('delivery', attempts?.get(entry.dcid), line);
        if (entry.quarantine) quarantined = line;
        break;
      case 'delayed':
      case 'bounced':
        if (entry.dcid !== null) add('delivery', attempts?.get(entry.dcid), line);
        if (entry.kind === 'delayed') delayed = line;
        break;
      default:
    }
  }
  const carriedBy = lineage.edges.find((edge) => edge.from.order === history.order && CARRYING.has(edge.relation) && edge.relation === 'released-as');
  if (carriedBy && quarantined) add('quarantine', quarantined, carriedBy.line);
  return withoutRepeats(legs);
}

/** Lines of several recipients would tell one leg several times. */
function withoutRepeats(legs: readonly Leg[]): Leg[] {
  const told = new Set<string>();
  return legs.filter((leg) => {
    const key = `${leg.kind} ${leg.from.ref.input}:${leg.from.ref.line}`;
    if (told.has(key)) return false;
    told.add(key);
    return true;
  });
}

function legFrom(kind: Leg['kind'], mid: number, from: LogLine, to: LogLine): Leg {
  return { kind, mid, from, to, seconds: secondsBetween(from, to) };
}

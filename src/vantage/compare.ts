import type { ComparedLeg, ComparedPoint, SessionComparison } from '../model/comparison.ts';
import type { PacketRef } from '../model/evidence.ts';
import type { Session } from '../model/pairing.ts';
import { type EpochUs, SECOND_US } from '../model/units.ts';
import type { ClockOffset } from './clock.ts';
import type { DraftFinding } from './draft.ts';
import { listFindings } from './findings.ts';
import { type InterferenceFact, interferenceOf } from './interference.ts';
import { type Leg, type Point, buildLeg } from './leg.ts';
import { hopsFrom, orderPoints } from './path.ts';
import { drawRows } from './rows.ts';
import { describeTransformation } from './transformation.ts';
import type { EndNames } from './words.ts';

/** One session with its views, and what is known of it from elsewhere. */
export interface CompareInput {
  /** Id in the report. */
  readonly session: string;
  readonly direction: Session['direction'];
  readonly verdict: SessionComparison['verdict'];
  /** The packet that ended it. */
  readonly ending: PacketRef | null;
  /** In the order in which the user named them. */
  readonly points: readonly Point[];
  /** Offset of the second point's clock against the first's, as all connections together tell it; null where nothing does. */
  readonly clockBetween: (first: string, second: string) => ClockOffset | null;
}

/** Compares the views of one session pairwise along the path. */
export function compareSession(input: CompareInput): SessionComparison {
  const names = namesOf(input.direction);
  const points = orderPoints(input.points, input.direction);
  const legs = points.slice(1).flatMap((right, i) => {
    const left = points[i];
    return left ? [{ left, right, leg: buildLeg(left, right, input.clockBetween(left.name, right.name)) }] : [];
  });
  return {
    session: input.session,
    leftName: names.client,
    rightName: names.server,
    verdict: input.verdict,
    points: points.map((point) => describePoint(point, legs)),
    legs: legs.map(({ leg }) => describeLeg(leg, names, input.ending)),
    caveats: caveatsOf(points),
  };
}

/** Only what the contract calls interference, for two views of a session; works without payloads. */
export function interferenceBetween(first: Point, second: Point, direction: Session['direction']): InterferenceFact[] {
  const [left, right] = orderPoints([first, second], direction);
  if (!left?.captured || !right?.captured) return [];
  return interferenceOf(buildLeg(left, right, null), namesOf(direction));
}

function namesOf(direction: Session['direction']): EndNames {
  return direction === 'outbound'
    ? { client: 'the appliance', server: 'the remote server' }
    : { client: 'the client', server: direction === 'inbound' ? 'the appliance' : 'the server' };
}

/** The strictest of what the neighbours say: each of them may show that this capture lacks something. */
function describePoint(point: Point, legs: readonly { readonly left: Point; readonly right: Point; readonly leg: Leg }[]): ComparedPoint {
  const certificates = legs.flatMap(({ left, right, leg }) => (left === point ? [leg.left.certificate] : right === point ? [leg.right.certificate] : []));
  const worst = certificates.find(({ state }) => state !== 'complete') ?? certificates[0];
  const inputs = new Set<number>();
  let packets = 0;
  for (const segment of point.captured?.connection.segments ?? []) {
    inputs.add(segment.input);
    packets++;
  }
  return {
    name: point.name,
    inputs: [...inputs],
    packets,
    hopsFromClient: hopsFrom(point.captured, 'client'),
    hopsFromServer: hopsFrom(point.captured, 'server'),
    completeness: { state: worst?.state ?? 'empty', facts: worst?.facts ?? [] },
  };
}

function describeLeg(leg: Leg, names: EndNames, ending: PacketRef | null): ComparedLeg {
  const findings = listFindings(leg, names);
  const rows = drawRows(leg, findings, ending);
  let previousUs: EpochUs | null = null;
  return {
    left: leg.left.point.name,
    right: leg.right.point.name,
    mode: leg.mode,
    clock: describeClock(leg.clock),
    transformation: describeTransformation(leg, names),
    counts: countPackets(leg, findings),
    findings: findings.map(({ atUs, ...finding }) => ({ ...finding, at: writeInstant(atUs) })),
    interference: interferenceOf(leg, names),
    rows: rows.map(({ atUs, ...row }) => {
      const gapSeconds = previousUs === null ? null : Math.round(atUs - previousUs) / SECOND_US;
      previousUs = atUs;
      return { at: writeInstant(atUs), gapSeconds, ...row };
    }),
  };
}

function describeClock(clock: ClockOffset | null): ComparedLeg['clock'] {
  if (!clock) return null;
  // JSON knows no infinity: an offset bounded from one side only is uncertain by as much as a packet may travel.
  return {
    offsetSeconds: round(clock.offsetUs),
    uncertaintySeconds: Number.isFinite(clock.uncertaintyUs) ? round(clock.uncertaintyUs) : ONE_SIDED_SECONDS,
    packets: clock.packets,
  };
}

const ONE_SIDED_SECONDS = 5;

function round(us: number): number {
  return Math.round(us) / SECOND_US;
}

function count(lists: readonly (readonly unknown[])[]): number {
  return lists.reduce((sum, list) => sum + list.length, 0);
}

function countPackets({ alignments }: Leg, findings: readonly DraftFinding[]): ComparedLeg['counts'] {
  const all = [alignments.client, alignments.server];
  const matches = all.flatMap((alignment) => alignment.matches);
  const regrouped = matches.filter((match) => match.left.length > 1 || match.right.length > 1).length;
  const altered = findings.filter((finding) => finding.kind === 'altered').length;
  return {
    same: Math.max(0, matches.length - regrouped - altered),
    altered,
    regrouped,
    onlyLeft: count(all.map((alignment) => alignment.onlyLeft)),
    onlyRight: count(all.map((alignment) => alignment.onlyRight)),
  };
}

function writeInstant(atUs: EpochUs): string {
  const whole = Math.floor(atUs);
  const milliseconds = Math.floor(whole / 1000);
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(whole - milliseconds * 1000).padStart(3, '0')}Z`;
}

function caveatsOf(points: readonly Point[]): string[] {
  return points.flatMap((point) => {
    const { captured } = point;
    if (!captured) return [];
    let without = 0;
    for (const segment of captured.connection.segments)
      if (segment.length > 0 && point.octetsOf({ input: segment.input, number: segment.packet }) === null) without++;
    return without === 0
      ? []
      : [
          `the octets of ${without} packets at ${point.name} could not be read again: they were matched by their numbers, and what was changed in them is not seen`,
        ];
  });
}

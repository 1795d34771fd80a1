import type { LogLine, MessageHistory, MessageRelation } from '../model/maillog.ts';
import { type Fact, TracedMid, lineKey } from './facts.ts';
import type { ReportLineage } from '../model/report.ts';
import type { Registry } from './registry.ts';

/** An edge from the older message to the newer one. */
export interface Edge {
  readonly relation: MessageRelation;
  readonly from: MessageHistory;
  readonly to: MessageHistory;
  readonly by: string | null;
  readonly line: LogLine;
  /** Proven where a line of the log says it. */
  readonly confidence: ReportLineage['confidence'];
  /** What speaks for an edge that no line tells. */
  readonly evidence: string | null;
}

/** All MIDs that one message became, oldest first, and how they hang together. */
export interface Lineage {
  readonly members: readonly TracedMid[];
  readonly edges: readonly Edge[];
  /** The story has more MIDs than are told. */
  readonly cut: boolean;
}

/** More MIDs than one message becomes in practice: a list's mail split for every member. */
const MAX_MEMBERS = 500;

/** Relations by which the message itself goes on under a new MID; the others make a new message. */
export const CARRYING: ReadonlySet<MessageRelation> = new Set(['split', 'rewritten', 'reinjected', 'released-as']);

const NO_EDGES: readonly Edge[] = [];

/** Follows the edges from a message both ways. */
export function followLineage(registry: Registry, start: MessageHistory): Lineage {
  const members = new Map<number, TracedMid>();
  const edges = new Map<string, Edge>();
  const queue = [start];
  let cut = false;
  for (let at = 0; at < queue.length; at++) {
    const history = queue[at];
    if (!history || members.has(history.order)) continue;
    if (members.size === MAX_MEMBERS) {
      cut = true;
      break;
    }
    const traced = new TracedMid(registry.log, history);
    members.set(history.order, traced);
    for (const fact of traced.telling) {
      const edge = edgeOf(registry, history, fact);
      if (!edge) continue;
      edges.set(lineKey(edge.line), edge);
      queue.push(edge.from, edge.to);
    }
    for (const edge of registry.copies.edgesOf(history)) {
      edges.set(`${lineKey(edge.line)} ${edge.from.mid}`, edge);
      queue.push(edge.from, edge.to);
    }
  }
  if (edges.size === 0) return { members: [...members.values()], edges: NO_EDGES, cut };
  const whole = [...edges.values()].filter((edge) => members.has(edge.from.order) && members.has(edge.to.order));
  // What a line tells need not be inferred.
  const told = whole.filter(
    (edge) =>
      edge.evidence === null || !whole.some((other) => other.evidence === null && other.from.order === edge.from.order && other.to.order === edge.to.order),
  );
  return { members: orderMembers([...members.values()], told), edges: told.sort((a, b) => compareLines(a.line, b.line)), cut };
}

function edgeOf(registry: Registry, history: MessageHistory, { line, entry }: Fact): Edge | null {
  if (entry?.kind !== 'mid-relation' || entry.from === entry.to) return null;
  if (entry.from !== history.mid && entry.to !== history.mid) return null;
  const find = (mid: number) => (mid === history.mid ? history : registry.message(history.appliance, mid, line));
  const from = find(entry.from);
  const to = find(entry.to);
  return from && to ? { relation: entry.relation, from, to, by: entry.by, line, confidence: 'proven', evidence: null } : null;
}

/** Parents before their children; of those that are free, the older first. */
function orderMembers(members: readonly TracedMid[], edges: readonly Edge[]): readonly TracedMid[] {
  if (members.length === 1) return members;
  const byAge = members.toSorted((a, b) => compareLines(a.history.first, b.history.first) || a.history.mid - b.history.mid);
  const parents = new Map<number, Set<number>>();
  for (const { from, to } of edges) parents.set(to.order, (parents.get(to.order) ?? new Set()).add(from.order));
  const ordered: TracedMid[] = [];
  const placed = new Set<number>();
  while (ordered.length < byAge.length) {
    const open = byAge.filter(({ history }) => !placed.has(history.order));
    const free = open.find(({ history }) => [...(parents.get(history.order) ?? [])].every((parent) => placed.has(parent)));
    // A circle of edges is nonsense, but must not hang.
    const next = free ?? open[0];
    if (!next) break;
    placed.add(next.history.order);
    ordered.push(next);
  }
  return ordered;
}

export function compareLines(a: LogLine, b: LogLine): number {
  return a.atUs - b.atUs || a.ref.input - b.ref.input || a.ref.line - b.ref.line;
}

/** The first of the lines, and of equal ones the one that stands first; undefined where there is none. */
export function earliestOf(lines: readonly LogLine[]): LogLine | undefined {
  let earliest = lines[0];
  for (const line of lines) if (earliest && line !== earliest && compareLines(line, earliest) < 0) earliest = line;
  return earliest;
}

/** The last of the lines, and of equal ones the one that stands last. */
export function latestOf(lines: readonly LogLine[]): LogLine | undefined {
  let latest = lines[0];
  for (const line of lines) if (latest && line !== latest && compareLines(line, latest) >= 0) latest = line;
  return latest;
}

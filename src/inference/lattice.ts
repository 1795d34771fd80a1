import { clientReadings } from './client.ts';
import { endShare, messageShare } from './ends.ts';
import type { ReadPart, RecordView, Setting, Take } from './reading.ts';
import { serverReadings } from './server.ts';
import { keyOf, NO_BODY, type State } from './state.ts';

/** Readings kept after each record. */
const MOST_STATES = 24;
/** Behind so many records fewer are kept: long sessions are settled by then, and senseless ones must not cost seconds. */
const LONG_SESSION = { records: 96, states: 8 };
/** Readings this much less likely than the best are given up. */
const LEAST_SHARE = 3e-5;
/** Factor below the best so far at which a reading is not even made; a message's size may still change weights. */
const HOPELESS = 1e-7;
/** Share of records that are nothing of what is expected: one such record must not decide. */
const SURPRISE = 1e-9;

interface Edge {
  readonly from: Node;
  readonly share: number;
  readonly parts: readonly ReadPart[];
}

/** A state after some record, with the ways to it. */
export interface Node {
  readonly state: State;
  /** Weight of all ways that lead here, of those behind that go on from here, and their product: the node's share of all readings. */
  forward: number;
  backward: number;
  posterior: number;
  readonly edges: Edge[];
}

/** All readings of a session by their weight: a layer of states behind each record. */
export interface Lattice {
  readonly first: readonly Node[];
  /** Behind each record. */
  readonly after: readonly (readonly Node[])[];
}

export function weigh(records: readonly RecordView[], first: readonly (readonly [State, number])[], setting: Setting): Lattice {
  let layer: Node[] = first.map(([state, share]) => ({ state, forward: share, backward: 0, posterior: 0, edges: [] }));
  const layers: Node[][] = [layer];
  const after: Node[][] = [];
  for (const record of records) {
    if (record.behindGap) {
      layer = behindGap(layer);
      layers.push(layer);
    }
    layer = step(layer, record, setting, after.length < LONG_SESSION.records ? MOST_STATES : LONG_SESSION.states);
    layers.push(layer);
    after.push(layer);
  }
  for (const node of layer) node.backward = endShare(node.state, setting);
  for (let i = layers.length - 1; i > 0; i--) {
    for (const node of layers[i] ?? []) for (const edge of node.edges) edge.from.backward += edge.share * node.backward;
    normalise(layers[i - 1] ?? [], 'backward');
  }
  for (const nodes of layers) {
    const sum = nodes.reduce((total, node) => total + node.forward * node.backward, 0);
    for (const node of nodes) node.posterior = sum > 0 ? (node.forward * node.backward) / sum : 1 / nodes.length;
  }
  return { first: layers[0] ?? [], after };
}

function step(layer: readonly Node[], record: RecordView, setting: Setting, mostStates: number): Node[] {
  const found = new Map<string, Node>();
  let most = 0;
  let from: Node | undefined;
  const take: Take = (share, make) => {
    if (!from || !(share > 0)) return;
    const forward = from.forward * share;
    // Far behind what was found already: it would be given up below.
    if (forward < most * HOPELESS) return;
    most = Math.max(most, forward);
    const { state, parts } = make();
    const weight = share * messageWeight(from.state, state, setting);
    const key = keyOf(state);
    let node = found.get(key);
    if (!node) {
      node = { state, forward: 0, backward: 0, posterior: 0, edges: [] };
      found.set(key, node);
    }
    node.forward += from.forward * weight;
    node.edges.push({ from, share: weight, parts });
  };
  for (from of layer) {
    const { state } = from;
    readingsOf(state, record, setting, take);
    // Something else altogether: the session goes on where it stood.
    take(SURPRISE, () => ({ state, parts: [] }));
  }
  const nodes = [...found.values()].sort((a, b) => b.forward - a.forward);
  const best = nodes[0]?.forward ?? 0;
  const kept = nodes.slice(0, mostStates).filter((node) => node.forward >= best * LEAST_SHARE);
  normalise(kept, 'forward');
  return kept;
}

function readingsOf(state: State, record: RecordView, setting: Setting, take: Take): void {
  if (record.isAlert !== 'no') {
    const side = record.by === 'client' ? 1 : 2;
    const share = (record.isAlert === 'surely' ? 1 : 0.9) * closeShare(state, record.by);
    take(share, () => ({ state: { ...state, closed: state.closed | side, heard: state.heard || side === 2 }, parts: [closeOf(state)] }));
    if (record.isAlert === 'surely') return;
  }
  if (record.by === 'client') clientReadings(state, record, setting, take);
  else serverReadings(state, record, setting, take);
}

/** The size of a message that has just ended, against the log's. */
function messageWeight(from: State, state: State, setting: Setting): number {
  return state.ended === from.ended ? 1 : messageShare(state, from.message, setting);
}

function closeOf(state: State): ReadPart {
  return { word: 'close_notify', to: null, positive: null, address: null, message: state.message };
}

/** Whoever closes has a reason as a rule: QUIT was answered, or notice was given. */
function closeShare(state: State, by: 'client' | 'server'): number {
  if (state.closed !== 0) return 0.9;
  if (state.quit === 'answered' || state.notice) return 0.8;
  if (state.quit === 'said') return 0.2;
  return by === 'client' ? 0.1 : 0.02;
}

/** Many records were only counted: nearly always pieces of a message, but nobody knows what else. */
function behindGap(layer: readonly Node[]): Node[] {
  return layer.flatMap((from) => {
    const { state } = from;
    const lost: State = { ...state, lost: true, owed: [], heard: true, body: NO_BODY };
    const ways: readonly (readonly [State, number])[] = [
      [{ ...lost, place: 'body', stage: 'data-body' }, state.place === 'body' ? 0.8 : 0.3],
      [{ ...lost, place: 'ready', open: false, named: 0, anyAccepted: false }, 0.1],
      [{ ...lost, place: 'mail', stage: 'mail', open: true, owed: [{ to: 'MAIL', address: null, refused: null, path: null }] }, 0.05],
      [{ ...lost, place: 'rcpt', stage: 'rcpt', open: true, anyAccepted: true }, 0.05],
    ];
    return ways.map(([next, share]) => ({ state: next, forward: from.forward * share, backward: 0, posterior: 0, edges: [{ from, share, parts: [] }] }));
  });
}

function normalise(nodes: readonly Node[], what: 'forward' | 'backward'): void {
  const sum = nodes.reduce((total, node) => total + node[what], 0);
  if (sum > 0) for (const node of nodes) node[what] /= sum;
}

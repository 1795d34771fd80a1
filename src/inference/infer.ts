import type { Inference, InferredAnswer, InferredRecord, InferredStage, InferredWord } from '../model/inference.ts';
import type { CapturedSession, Session } from '../model/pairing.ts';
import type { Confidence } from '../model/report.ts';
import type { Owes, Stage } from '../model/smtp.ts';
import type { TlsSummary } from '../model/tls.ts';
import { otherSide, type Side } from '../model/units.ts';
import { Commands } from './commands.ts';
import { confidenceOf } from './confidence.ts';
import type { Known } from './known.ts';
import { knownOf } from './known-of.ts';
import { type Lattice, type Node, weigh } from './lattice.ts';
import { Lines, serverShares } from './lines.ts';
import { type Setting, type RecordView } from './reading.ts';
import { type Words, wordsOf } from './records.ts';
import { firstState, type State } from './state.ts';
import { withWords } from './words.ts';

/** What the records of an encrypted session tell; null where they are in clear, decrypted, or of one direction only, or where the suite is unknown. */
export function inferSession(session: Session): Inference | null {
  const { captured } = session;
  const tls = captured?.dialogue.tls;
  if (!captured || !tls?.established || tls.content !== 'opaque' || !captured.connection.bothDirections) return null;
  return infer(tls, captured.dialogue.client, knownOf(session, captured), isLossy(captured));
}

function isLossy({ connection, dialogue }: CapturedSession): boolean {
  return dialogue.gaps.client || dialogue.gaps.server || connection.gaps.length > 0;
}

/** The same from a list of records. */
export function infer(tls: TlsSummary, client: Side, known: Known, lossy: boolean): Inference | null {
  const read = wordsOf(tls, client);
  if (!read || read.words.length === 0) return null;
  const lines = new Lines(known);
  const setting: Setting = { known, lines, commands: new Commands(known, lines), isTls13: read.isTls13, lossy };
  const greeted = known.begin === 'starttls';
  const lattice = weigh(
    read.words,
    serverShares(known).map((share, server) => [firstState(server, greeted), share] as const),
    setting,
  );
  return tellAll(read, lattice, client, setting);
}

function tellAll(read: Words, lattice: Lattice, client: Side, { known, lines, lossy }: Setting): Inference {
  const last = lattice.after.at(-1) ?? [];
  const records: InferredRecord[] = read.handshake.map(({ record, word }) => ({
    side: record.side,
    at: record.at,
    type: record.type,
    parts: [{ word, to: null, positive: null, text: null }],
    octets: [0, 0],
    probability: 0.99,
    confidence: 'strong',
  }));
  for (const [i, record] of read.words.entries()) records.push(tellRecord(record, lattice.after[i] ?? [], client, known, lines, lossy));
  const stages = stagesOf(read.words, lattice, lossy);
  const lastAt = read.words.at(-1)?.at;
  return {
    records,
    stages,
    stage: lastStage(read.words, last, lossy),
    quit: answer(last, ({ quit }) => quit !== 'no', lossy),
    quitAt: momentOf(read.words, records.slice(read.handshake.length), 'QUIT'),
    ended: answer(last, (state) => state.ended > 0, lossy),
    answered: answer(last, ({ owed }) => !owed.some(({ to }) => to === 'end-of-data'), lossy),
    completed: answer(last, ({ quit, stage, accepted }) => quit !== 'no' && stage === 'quit' && accepted > 0, lossy),
    notice: answer(last, ({ notice }) => notice, lossy),
    noticeAt: momentOf(read.words, records.slice(read.handshake.length), 'notice'),
    debts: read.words.flatMap(({ at }, i) => owesOf(lattice.after[i] ?? [], at.atUs) ?? []),
    messageOctets: messageOf(last),
    usedLog: known.messages !== null,
    untilUs: lastAt?.atUs ?? 0,
  };
}

/** The reading of one record that has most of the weight; readings that name the same words count together. */
function tellRecord(record: RecordView, nodes: readonly Node[], client: Side, known: Known, lines: Lines, lossy: boolean): InferredRecord {
  const shares = new Map<string, { share: number; best: number; edge: Node['edges'][number] | null; server: number }>();
  for (const node of nodes) {
    for (const edge of node.edges) {
      const share = node.forward > 0 ? edge.from.forward * edge.share * node.backward : 0;
      const name = edge.parts.map(({ word, to, positive }) => `${word} ${to} ${positive}`).join('+');
      const entry = shares.get(name) ?? { share: 0, best: 0, edge: null, server: 0 };
      entry.share += share;
      if (share > entry.best || entry.edge === null) Object.assign(entry, { best: share, edge, server: node.state.server });
      shares.set(name, entry);
    }
  }
  const all = [...shares.values()].reduce((sum, { share }) => sum + share, 0);
  const best = [...shares.values()].reduce((a, b) => (b.share > a.share ? b : a), { share: 0, best: 0, edge: null as Node['edges'][number] | null, server: 0 });
  const probability = all > 0 ? best.share / all : 0;
  const parts = best.edge?.parts ?? [];
  return {
    side: record.by === 'client' ? client : otherSide(client),
    at: record.at,
    type: record.type,
    parts: parts.map((part) => withWords(part, best.server, parts.length === 1, record.octets, known, lines)),
    octets: record.octets,
    probability,
    confidence: parts.length === 0 ? 'undetermined' : confidenceOf(probability, lossy),
  };
}

function answer(nodes: readonly Node[], says: (state: State) => boolean, lossy: boolean): InferredAnswer {
  const yes = nodes.reduce((sum, { state, posterior }) => sum + (says(state) ? posterior : 0), 0);
  const confidence: Confidence = confidenceOf(Math.max(yes, 1 - yes), lossy);
  return { answer: confidence === 'undetermined' ? 'unknown' : yes > 0.5 ? 'yes' : 'no', probability: yes, confidence };
}

/** The value that has most of the weight. */
function likeliest<T extends string>(nodes: readonly Node[], value: (state: State) => T): { value: T; share: number } | null {
  const shares = new Map<T, number>();
  for (const { state, posterior } of nodes) shares.set(value(state), (shares.get(value(state)) ?? 0) + posterior);
  let best: { value: T; share: number } | null = null;
  for (const [found, share] of shares) if (best === null || share > best.share) best = { value: found, share };
  return best;
}

function stagesOf(words: readonly RecordView[], lattice: Lattice, lossy: boolean): InferredStage[] {
  const stages: InferredStage[] = [];
  let before: Stage | null = null;
  for (const [i, { at }] of words.entries()) {
    const best = likeliest(lattice.after[i] ?? [], ({ stage }) => stage);
    if (!best) continue;
    const confidence = confidenceOf(best.share, lossy);
    if (confidence === 'undetermined') continue;
    const same = stages.at(-1);
    if (best.value !== before) stages.push({ stage: best.value, at, probability: best.share, confidence });
    // Later records may make a step surer, or less sure.
    else if (same) stages[stages.length - 1] = { ...same, probability: best.share, confidence };
    before = best.value;
  }
  return stages;
}

/** What the last record leaves: not an earlier step that was surer. */
function lastStage(words: readonly RecordView[], nodes: readonly Node[], lossy: boolean): InferredStage | null {
  const best = likeliest(nodes, ({ stage }) => stage);
  const at = words.at(-1)?.at;
  if (!best || !at) return null;
  const confidence = confidenceOf(best.share, lossy);
  return confidence === 'undetermined' ? null : { stage: best.value, at, probability: best.share, confidence };
}

function momentOf(words: readonly RecordView[], records: readonly InferredRecord[], word: InferredWord): InferredRecord['at'] | null {
  const at = records.findIndex(({ parts, confidence }) => confidence !== 'undetermined' && parts.some((part) => part.word === word));
  return words[at]?.at ?? null;
}

function owesOf(nodes: readonly Node[], sinceUs: number): Owes | null {
  const best = likeliest(nodes, (state) => debtOf(state));
  if (!best || confidenceOf(best.share, false) === 'undetermined') return null;
  const [side, what = ''] = best.value.split('|');
  return { side: side === 'client' || side === 'server' ? side : null, sinceUs, what };
}

/** As `SmtpDialogue.owes` names debts. */
function debtOf({ owed, place, notice, quit, closed }: State): string {
  if (closed !== 0 || notice || quit === 'answered') return 'nobody|';
  const [first] = owed;
  if (first && place !== 'chunk')
    return `server|${first.to === 'end-of-data' ? 'reply to the end of data' : first.to === 'greeting' ? 'greeting' : `reply to ${first.to}`}`;
  if (place === 'body' || place === 'chunk') return 'client|rest of the message';
  return place === 'auth' ? 'client|response to the challenge' : 'client|command';
}

function messageOf(nodes: readonly Node[]): Inference['messageOctets'] {
  const best = nodes.reduce<Node | null>((a, b) => (a === null || b.posterior > a.posterior ? b : a), null);
  return best && best.state.body[1] > 0 ? best.state.body : null;
}

import type { LogLine, MailLog, MessageHistory } from '../model/maillog.ts';
import type { Edge } from './lineage.ts';

/** Edges from and to a message that no line tells. */
export interface CopyEdges {
  edgesOf(history: MessageHistory): readonly Edge[];
}

/**
 * Messages that went to a quarantine on another box (SMA) and came back as new ones: over a new ICID, under a new MID, and with no line that
 * joins the two. The same Message-ID, the address, the envelope and the subject do.
 */
export class Copies implements CopyEdges {
  readonly #log: Pick<MailLog, 'messages'>;
  readonly #handedOver: () => readonly MessageHistory[];
  /** By the order of the message. */
  #edges: Map<number, Edge[]> | null = null;

  /** `handedOver`: the originals, asked for once. */
  constructor(log: Pick<MailLog, 'messages'>, handedOver: () => readonly MessageHistory[]) {
    this.#log = log;
    this.#handedOver = handedOver;
  }

  /** Edges from and to a message. */
  edgesOf(history: MessageHistory): readonly Edge[] {
    this.#edges ??= joinCopies(this.#handedOver(), this.#log.messages);
    return this.#edges.get(history.order) ?? NO_EDGES;
  }
}

const NO_EDGES: readonly Edge[] = [];

function joinCopies(originals: readonly MessageHistory[], messages: Iterable<MessageHistory>): Map<number, Edge[]> {
  const edges = new Map<number, Edge[]>();
  const handed = new Map<string, MessageHistory[]>();
  for (const message of originals) for (const key of keysOf(message)) append(handed, key, message);
  if (handed.size === 0) return edges;
  for (const message of messages) {
    const edge = originOf(message, [...new Set(keysOf(message).flatMap((key) => handed.get(key) ?? []))]);
    if (!edge) continue;
    append(edges, edge.from.order, edge);
    append(edges, edge.to.order, edge);
  }
  return edges;
}

function append<K, T>(lists: Map<K, T[]>, key: K, value: T): void {
  const known = lists.get(key);
  if (known) known.push(value);
  else lists.set(key, [value]);
}

/** What a message and its copy have in common: the Message-ID, or, where that was not logged, sender and subject. */
export function keysOf({ messageId, sender, subject }: MessageHistory): string[] {
  return [...(messageId === null ? [] : [`id ${messageId}`]), ...(sender && subject ? [`envelope ${sender.toLowerCase()} ${subject}`] : [])];
}

/** The message of which this is the copy: of several the one for which most speaks, and of these the youngest. */
export function originOf(copy: MessageHistory, handed: readonly MessageHistory[]): Edge | null {
  let best: (Edge & { readonly score: number }) | null = null;
  for (const original of handed) {
    const edge = weigh(original, copy);
    if (edge && (best === null || edge.score >= best.score)) best = edge;
  }
  if (!best) return null;
  const { score: _score, ...edge } = best;
  return edge;
}

/** Null where it cannot be the copy, or too little speaks for it. */
function weigh(original: MessageHistory, copy: MessageHistory): (Edge & { readonly score: number }) | null {
  const { handedOver } = original;
  const line: LogLine = copy.started ?? copy.first;
  if (handedOver === null || original.order === copy.order || copy.icid === 0 || line.atUs < handedOver.line.atUs) return null;
  const peer = copy.injection?.peerIp ?? null;
  const sameAddress = peer !== null && peer === handedOver.remoteIp;
  // Who sent it once may send it again.
  if (!sameAddress && ((peer !== null && peer === (original.injection?.peerIp ?? null)) || (peer !== null && handedOver.remoteIp !== null))) return null;
  const sameId = copy.messageId !== null && copy.messageId === original.messageId;
  if (!sameId && copy.messageId !== null && original.messageId !== null) return null;
  const sameSender = copy.sender !== null && copy.sender.toLowerCase() === original.sender?.toLowerCase();
  const known = new Set(original.recipients.map(({ address }) => address.toLowerCase()));
  const sameRecipients = copy.recipients.length > 0 && copy.recipients.every(({ address }) => known.has(address.toLowerCase()));
  const sameSubject = copy.subject !== null && copy.subject === original.subject;
  const facts = [
    ...(sameId ? ['the same Message-ID'] : []),
    ...(sameAddress ? [`it came from ${peer}, to which the original went`] : []),
    ...(sameSender ? ['the same sender'] : []),
    ...(sameRecipients ? ['no other recipients'] : []),
    ...(sameSubject ? ['the same subject'] : []),
  ];
  const isSure = sameId && sameAddress && sameRecipients;
  const isLikely = sameAddress ? sameId || (sameSender && sameRecipients && sameSubject) : sameId && sameSender && sameRecipients;
  if (!isSure && !isLikely) return null;
  return {
    relation: 'released-as',
    from: original,
    to: copy,
    by: peer === null ? null : `the quarantine at ${peer}`,
    line,
    confidence: isSure ? 'strong' : sameAddress ? 'moderate' : 'limited',
    evidence: facts.join(', '),
    score: facts.length,
  };
}

import type { SmtpDialogue } from '../model/smtp.ts';
import type { Segment } from '../model/tcp.ts';

/** Which payload the dialogue already shows, so that the packets' rows need not repeat it. */
export interface Coverage {
  /** The segment carries a word of the dialogue. */
  speaks(segment: Segment): boolean;
  /** The segment lies between the first and the last octet of a message. */
  inBody(segment: Segment): boolean;
  /** The segment carries TLS records. */
  inTls(segment: Segment): boolean;
}

interface Stretch {
  readonly input: number;
  readonly from: number;
  readonly to: number;
}

interface Body {
  readonly fromUs: number;
  toUs: number;
}

export function coverageOf(dialogue: SmtpDialogue | null): Coverage {
  const words = new Set<string>();
  const stretches: Stretch[] = [];
  const bodies: Body[] = [];
  let body: Body | null = null;
  for (const event of dialogue?.events ?? []) {
    if (event.kind === 'gap') continue;
    if (event.kind === 'data-start') {
      body = { fromUs: event.at.atUs, toUs: Number.POSITIVE_INFINITY };
      bodies.push(body);
      continue;
    }
    if ((event.kind === 'data-end' || event.kind === 'chunk-end') && body) {
      body.toUs = event.at.atUs;
      body = null;
    }
    const { packet } = event.at;
    words.add(`${packet.input} ${packet.number}`);
    if (event.kind !== 'command' && event.kind !== 'reply') continue;
    const { completedBy } = event;
    words.add(`${completedBy.input} ${completedBy.number}`);
    if (completedBy.input === packet.input && completedBy.number > packet.number + 1) {
      stretches.push({ input: packet.input, from: packet.number, to: completedBy.number });
    }
  }
  const tlsFromUs = dialogue?.tls?.firstUs ?? Number.POSITIVE_INFINITY;
  const client = dialogue?.client ?? 0;
  return {
    speaks: ({ input, packet }) =>
      words.has(`${input} ${packet}`) || stretches.some((stretch) => stretch.input === input && stretch.from <= packet && packet <= stretch.to),
    inBody: ({ side, atUs }) => side === client && bodies.some(({ fromUs, toUs }) => fromUs <= atUs && atUs <= toUs),
    inTls: ({ atUs }) => atUs >= tlsFromUs,
  };
}

import type { SmtpDialogue } from '../model/smtp.ts';
import type { Segment } from '../model/tcp.ts';
import { Ranges } from './ranges.ts';

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
  readonly from: number;
  to: number;
}

export function coverageOf(dialogue: SmtpDialogue | null): Coverage {
  const words = new Set<string>();
  const stretches = new Map<number, Stretch[]>();
  const bodies: Stretch[] = [];
  let body: Stretch | null = null;
  for (const event of dialogue?.events ?? []) {
    if (event.kind === 'gap') continue;
    if (event.kind === 'data-start') {
      body = { from: event.at.atUs, to: Number.POSITIVE_INFINITY };
      bodies.push(body);
      continue;
    }
    if ((event.kind === 'data-end' || event.kind === 'chunk-end') && body) {
      body.to = event.at.atUs;
      body = null;
    }
    const { packet } = event.at;
    words.add(`${packet.input} ${packet.number}`);
    if (event.kind !== 'command' && event.kind !== 'reply') continue;
    const { completedBy } = event;
    words.add(`${completedBy.input} ${completedBy.number}`);
    if (completedBy.input === packet.input && completedBy.number > packet.number + 1) {
      const list = stretches.get(packet.input) ?? [];
      list.push({ from: packet.number, to: completedBy.number });
      stretches.set(packet.input, list);
    }
  }
  const tlsFromUs = dialogue?.tls?.firstUs ?? Number.POSITIVE_INFINITY;
  const client = dialogue?.client ?? 0;
  const inStretch = new Map([...stretches].map(([input, list]) => [input, new Ranges(list)]));
  const messages = new Ranges(bodies);
  return {
    speaks: ({ input, packet }) => words.has(`${input} ${packet}`) || (inStretch.get(input)?.holds(packet) ?? false),
    inBody: ({ side, atUs }) => side === client && messages.holds(atUs),
    inTls: ({ atUs }) => atUs >= tlsFromUs,
  };
}

import { AnomalyCounter } from '../../src/model/anomaly.ts';
import type { Source } from '../../src/model/source.ts';

/** A log held in memory, given out in pieces of at most `piece` octets. */
export function textSource(content: string | Uint8Array, input = 0, piece = Number.POSITIVE_INFINITY): Source {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return {
    input,
    path: `log${input}`,
    kind: 'text',
    format: 'text',
    bytes: bytes.length,
    vantage: null,
    advice: null,
    anomalies: new AnomalyCounter(),
    reread: (into, position) => {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      return part.length;
    },
    open() {
      let at = 0;
      return {
        async read(into, offset, length) {
          const count = Math.min(length, piece, bytes.length - at);
          into.set(bytes.subarray(at, at + count), offset);
          at += count;
          return count;
        },
        async close() {},
      };
    },
  };
}

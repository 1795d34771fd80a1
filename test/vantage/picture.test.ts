import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_PSH, TCP_RST } from '../../src/model/packet.ts';
import type { SessionComparison } from '../../src/model/comparison.ts';
import { paletteFor, renderComparison, renderComparisonsJson, renderComparisonsNdjson } from '../../src/render/index.ts';
import { displayWidth } from '../../src/render/width.ts';
import { compareSession } from '../../src/vantage/index.ts';
import { sampleReport } from '../render/sample-report.ts';
import type { Wire } from '../support/segments.ts';
import { inData } from '../support/trial.ts';
import { type Raw, travel } from './path.ts';

/** A masked banner, a message of several packets, a word that the box does not like: it swallows it, and resets the client in the appliance's name. */
function story(wire: Wire): Wire {
  inData(wire);
  for (let i = 0; i < 3; i++) wire.client(TCP_PSH | TCP_ACK, { text: `line ${i} of the message\r\n` }).server(TCP_ACK);
  const [seq] = wire.next;
  wire.client(TCP_PSH | TCP_ACK, { text: 'FORBIDDEN \u001b[31mword\r\n' }).wait(300_000);
  return wire.wait(7_000_000).answers('421 Timed out waiting for successful message injection, disconnecting.', { ack: seq });
}

function meddle(raw: Raw): Raw | null {
  const text = Buffer.from(raw.payload).toString('latin1');
  if (text.includes('FORBIDDEN')) return null;
  return text.startsWith('220 ') ? { ...raw, payload: Buffer.from(`220 ${'*'.repeat(text.length - 6)}\r\n`) } : raw;
}

const rst: Omit<Raw, 'id'> = {
  from: 'server',
  seq: (4_000_000_000 + 172) >>> 0,
  ack: 0,
  flags: TCP_RST,
  ttl: 63,
  ipId: 0,
  window: 0,
  options: [],
  payload: new Uint8Array(0),
  atUs: 1_700_000_000_100_000,
};

function comparison(): SessionComparison {
  const { left, right } = travel(story, { meddle, clockUs: 1_250_000, inject: [{ point: 'left', raw: rst }] });
  return compareSession({
    session: 'ICID-10293',
    direction: 'inbound',
    verdict: { cause: 'rst', actor: 'middlebox', confidence: 'strong', statement: 'A device in between reset the connection inside the message.' },
    ending: null,
    points: [right, left],
    clockBetween: () => null,
  });
}

const join = (pieces: Iterable<string>): string => [...pieces].join('');
const REFS = { manyCaptures: false, manyLogs: false };

describe('the picture', () => {
  test.each([80, 120, 200])('at %i columns', (width) => {
    const text = join(renderComparison(comparison(), null, REFS, { width, palette: paletteFor(false) }));
    expect(text).toMatchSnapshot();
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    expect(text).not.toContain('\u001b');
  });

  test('as JSON and NDJSON fits the schema', () => {
    const schema: object = JSON.parse(readFileSync(new URL('../../report.schema.json', import.meta.url), 'utf8'));
    const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
    const validDocument = ajv.compile(schema);
    const validLine = ajv.compile({ $ref: 'https://whohungup.invalid/report.schema.json#/$defs/ndjsonLine' });
    const report = sampleReport();
    validDocument(JSON.parse(join(renderComparisonsJson(report.tool, [comparison()]))));
    expect(validDocument.errors ?? []).toEqual([]);
    const lines = join(renderComparisonsNdjson(report, [comparison()], 0))
      .trimEnd()
      .split('\n');
    expect(lines.some((line) => line.includes('"type":"comparison"'))).toBe(true);
    for (const line of lines) {
      validLine(JSON.parse(line));
      expect(validLine.errors ?? []).toEqual([]);
    }
  });
});

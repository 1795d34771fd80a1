import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { Verification } from '../../src/model/verification.ts';
import {
  renderJson,
  renderNdjson,
  renderTranscriptJson,
  renderTranscriptNdjson,
  renderVerificationJson,
  renderVerificationNdjson,
} from '../../src/render/index.ts';
import { sampleReport, sampleSession, sampleTranscript } from './sample-report.ts';

const schema: object = JSON.parse(readFileSync(new URL('../../report.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const validDocument = ajv.compile(schema);
const validLine = ajv.compile({ $ref: 'https://whohungup.invalid/report.schema.json#/$defs/ndjsonLine' });

const report = sampleReport({
  sessions: [
    sampleSession(),
    sampleSession({
      id: 's2',
      icid: null,
      serial: null,
      clientPort: null,
      serverPort: null,
      clientIp: null,
      opened: null,
      decided: null,
      ended: null,
      streams: [],
      pairing: { confidence: 'ambiguous', basis: [], rivals: [{ dcid: 5, why: 'same second' }] },
    }),
  ],
  messages: [
    {
      mid: 1404,
      serial: null,
      lineage: [
        { mid: 1404, relation: 'origin', line: { input: 1, line: 2 }, from: null, by: null, confidence: 'proven', evidence: null },
        {
          mid: 1407,
          relation: 'released-as',
          line: { input: 1, line: 9 },
          from: 1404,
          by: 'Policy Quarantine',
          confidence: 'strong',
          evidence: 'the same Message-ID',
        },
      ],
      sender: 'a@example.com',
      subject: null,
      messageId: null,
      recipients: [
        { rid: 0, address: 'b@example.com', outcome: 'delivered', why: '', mid: 1407, lines: [{ input: 1, line: 12 }] },
        { rid: 1, address: null, outcome: 'unknown', why: 'the log ends', mid: 1407, lines: [] },
      ],
      events: [{ at: '2026-11-21T17:54:21.000000Z', kind: 'released', text: 'released', lines: [], mid: 1404, packets: [{ input: 0, number: 1 }] }],
      deliveries: [
        {
          dcid: 7,
          rids: [0],
          response: 'ok',
          session: 'dcid-7',
          mid: 1407,
          started: '2026-11-21T17:54:21.000000Z',
          ended: null,
          interface: null,
          remote: '203.0.113.80:25',
          tls: null,
          logView: 'begun',
          captureView: null,
          contradiction: false,
        },
      ],
      receptions: [{ icid: 3, mid: 1404, client: null, session: null, logView: 'closed', captureView: null }],
      legs: [{ kind: 'total', mid: 1404, from: '2026-11-21T17:54:21.000000Z', to: '2026-11-21T17:54:23.000000Z', seconds: 2 }],
      outcome: 'mixed',
      octets: null,
      first: '2026-11-21T17:54:21.000000Z',
      last: '2026-11-21T17:54:23.000000Z',
      caveats: [],
    },
  ],
  caveats: ['no ICMP'],
});
const verification: Verification = {
  inputs: [{ input: 0, path: 'esa.pcap', format: 'pcap', applicable: true, why: null }],
  verdicts: [
    {
      session: 'icid-10293',
      icid: 10293,
      dcid: null,
      cause: 'rst',
      actor: 'middlebox',
      result: 'same',
      packets: [{ input: 0, number: 12, result: 'same', octets: 60, why: null }],
    },
  ],
  packets: { same: 1, different: 0, notApplicable: 0 },
};

function join(pieces: Iterable<string>): string {
  return [...pieces].join('');
}

test.each([
  ['the report', () => renderJson(report)],
  ['an empty report', () => renderJson(sampleReport({ inputs: [], clock: null, clocks: [], sessions: [] }))],
  ['transcripts', () => renderTranscriptJson(report.tool, [sampleTranscript(), { ...sampleTranscript(), rows: [] }])],
  ['a verification', () => renderVerificationJson(report.tool, verification)],
])('the document of %s fits the schema', (_, render) => {
  const document: unknown = JSON.parse(join(render()));
  validDocument(document);
  expect(validDocument.errors ?? []).toEqual([]);
});

test('the document is the report itself', () => {
  expect(JSON.parse(join(renderJson(report)))).toEqual(report);
});

test.each([
  ['diagnose', () => renderNdjson(report, 4), ['input', 'input', 'clock', 'session', 'session', 'message', 'caveat', 'end']],
  ['transcript', () => renderTranscriptNdjson(report, [sampleTranscript()], 0), ['input', 'input', 'clock', 'transcript', 'end']],
  ['verify', () => renderVerificationNdjson(report, verification, 0), ['input', 'input', 'clock', 'verdict', 'end']],
])('every line of %s --ndjson fits the schema', (_, render, types) => {
  const lines: { type: string }[] = join(render())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ type }) => type)).toEqual(types);
  for (const line of lines) {
    validLine(line);
    expect(validLine.errors ?? []).toEqual([]);
  }
});

test('what is not in the contract does not fit the schema', () => {
  expect(validDocument({ ...report, extra: 1 })).toBe(false);
  expect(validDocument({ ...report, sessions: [{ ...sampleSession(), extra: 1 }] })).toBe(false);
  expect(validDocument({ ...report, sessions: [sampleSession({ opened: 'yesterday' })] })).toBe(false);
});

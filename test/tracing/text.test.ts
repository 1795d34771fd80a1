import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { Report, ReportMessage } from '../../src/model/report.ts';
import {
  paletteFor,
  renderConnectionTable,
  renderConnectionsJson,
  renderConnectionsNdjson,
  renderJson,
  renderMessages,
  renderNdjson,
  renderTrace,
} from '../../src/render/index.ts';
import { displayWidth } from '../../src/render/width.ts';
import { listConnections } from '../../src/tracing/index.ts';
import { sampleReport } from '../render/sample-report.ts';
import { PLAIN_CLOCK, delivered, headerOf, logOf, readAll, received, tell } from './stories.ts';

const BOB = 'bob@example.com';
const EVE = 'eve@example.com';

const LOG = logOf(
  ...received(1357, 10152, [BOB, EVE]),
  '10:00:01 MID 1357 using engine: CASE spam positive',
  '10:00:01 ISQ: Tagging MID 1357 for quarantine',
  '10:00:01 MID 1357 was split creating MID 1358 due to a per-recipient policy Board Members in the inbound table',
  `10:00:01 MID 1358 ICID 0 RID 0 To: <${EVE}>`,
  '10:00:02 RPC Delivery start RCID 161 MID 1357 to local IronPort Spam Quarantine',
  '10:00:03 ISQ: Quarantined MID 1357',
  '10:00:03 Message finished MID 1357 done',
  '10:00:04 ICID 10152 close',
  '10:00:04 Delivery start DCID 164 MID 1358 to RID [0]',
  "10:00:05 Bounced: DCID 164 MID 1358 to RID 0 - 5.1.0 - Unknown address error ('550', ['5.1.1 no such user']) []",
  '10:00:05 MID 1360 was generated for bounce of MID 1358',
  '10:00:05 MID 1360 ICID 0 RID 0 To: <ann@partner.example>',
  '10:05:00 Start MID 1359 ICID 0 (ISQ Released Message)',
  '10:05:00 ISQ: Reinjected MID 1357 as MID 1359',
  `10:05:00 MID 1359 ICID 0 RID 0 To: <${BOB}>`,
  ...delivered(1359, 165, [0], '10:05:00', '10:05:01'),
  '10:05:01 Message finished MID 1359 done',
  '10:05:06 DCID 165 close',
);
const ALSO = logOf(
  ...received(1404, 10293, [BOB], '11:00:00').slice(0, 5),
  '11:00:36 ICID 10293 lost',
  '11:00:36 Message aborted MID 1404 Receiving aborted',
  '11:00:36 Message finished MID 1404 aborted',
  '11:00:36 ICID 10293 close',
);

function reportOf(messages: Iterable<ReportMessage>): Report {
  return { ...sampleReport(), messages, sessions: [], caveats: [] };
}

function style(width: number) {
  return { width, palette: paletteFor(false) };
}

function lookAt(text: string, width: number): void {
  expect(text).toMatchSnapshot();
  for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
}

describe.each([80, 120, 200])('at %i columns', (width) => {
  test('one message in full', async () => {
    lookAt([...renderTrace(reportOf(await tell(LOG)), style(width))].join(''), width);
  });

  test('several as a list, with a hint', async () => {
    lookAt([...renderTrace(reportOf(await tell([LOG, ALSO])), style(width))].join(''), width);
  });

  test('connections', async () => {
    const log = await readAll(LOG, ALSO);
    lookAt(
      renderConnectionTable(
        [...listConnections({ log, clock: PLAIN_CLOCK })].map(({ report }) => report),
        style(width),
      ),
      width,
    );
  });
});

test('of several appliances the list says which', async () => {
  const files = ['SN-1', 'SN-2'].map((serial) => logOf(...headerOf('09:00:00', serial), ...received(71, 11, ['bob@example.com'])));
  const rows = [...renderTrace(reportOf(await tell(files)), style(120))].join('').split('\n');
  const named = rows.filter((row) => / {2}71 {2}/.test(row)).map((row) => row.trim().split(/ +/)[0]);
  expect(new Set(named)).toEqual(new Set(['SN-1', 'SN-2']));
  const alone = [...renderTrace(reportOf(await tell([files[0] ?? '', logOf(...received(72, 12, ['bob@example.com']))])), style(120))].join('');
  expect(alone).not.toContain('SN-1');
});

test('an overload that lasts is told once', async () => {
  const busy = (time: string) => `${time} Status: CPULd 99 CrtMID 71 CrtICID 11 CrtDCID 3 ResCon 60 WorkQ 9000`;
  const [aborted, finished] = ['10:05:00 Message aborted MID 71 Receiving aborted', '10:05:00 Message finished MID 71 aborted'];
  const log = logOf(...received(71, 11, ['bob@example.com']).slice(0, 5), busy('10:01:00'), busy('10:02:00'), busy('10:03:00'), aborted ?? '', finished ?? '');
  const text = [...renderTrace(reportOf(await tell(log)), style(200))].join('');
  const story = text.slice(text.indexOf('The story'), text.indexOf('What became of it'));
  expect(story.match(/the appliance is busy/g)).toHaveLength(1);
  expect(story).toMatch(/\(3 status lines\s+say\s+so\)/);
});

test('the story says what scanners found, whom it went to, and counts nobody twice', async () => {
  const log = logOf(
    ...received(71, 11, ['bob@example.com', 'eve@example.com']),
    '10:00:01 MID 71 interim verdict using engine: CASE spam positive',
    '10:00:01 MID 71 using engine: CASE spam suspect',
    '10:00:01 MID 71 antivirus negative',
    "10:00:02 MID 71 rewritten to MID 72 by add-footer filter 'Disclaimer'",
    ...delivered(72, 31, [0], '10:00:03', '10:00:04'),
    "10:00:05 Bounced: DCID 32 MID 72 to RID 1 - 5.1.0 - Unknown address error ('550', ['no']) []",
    '10:00:05 MID 73 was generated for bounce of MID 72',
    '10:00:05 MID 73 ICID 0 RID 0 To: <ann@partner.example>',
    ...delivered(73, 33, [0], '10:00:06', '10:00:07'),
  );
  const text = [...renderTrace(reportOf(await tell(log)), style(200))].join('').replaceAll(/\s+/g, ' ');
  expect(text).toContain('sender <ann@partner.example>, 2 recipients, 2,048 octets.');
  expect(text).toContain('scanning MID 71 found: CASE spam suspect.');
  expect(text).toContain('DCID 31 delivered it to bob@example.com as MID 72; the receiver answered "2.0.0 Ok: queued as Q31".');
  expect(text).toContain('MID 72 bounced for eve@example.com over DCID 32: 5.1.0 - Unknown address error ("550 no").');
  expect(text).toContain('delivered 1, bounced 1');
});

test('of more than 200 messages the newest are listed, and the rest is said', async () => {
  const many = logOf(...Array.from({ length: 250 }, (_, at) => `10:00:00 Start MID ${1000 + at} ICID 0`));
  const text = [...renderMessages(reportOf(await tell(many)), style(120), null)].join('');
  expect(text).toContain('250 messages: 250 unknown');
  expect(text).toContain('… and 50 older ones.');
  expect(text).not.toContain(' 1049 ');
  expect(text).toContain(' 1249 ');
});

test('the same number twice: the hint says how to choose', async () => {
  const log = logOf(...received(7, 3, [BOB]), '10:00:06 Message finished MID 7 done', ...received(7, 3, [EVE], '15:00:00'));
  const text = [...renderTrace(reportOf(await tell(log, { mid: [7] })), style(120))].join('');
  expect(text).toContain('used again, after a reset of the counters: add --since');
});

test('what a sender put into a subject cannot reach the terminal', async () => {
  const log = logOf(...received(7, 3, [BOB]), "10:00:01 MID 7 Subject 'a\\x1b]0;owned\\x07\\u202eb'", "10:00:01 MID 7 Subject '=?utf-8?q?=1B[31mred?='");
  const story = await tell(log);
  for (const text of [[...renderTrace(reportOf(story), style(120))].join(''), [...renderMessages(reportOf(story), style(120), null)].join('')]) {
    expect(text).toContain('red');
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});

describe('for machines', () => {
  const schema: object = JSON.parse(readFileSync(new URL('../../report.schema.json', import.meta.url), 'utf8'));
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  const validDocument = ajv.compile(schema);
  const validLine = ajv.compile({ $ref: 'https://whohungup.invalid/report.schema.json#/$defs/ndjsonLine' });

  test('every story fits the schema, as a document and line by line', async () => {
    const report = reportOf(await tell([LOG, ALSO, logOf('10:00:01 MID 1361 queued for delivery')]));
    const document: unknown = JSON.parse([...renderJson(report)].join(''));
    expect(validDocument(document), JSON.stringify(validDocument.errors)).toBe(true);
    const lines = [...renderNdjson(report, 0)].join('').trimEnd().split('\n');
    for (const line of lines) expect(validLine(JSON.parse(line)), line).toBe(true);
    expect(lines.filter((line) => line.startsWith('{"type":"message"'))).toHaveLength(3);
    expect(lines.at(-1)).toContain('"messages":3');
  });

  test('every connection fits the schema', async () => {
    const log = await readAll(LOG, ALSO);
    const connections = [...listConnections({ log, clock: PLAIN_CLOCK })].map(({ report }) => report);
    const document: unknown = JSON.parse([...renderConnectionsJson(sampleReport().tool, connections)].join(''));
    expect(validDocument(document), JSON.stringify(validDocument.errors)).toBe(true);
    for (const line of [...renderConnectionsNdjson(reportOf([]), connections, 0)].join('').trimEnd().split('\n'))
      expect(validLine(JSON.parse(line)), line).toBe(true);
    expect(connections).toMatchObject([
      { icid: 10152, ending: 'closed' },
      { dcid: 164, ending: 'open', mids: [1358] },
      { dcid: 165, ending: 'closed', mids: [1359] },
      { icid: 10293, ending: 'lost', mids: [1404] },
    ]);
  });
});

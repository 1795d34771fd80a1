#!/usr/bin/env node
// Measures the built tool on generated encrypted sessions, with the log and without it.
//   npm run build && node test/lab/tls/measure.mjs [--sessions 320] [--seed 1] [--together 1]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyze } from '../../../dist/analyze.js';
import { inferSession } from '../../../dist/inference/index.js';
import { EVERYTHING } from '../../../dist/model/settings.js';
import { writeCapture } from '../pcap.mjs';
import { generate } from './generate.mjs';
import { Score } from './score.mjs';

const option = (name, usual) => (process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : usual);
const SITE = {
  applianceAddresses: ['192.0.2.25'],
  balancers: [],
  ports: [25],
  logTimeZone: 'UTC',
  clockOffsetSeconds: null,
  inboundTimeoutSeconds: 300,
  inboundTimeoutGiven: true,
  totalTimeLimitSeconds: 900,
};

const { packets, log, truth } = await generate({ sessions: option('--sessions', 320), seed: option('--seed', 1), together: option('--together', 1) });
const folder = mkdtempSync(join(tmpdir(), 'whohungup-tls-'));
try {
  const capture = join(folder, 'traffic.pcap');
  writeFileSync(capture, writeCapture({ link: 1, packets }, 'pcap').octets);
  writeFileSync(join(folder, 'mail_logs'), log);
  await measure('with the log', [capture, join(folder, 'mail_logs')]);
  await measure('without a log', [capture]);
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(name, paths) {
  const { sessionOf, report } = await analyze({ inputs: paths.map((path) => ({ path, vantage: null })), site: SITE, selection: EVERYTHING });
  const byPort = new Map();
  const verdicts = new Map();
  for (const { id, verdict } of report.sessions) {
    const session = sessionOf(id);
    if (!session?.captured) continue;
    byPort.set(session.captured.connection.originator.port, session);
    verdicts.set(session, verdict);
  }
  const score = new Score();
  const before = process.cpuUsage();
  for (const session of truth) {
    const found = byPort.get(session.port);
    score.add(session, found ? inferSession(found) : null);
  }
  const { user } = process.cpuUsage(before);
  for (const session of truth) score.addVerdict(session, verdicts.get(byPort.get(session.port)));
  console.log(`\n## ${name}: ${score.sessions} sessions, ${score.without} without inference, ${(user / 1000 / score.sessions).toFixed(1)} ms each`);
  console.log(`records named right: ${share(score.records.right, score.records.all)}; a name was given to ${share(score.records.said, score.records.all)}`);
  for (const [confidence, { right, all }] of score.byConfidence) console.log(`  ${confidence}: right ${share(right, all)}`);
  for (const [question, { right, wrong, unknown }] of Object.entries(score.questions))
    console.log(`  ${question}: right ${right}, wrong ${wrong}, unknown ${unknown}`);
  for (const [suite, { right, all }] of score.byVersion) console.log(`  ${suite}: ${share(right, all)}`);
  const paired = truth.filter(({ port, id, inbound }) => idOf(byPort.get(port), inbound) === id).length;
  console.log(`  paired right: ${share(paired, truth.length)}`);
  console.log(`  causes right: ${share(score.causes.right, score.causes.all)}`);
  for (const [wrong, times] of [...score.wrongCauses].sort((a, b) => b[1] - a[1]).slice(0, 8)) console.log(`  ${times} times ${wrong}`);
  const worst = [...score.mistakes].sort((a, b) => b[1] - a[1]).slice(0, 10);
  for (const [mistake, times] of worst) console.log(`  ${times} times ${mistake}`);
}

function idOf(session, inbound) {
  return (inbound ? session?.injection?.icid : session?.delivery?.dcid) ?? null;
}

function share(part, all) {
  return `${part} of ${all} (${((part / all) * 100).toFixed(1)} %)`;
}

#!/usr/bin/env node
// Measures how far the tool's confidence can be believed, and what each sign of a reset is worth, on folders of labelled incidents.
//   node test/lab/calibrate.mjs FOLDER... [--write docs/calibration.md]
// Mechanisms are held out, never files: a sign's worth is fitted on all other mechanisms before it is tried on one.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../../dist/analyze.js';
import { WEIGHTS } from '../../dist/diagnosis/weights.js';
import { EVERYTHING } from '../../dist/model/settings.js';

const LEVELS = ['proven', 'strong', 'moderate', 'limited', 'undetermined'];
const SIGN = /^(?:rst|fin)-(?!first|acknowledged)|^alive-after|^challenge|^ack-beyond/;
const NAMES_BOX = 1.5;

const args = process.argv.slice(2);
const write = args.includes('--write') ? args.splice(args.indexOf('--write'), 2)[1] : null;
const sessions = [];
for (const folder of args)
  for (const name of readdirSync(folder)) if (existsSync(join(folder, name, 'truth.json'))) sessions.push(...(await judgeCase(join(folder, name))));

/** One record a labelled session: what is true, what was said, which signs were seen. */
async function judgeCase(folder) {
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
  const { settings } = truth;
  const captures = Object.entries(truth.vantage).flatMap(([point, files]) =>
    files.map((file) => ({ path: join(folder, file), vantage: point === 'esa' ? null : point })),
  );
  const logs = Object.values(truth.logs).flatMap((files) => files.map((file) => ({ path: join(folder, file), vantage: null })));
  const site = {
    applianceAddresses: settings.appliance_ips ?? [],
    balancers: [],
    ports: settings.listener_ports ?? [],
    logTimeZone: settings.log_timezone ?? null,
    clockOffsetSeconds: null,
    inboundTimeoutSeconds: settings.inbound_timeout_s ?? 300,
    inboundTimeoutGiven: true,
    totalTimeLimitSeconds: settings.total_time_limit_s ?? 900,
  };
  const { report } = await analyze({ inputs: [...captures, ...logs], site, selection: EVERYTHING });
  const said = [...report.sessions];
  return truth.sessions.flatMap((label) => {
    const session =
      said.find((one) => (label.icid !== null && one.icid === label.icid) || (label.dcid !== null && one.dcid === label.dcid)) ??
      said.find((one) => one.clientIp === label.client_ip && one.clientPort === label.client_port);
    if (!session) return [];
    const readings = [label, ...(label.accept ?? [])];
    const fits = (keys) => readings.some((reading) => keys.every((key) => reading[key] === undefined || reading[key] === session.verdict[key]));
    return [
      {
        mechanism: label.mechanism ?? truth.title,
        certain: label.certain,
        box: label.actor === 'middlebox',
        reset: ['rst', 'premature-fin'].includes(session.verdict.cause),
        verdict: session.verdict,
        right: fits(['cause', 'actor']),
        causeRight: fits(['cause']),
        actorRight: fits(['actor']),
        signs: new Set(session.evidence.map(({ kind }) => kind).filter((kind) => SIGN.test(kind))),
      },
    ];
  });
}

/** Lower end of Wilson's 95 % interval for k of n. */
function wilson(k, n) {
  if (n === 0) return 0;
  const z = 1.96;
  const p = k / n;
  return (p + (z * z) / (2 * n) - z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
}

/** log10 of the odds that a sign lends to a device in between, smoothed by half a case on each side. */
function worth(sign, among) {
  const boxes = among.filter((one) => one.box);
  const peers = among.filter((one) => !one.box);
  const seen = (list) => list.filter((one) => one.signs.has(sign)).length;
  return Math.log10((seen(boxes) + 0.5) / (boxes.length + 1) / ((seen(peers) + 0.5) / (peers.length + 1)));
}

const lines = [
  '# Calibration',
  '',
  `Made by \`node test/lab/calibrate.mjs FOLDER...\` over ${sessions.length} labelled sessions of ${new Set(sessions.map((one) => one.mechanism)).size} mechanisms, recorded with real TCP stacks (Linux 6.18) and firewalls.`,
  '',
];
lines.push('## How often each confidence is right', '', '| confidence | verdict | at least (95 %) | cause | actor |', '|---|---|---|---|---|');
for (const level of LEVELS) {
  const by = (key, right) => {
    const own = sessions.filter((one) => one.verdict[key] === level);
    return { k: own.filter((one) => one[right]).length, n: own.length };
  };
  const [all, cause, actor] = [by('confidence', 'right'), by('causeConfidence', 'causeRight'), by('actorConfidence', 'actorRight')];
  lines.push(
    `| ${level} | ${all.k} of ${all.n} | ${all.n ? `${(100 * wilson(all.k, all.n)).toFixed(1)} %` : ''} | ${cause.k} of ${cause.n} | ${actor.k} of ${actor.n} |`,
  );
}
const conclusive = sessions.filter((one) => one.certain);
const sure = conclusive.filter((one) => ['strong', 'proven'].includes(one.verdict.causeConfidence)).length;
lines.push(
  '',
  `Of ${conclusive.length} sessions whose evidence is conclusive, the cause is \`strong\` or \`proven\` in ${((100 * sure) / conclusive.length).toFixed(1)} %.`,
  '',
);

const judged = sessions.filter((one) => one.certain && one.reset);
const kinds = [...new Set(judged.flatMap((one) => [...one.signs]))].sort((a, b) => a.localeCompare(b));
lines.push(
  '## What the signs of a reset are worth',
  '',
  `Fitted on ${judged.length} conclusive sessions that ended by RST or FIN; positive speaks for a device in between. The table of weights (\`src/diagnosis/weights.ts\`) holds magnitudes from their sources; a fitted value that is smaller has too few cases behind it.`,
  '',
);
lines.push('| sign | with a device | without | fitted log10 | weight |', '|---|---|---|---|---|');
for (const kind of kinds) {
  const seen = judged.filter((one) => one.signs.has(kind));
  lines.push(
    `| ${kind} | ${seen.filter((one) => one.box).length} | ${seen.filter((one) => !one.box).length} | ${worth(kind, judged).toFixed(1)} | ${WEIGHTS[kind]?.log10 ?? ''} |`,
  );
}

let [right, wrong, open] = [0, 0, 0];
const mistakes = [];
for (const mechanism of new Set(judged.map((one) => one.mechanism))) {
  const rest = judged.filter((one) => one.mechanism !== mechanism);
  const values = new Map(kinds.map((kind) => [kind, worth(kind, rest)]));
  for (const one of judged.filter((candidate) => candidate.mechanism === mechanism)) {
    const groups = new Map();
    for (const kind of one.signs) {
      const value = values.get(kind) ?? 0;
      const group = `${WEIGHTS[kind]?.group}${Math.sign(value)}`;
      if (Math.abs(value) > Math.abs(groups.get(group) ?? 0)) groups.set(group, value);
    }
    const score = [...groups.values()].reduce((sum, value) => sum + value, 0);
    if (Math.abs(score) < NAMES_BOX) open++;
    else if (score > 0 === one.box) right++;
    else {
      wrong++;
      mistakes.push(mechanism);
    }
  }
}
lines.push(
  '',
  '## Mechanisms held out',
  '',
  `With every sign fitted on the other mechanisms only, its sum names the right party in ${right} sessions, the wrong one in ${wrong}, and nobody (below ${NAMES_BOX}) in ${open}.`,
);
for (const mechanism of new Set(mistakes)) lines.push(`- wrong: ${mechanism}`);
const text = `${lines.join('\n')}\n`;
if (write) writeFileSync(write, text);
else process.stdout.write(text);

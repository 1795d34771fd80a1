#!/usr/bin/env node
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { edit } from './edits.mjs';
import { readPcap, writeCapture } from './pcap.mjs';
import { seeded } from './random.mjs';
import { SCENARIOS } from './scenarios/index.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, each: { type: 'string', default: '1' } },
});
const [cases, out] = positionals;
if (!cases || !out) {
  console.log('worsen.mjs CASES OUT [--seed N] [--each N]');
  process.exit(2);
}

/** What happens to files on their way to whoever has to judge them: one edit each, with an argument by chance. */
const EDITS = [
  (rnd, n) => ['skip', 1 + rnd.below(Math.max(1, Math.floor(n * 0.8)))],
  (rnd, n) => ['stop', 1 + rnd.below(Math.max(1, Math.floor(n * 0.6)))],
  (rnd) => ['snap', rnd.pick([54, 60, 66, 74, 80, 96, 128])],
  (rnd) => ['only', rnd.pick(['client', 'server'])],
  (rnd) => ['chance', { of: rnd.pick([0.05, 0.1, 0.2, 0.3]), rnd }],
  () => ['duplicate', 9],
  () => ['swap', 3],
  () => ['noBareAcks', 0],
  () => ['flagsOnly', 0],
  (rnd) => ['lag', { side: rnd.pick(['client', 'server']), us: rnd.pick([300, 2000, 15000]) }],
  (rnd) => ['coarse', rnd.pick([10000, 15625])],
];

/** What becomes of a log that somebody cuts, greps or forgets. */
const LOGS = {
  whole: (lines) => lines,
  none: () => null,
  head: (lines, rnd) => lines.slice(0, 1 + rnd.below(Math.max(1, lines.length - 2))),
  tail: (lines, rnd) => lines.slice(1 + rnd.below(Math.max(1, lines.length - 2))),
  mids: (lines) => lines.filter((line) => /MID \d/.test(line)),
  connections: (lines) => lines.filter((line) => /Info: (New SMTP |ICID|DCID)/.test(line)),
};

/** A worse file may leave any question open; only a wrong answer is wrong. */
const OPEN = [{ cause: 'undetermined' }, { cause: 'still-open' }];

rmSync(out, { recursive: true, force: true });
let written = 0;
for (const { id, edits, stretch, days, split, truncate, drops } of SCENARIOS) {
  const raw = join(`${cases}.work`, id, 'esa.raw.pcap');
  const label = join(cases, id, 'truth.json');
  if (edits || stretch || days || split || truncate || drops !== undefined || !existsSync(raw) || !existsSync(label)) continue;
  const truth = JSON.parse(readFileSync(label, 'utf8'));
  if (Object.keys(truth.vantage).length > 1) continue;
  for (let k = 0; k < Number(values.each); k++) {
    const rnd = seeded(`${id}-${values.seed}-${k}`);
    const recorded = readPcap(raw);
    if (recorded.packets.length < 3) continue;
    const chosen = Array.from({ length: rnd.pick([1, 1, 1, 2]) }, () => rnd.pick(EDITS)(rnd, recorded.packets.length));
    const { octets, ending } = writeCapture(edit(recorded, chosen, truth.settings.listener_ports[0]), 'pcap');
    const how = rnd.pick(Object.keys(LOGS));
    const name = `${id}~${k}`;
    const dir = join(out, name);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `esa.${ending}`), octets);
    const logs = {};
    for (const [kind, files] of Object.entries(truth.logs)) {
      for (const file of files) {
        const lines = LOGS[how](readFileSync(join(cases, id, file), 'utf8').split('\n'), rnd);
        if (!lines) continue;
        logs[kind] = [...(logs[kind] ?? []), file];
        writeFileSync(join(dir, file), `${lines.join('\n')}\n`);
      }
    }
    const sessions = truth.sessions.map((s) => ({ ...s, certain: false, accept: [...s.accept, ...OPEN] }));
    const tags = chosen.map(([edited]) => edited);
    const worse = { ...truth, id: name, tags: [...tags, `log-${how}`], vantage: { esa: [`esa.${ending}`] }, logs, log_offset_determinable: false, sessions };
    writeFileSync(join(dir, 'truth.json'), `${JSON.stringify(worse, null, 1)}\n`);
    written++;
  }
}
console.log(`${written} written, of ${readdirSync(cases).length} cases`);

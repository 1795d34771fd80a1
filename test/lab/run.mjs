#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findMissing, Lane } from './net.mjs';
import { SCENARIOS } from './scenarios/index.mjs';
import { play } from './stage.mjs';
import { writeCase } from './write.mjs';

const OPENSSL = 'openssl';
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: '/tmp/lab-cases' },
    only: { type: 'string' },
    lanes: { type: 'string', default: '3' },
    list: { type: 'boolean' },
    work: { type: 'string' },
    long: { type: 'boolean' },
    base: { type: 'string', default: '0' },
  },
});
const wanted = values.only?.split(',');
const chosen = SCENARIOS.filter((s) => (!s.long || values.long || wanted) && (!wanted || wanted.some((w) => s.id.startsWith(w))));
if (values.list) {
  // A pipe takes 64 kB at once; leaving before it took the rest would cut the list.
  await new Promise((taken) => process.stdout.write(chosen.map((s) => `${s.id}  ${s.title}\n`).join(''), taken));
  process.exit(0);
}
const missing = findMissing();
if (missing.length > 0) {
  console.log(`recording laboratory skipped: this machine lacks ${missing.join(', ')}`);
  process.exit(0);
}
const out = values.out;
const work = values.work ?? `${out}.work`;
mkdirSync(work, { recursive: true });
const keys = { cert: join(work, 'cert.pem'), key: join(work, 'key.pem') };
spawnSync(OPENSSL, ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=esa.example.net', '-keyout', keys.key, '-out', keys.cert], {
  stdio: 'ignore',
});
const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim();
const queue = [...chosen].sort((a, b) => (b.long ?? 0) - (a.long ?? 0));
const failed = [];
let written = 0;

async function worker(index) {
  const lane = new Lane(Number(values.base) + index);
  try {
    await lane.build(python, fileURLToPath(new URL('./players/offload.py', import.meta.url)));
    for (let s = queue.shift(); s; s = queue.shift()) {
      let wrong = [];
      for (let attempt = 0; attempt < 2; attempt++) {
        try {
          wrong = writeCase(s, await play(s, lane, work, keys), out);
        } catch (error) {
          wrong = [String(error.stack ?? error)];
        }
        if (wrong.length === 0) break;
      }
      if (wrong.length === 0) written++;
      else failed.push(s.id);
      console.log(`${wrong.length === 0 ? 'written' : 'NOT WRITTEN'} ${s.id}${wrong.map((w) => `\n    ${w}`).join('')}`);
    }
  } finally {
    await lane.destroy();
  }
}

const began = Date.now();
await Promise.all(Array.from({ length: Math.min(Number(values.lanes), queue.length) }, (_, k) => worker(k)));
console.log(`${written} written, ${failed.length} not${failed.length ? ` (${failed.join(' ')})` : ''}, ${Math.round((Date.now() - began) / 1000)} s`);
process.exit(failed.length > 0 ? 1 : 0);

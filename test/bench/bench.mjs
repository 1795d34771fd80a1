#!/usr/bin/env node
// Measures the program beside its peers, in one run on one machine: medians, files in the page cache.
//   npm run bench -- [--sessions 2000] [--skim-mb 200] [--log-lines 300000] [--story-mb 60] [--runs 3] [--growth 1,4] [--flood 200000] [--icid-lines 100000] [--json]
// Files go to a temporary directory and are removed, unless `--keep DIR` names one.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { writeFlood } from './flood.mjs';
import { generateLog } from './generate-log.mjs';
import { generate } from './generate.mjs';
import { writeMixedLog } from './mixed-log.mjs';
import { writeOneIcid } from './one-icid.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = join(here, '../../bin/whohungup.js');
const usage = join(here, 'usage.mjs');
const options = readOptions(process.argv.slice(2));
const work = options.keep ?? mkdtempSync(join(tmpdir(), 'whohungup-bench-'));
const nothing = openSync(devNull, 'w');
const rows = [];

function readOptions(argv) {
  const read = {
    sessions: 2000,
    'skim-mb': 200,
    'log-lines': 300_000,
    'story-mb': 60,
    runs: 3,
    growth: '1,4',
    flood: 200_000,
    'icid-lines': 100_000,
    json: false,
    keep: null,
  };
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].replace(/^--/, '');
    if (!(name in read)) {
      console.error(
        `unknown option ${argv[i]}; known: ${Object.keys(read)
          .map((known) => `--${known}`)
          .join(' ')}`,
      );
      process.exit(2);
    }
    if (typeof read[name] === 'boolean') read[name] = true;
    else read[name] = typeof read[name] === 'number' ? Number(argv[++i]) : argv[++i];
  }
  return read;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function isInstalled(tool) {
  return spawnSync('which', [tool], { stdio: 'ignore' }).status === 0;
}

/** One run of a command: seconds to its first output and to its end, and what it used where it tells. */
function run(command, args, { cwd = work, usageFd = false, keepOutput = false } = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', nothing, usageFd ? 'pipe' : 'ignore'] });
    let firstMs = null;
    let text = '';
    let told = '';
    child.stdout.on('data', (chunk) => {
      firstMs ??= performance.now() - start;
      if (keepOutput) text += chunk;
    });
    if (usageFd) child.stdio[3].on('data', (chunk) => (told += chunk));
    child.on('error', reject);
    child.on('close', (status) => {
      const seconds = (performance.now() - start) / 1000;
      const { userSeconds, systemSeconds, peakKb, cpuSeconds, peakMb } = told === '' ? {} : JSON.parse(told);
      const cpu = cpuSeconds ?? (userSeconds === undefined ? undefined : userSeconds + systemSeconds);
      resolve({
        seconds,
        firstSeconds: (firstMs ?? Number.NaN) / 1000,
        status,
        text,
        cpuSeconds: cpu,
        peakMb: peakMb ?? (peakKb === undefined ? undefined : peakKb / 1024),
      });
    });
  });
}

async function measure(command, args, settings = {}) {
  const runs = [];
  for (let i = 0; i < options.runs; i++) {
    runs.push(await run(command, args, settings));
    settings.after?.();
  }
  const of = (key) => median(runs.map((one) => one[key]).filter((value) => value !== undefined));
  return { seconds: of('seconds'), firstSeconds: of('firstSeconds'), cpuSeconds: of('cpuSeconds'), peakMb: of('peakMb') };
}

function ours(...args) {
  return measure(process.execPath, ['--import', usage, program, ...args], { usageFd: true });
}

/** A part of the program, by a script that tells what it used; Node's own start is not counted. */
async function script(name, ...files) {
  const runs = [];
  for (let i = 0; i < options.runs; i++) runs.push(JSON.parse((await run(process.execPath, [join(here, name), ...files], { keepOutput: true })).text));
  const of = (key) => median(runs.map((one) => one[key]));
  return { seconds: of('seconds'), cpuSeconds: of('cpuSeconds'), peakMb: of('peakMb') };
}

/** A peer's run, measured by GNU time where that is there. */
async function peer(tool, args) {
  if (!isInstalled(tool)) return null;
  if (!existsSync('/usr/bin/time')) return await measure(tool, args);
  const told = join(work, 'time.txt');
  const used = [];
  const figure = await measure('/usr/bin/time', ['-f', '%U %S %M', '-o', told, tool, ...args], {
    after: () => used.push(readFileSync(told, 'latin1').split(' ').map(Number)),
  });
  return { ...figure, cpuSeconds: median(used.map(([user, system]) => user + system)), peakMb: median(used.map(([, , kb]) => kb / 1024)) };
}

function add(what, command, figure, size, note = '') {
  rows.push({
    what,
    command,
    seconds: figure?.seconds ?? null,
    megaPerSecond: figure && size ? size / 1e6 / figure.seconds : null,
    cpuSeconds: figure?.cpuSeconds || null,
    peakMb: figure?.peakMb || null,
    note: figure ? note : 'not installed',
  });
  if (!options.json) process.stdout.write('.');
}

const sizeOf = (file) => statSync(file).size;
const make = (name, settings) => {
  const folder = join(work, name);
  return { folder, pcap: join(folder, 'traffic.pcap'), log: join(folder, 'mail_logs'), counts: generate(folder, settings) };
};

async function startUp() {
  const sample = join(here, '../../samples/firewall-reset');
  const node = await measure(process.execPath, ['-e', '0']);
  const version = await ours('--version');
  const small = await ours('diagnose', sample);
  add('start-up', 'node -e 0', node, 0);
  add('start-up', 'whohungup --version', version, 0);
  add('start-up', 'whohungup diagnose SAMPLE', { ...small, seconds: small.firstSeconds }, 0, 'to first output');
  return node.seconds;
}

async function skim() {
  const perSession = 260_000;
  const sessions = Math.max(4, Math.floor((options['skim-mb'] * 1e6) / 100 / perSession));
  const { pcap, counts } = make('skim', { sessions, other: 0.993, body: 120_000, seed: 2 });
  const octets = counts.pcapOctets;
  const note = `${(octets / 1e6).toFixed(0)} MB, ${counts.mailPackets} of ${counts.packets} packets are mail`;
  add('skim', 'whohungup diagnose --ndjson traffic.pcap', await ours('diagnose', '--ndjson', pcap), octets, note);
  add('skim', "tcpdump -r … -w /dev/null 'tcp port 25'", await peer('tcpdump', ['-r', pcap, '-w', devNull, 'tcp port 25']), octets);
}

async function whole() {
  const { folder, pcap, log, counts } = make('whole', { sessions: options.sessions });
  const octets = counts.pcapOctets + counts.logOctets;
  const note = `${counts.sessions} sessions, ${counts.packets} packets, ${(octets / 1e6).toFixed(0)} MB`;
  add('captures alone', 'whohungup diagnose --all --ndjson traffic.pcap', await ours('diagnose', '--all', '--ndjson', pcap), counts.pcapOctets, note);
  add('whole diagnosis', 'whohungup diagnose --all --ndjson DIR', await ours('diagnose', '--all', '--ndjson', folder), octets, note);
  add('whole diagnosis', 'whohungup diagnose -j 2 --all --ndjson DIR', await ours('diagnose', '-j', '2', '--all', '--ndjson', folder), octets, 'two readers');
  add('whole diagnosis', 'whohungup diagnose DIR', await ours('diagnose', folder), octets, 'text');
  add('whole diagnosis', 'whohungup diagnose --all --json DIR', await ours('diagnose', '--all', '--json', folder), octets, 'json');
  const answer = join(work, 'answer.ndjson');
  await run(process.execPath, [program, 'diagnose', '-q', '--all', '--ndjson', '-o', answer, folder]);
  add('least work', 'least-work.mjs', await script('least-work.mjs', pcap, log, answer), octets, 'looks, copies and writes; decides nothing');
  const flows = join(work, 'flows');
  add('streams to files', 'tcpflow -q -r traffic.pcap -o OUT port 25', await peer('tcpflow', ['-q', '-r', pcap, '-o', flows, 'port 25']), counts.pcapOctets);
  add('filter', "tcpdump -r … -w /dev/null 'tcp port 25'", await peer('tcpdump', ['-r', pcap, '-w', devNull, 'tcp port 25']), counts.pcapOctets);
  add(
    'SMTP commands',
    'tshark -r traffic.pcap -Y smtp.req.command',
    await peer('tshark', ['-r', pcap, '-Y', 'smtp.req.command', '-T', 'fields', '-e', 'tcp.stream', '-e', 'smtp.req.command']),
    counts.pcapOctets,
  );
  add('search of the log', 'rg -c "ICID|MID|DCID"', await peer('rg', ['-c', 'ICID|MID|DCID', log]), counts.logOctets);
}

async function logs() {
  const { log, counts } = make('log', { sessions: Math.max(1, Math.floor(options['log-lines'] / 14)), other: 0, body: 100, span: 36_000, seed: 3 });
  const octets = sizeOf(log);
  const note = `${counts.lines} lines`;
  add('recognising a log', 'every line by its shape', await script('recognise-log.mjs', log), octets, note);
  add('reading a log', 'the log room alone', await script('read-logs.mjs', log), octets, note);
  add('reading a log', 'whohungup diagnose --ndjson mail_logs', await ours('diagnose', '--ndjson', log), octets, note);
  add('reading a log', 'wc -l', await peer('wc', ['-l', log]), octets);
  add('reading a log', 'rg -c "ICID|MID|DCID"', await peer('rg', ['-c', 'ICID|MID|DCID', log]), octets);
  const mixed = join(work, 'mixed_logs');
  const mixedOctets = writeMixedLog(mixed, Math.floor(options['log-lines'] / 3));
  add('recognising a log', 'all shapes alike often', await script('recognise-log.mjs', mixed), mixedOctets, 'most by the table of patterns');
}

/** A log in which every message is followed to its end: all messages listed, one traced; the peers can count lines or find one number. */
async function stories() {
  const log = join(work, 'story_logs');
  const { octets, lines, messages, middle, lastReleased } = generateLog(log, { megabytes: options['story-mb'], rate: 12 });
  const note = `${lines} lines, ${messages} MIDs`;
  add('list of messages', 'whohungup messages mail_logs', await ours('messages', log), octets, note);
  add('list of messages', 'whohungup connections mail_logs', await ours('connections', log), octets, note);
  add('one message', 'whohungup trace mail_logs --mid', await ours('trace', log, '--mid', String(middle)), octets, 'in the middle');
  add(
    'one message',
    'whohungup trace mail_logs --mid',
    await ours('trace', log, '--mid', String(lastReleased)),
    octets,
    'released at the end, received hours before',
  );
  add('one message', `rg -w "MID ${middle}"`, await peer('rg', ['-w', `MID ${middle}`, log]), octets);
  add('list of messages', 'wc -l', await peer('wc', ['-l', log]), octets);
  add('list of messages', 'rg -c "MID [0-9]+"', await peer('rg', ['-c', 'MID [0-9]+', log]), octets);
  if (!options.keep) rmSync(log);
}

async function growth() {
  for (const times of options.growth.split(',').map(Number)) {
    const { folder, counts } = make(`growth-${times}`, { sessions: (options.sessions / 2) * times, span: 300 * times, seed: 4 });
    const octets = counts.pcapOctets + counts.logOctets;
    for (const threads of ['1', '2']) {
      add(
        `growth ${times} times`,
        `whohungup diagnose -j ${threads} --all --ndjson DIR`,
        await ours('diagnose', '-j', threads, '--all', '--ndjson', folder),
        octets,
        `${counts.sessions} sessions, ${(octets / 1e6).toFixed(0)} MB`,
      );
    }
    if (!options.keep) rmSync(folder, { recursive: true });
  }
}

async function worstCases() {
  const flood = join(work, 'flood.pcap');
  const octets = writeFlood(flood, options.flood);
  add('flood of SYNs', 'whohungup diagnose --ndjson flood.pcap', await ours('diagnose', '--ndjson', flood), octets, `${options.flood} attempts`);
  const { pcap, counts } = make('long', { sessions: 1, other: 0, body: 40e6, seed: 11, tls: 0 });
  const note = `${counts.packets} packets`;
  add('one long connection', 'whohungup diagnose --ndjson traffic.pcap', await ours('diagnose', '--ndjson', pcap), counts.pcapOctets, note);
  const gz = `${pcap}.gz`;
  writeFileSync(gz, gzipSync(readFileSync(pcap), { level: 1 }));
  add(
    'the same, gzip',
    'whohungup diagnose --ndjson traffic.pcap.gz',
    await ours('diagnose', '--ndjson', gz),
    counts.pcapOctets,
    'rate of the unpacked octets',
  );
  await worstSessions('flows that never close', { ends: 0, body: 200 });
  await worstSessions('all from one address', { hosts: 1, span: options.sessions / 250 });
  await worstSessions('every tenth segment late', { reorder: 0.1, body: 60_000 });
  const log = join(work, 'one_icid_logs');
  const logOctets = writeOneIcid(log, options['icid-lines']);
  add(
    'one ICID in all lines',
    'whohungup diagnose --all --ndjson mail_logs',
    await ours('diagnose', '--all', '--ndjson', log),
    logOctets,
    `${options['icid-lines']} lines`,
  );
}

async function worstSessions(what, shape) {
  const { folder, counts } = make(`worst-${what.replaceAll(' ', '-')}`, { sessions: options.sessions, other: 0, seed: 12, ...shape });
  const octets = counts.pcapOctets + counts.logOctets;
  add(what, 'whohungup diagnose --all --ndjson DIR', await ours('diagnose', '--all', '--ndjson', folder), octets, `${counts.sessions} sessions`);
  if (!options.keep) rmSync(folder, { recursive: true });
}

function table() {
  const cells = rows.map(({ what, command, seconds, cpuSeconds, megaPerSecond, peakMb, note }) => [
    what,
    command,
    seconds === null ? '–' : `${seconds.toFixed(seconds < 1 ? 3 : 2)} s`,
    megaPerSecond === null ? '' : `${megaPerSecond.toFixed(0)} MB/s`,
    cpuSeconds ? `${cpuSeconds.toFixed(2)} s` : '',
    peakMb === null ? '' : `${peakMb.toFixed(0)} MB`,
    note,
  ]);
  const head = ['what', 'command', 'median', 'rate', 'CPU', 'peak', 'note'];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return ['', line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...cells.map(line), ''].join('\n');
}

try {
  const nodeSeconds = await startUp();
  await skim();
  await whole();
  await logs();
  await stories();
  await growth();
  await worstCases();
  if (options.json) console.log(JSON.stringify({ runs: options.runs, nodeSeconds, rows }));
  else console.log(`${table()}\n${options.runs} runs each; Node's own start-up of ${nodeSeconds.toFixed(3)} s is part of every figure of whohungup.`);
} finally {
  if (!options.keep) rmSync(work, { recursive: true, force: true });
}

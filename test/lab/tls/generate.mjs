#!/usr/bin/env node
// Writes encrypted sessions with random envelopes, suites and ends, and what every record of them was.
//   node test/lab/tls/generate.mjs DIR [--sessions 320] [--seed 1] [--together 1]
// DIR gets traffic.pcap, mail_logs and truth.json. The peers are those of Node; nothing but Node is needed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeCapture } from '../pcap.mjs';
import { seeded } from '../random.mjs';
import { Wire } from './frames.mjs';
import { Log, logDelivery, logInjection } from './log.mjs';
import { play, SUITES } from './play.mjs';
import { writeScript } from './scripts.mjs';
import { SERVERS } from './texts.mjs';

const APPLIANCE = '192.0.2.25';
const START_US = Date.UTC(2026, 10, 21, 12, 0, 0) * 1000;
const APART_US = 40e6;

/** {packets, log, truth}: sessions follow one another, each from a client of its own; `segment` is how much a packet holds, `together` how many begin in one second from one client. */
export async function generate({ sessions = 320, seed = 1, segment = 1460, together = 1 } = {}) {
  const packets = [];
  const log = new Log();
  const truth = [];
  log.add(START_US - 10e6, 'Begin Logfile');
  log.add(START_US - 10e6, 'Version: 14.2.0-620 SN: 564D9A0CBA7E-0F1E2D3C4B5A');
  log.add(START_US - 10e6, 'Time offset from UTC: 0 seconds');
  let startUs = START_US;
  let latestUs = START_US;
  for (let at = 0; at < sessions; at++) {
    const random = seeded(`${seed} ${at}`);
    const script = writeScript(random);
    const suite = SUITES[random.below(SUITES.length)];
    const played = await play(script, suite);
    const nth = at % together;
    const endUs = layOut({ at, script, played, random, packets, log, truth, startUs: startUs + nth * 40_000, segment, host: Math.floor(at / together) });
    latestUs = Math.max(latestUs, endUs);
    if (nth === together - 1) startUs = latestUs + APART_US;
  }
  packets.sort((a, b) => a.us - b.us);
  return { packets, log: log.text, truth };
}

function layOut({ at, script, played, random, packets, log, truth, startUs, segment, host }) {
  const remote = `198.51.${100 + Math.floor(host / 200)}.${1 + (host % 200)}`;
  const port = 30_000 + at;
  const ends = script.inbound
    ? { C: { ip: remote, port, ttl: 57 }, S: { ip: APPLIANCE, port: 25, ttl: 64 } }
    : { C: { ip: APPLIANCE, port, ttl: 64 }, S: { ip: remote, port: 25, ttl: 55 } };
  const wire = new Wire(packets, ends, { startUs, rttUs: 3000 + random.below(60_000), segment });
  wire.open();
  const times = { open: wire.atUs, tls: 0, envelopes: [], done: [], end: 0 };
  for (const [by, text] of clearPart(script)) wire.say(by, Buffer.from(text, 'latin1'));
  const records = withTickets(played, random);
  for (const record of records) {
    wire.say(record.by, record.octets, (record.pause ?? 0) * 1e6);
    if (record.words === null) times.tls = wire.atUs;
    else noteTimes(record, wire.atUs, times);
  }
  close(wire, script.end);
  times.end = wire.atUs;
  times.tls ||= times.open;
  const tls = { version: played.version, cipher: played.cipher };
  const number = 50_000 + at;
  if (script.inbound) logInjection(log, { script, icid: number, ip: remote, tls, times, random });
  else logDelivery(log, { script, dcid: number, ip: remote, tls, times, mids: 800_000 + 10 * at });
  truth.push({
    id: number,
    inbound: script.inbound,
    server: script.name,
    port,
    version: played.version,
    cipher: played.cipher,
    end: script.end,
    quit: script.state.quit,
    ended: script.state.ended > 0,
    accepted: script.state.accepted,
    answered: script.state.answered,
    notice: script.state.notice,
    stage: script.state.stage,
    helo: script.helo,
    host: script.host,
    offers: script.offers,
    envelopes: script.envelopes.map(({ sender, named, size, fate, number: queued }) => ({
      sender,
      size,
      fate,
      number: queued,
      recipients: named.map(({ address }) => address),
      refused: named.map(({ refused }) => refused),
    })),
    records: records
      .filter(({ words, octets }) => octets[0] === 23 || words?.[0] === 'close_notify')
      .map(({ by, words, stage, or, octets }) => ({ by, words: words ?? ['handshake'], stage, or: or ?? [], octets: octets.length - 5 })),
  });
  return wire.atUs;
}

function clearPart({ name, host, helo, offers }) {
  const hello = offers.map((offer, i) => `250${i === offers.length - 1 ? ' ' : '-'}${offer}\r\n`).join('');
  return [
    ['S', `${SERVERS[name].banner(host)}\r\n`],
    ['C', `EHLO ${helo}\r\n`],
    ['S', hello],
    ['C', 'STARTTLS\r\n'],
    ['S', name === 'asyncos' ? '220 Go ahead with TLS\r\n' : '220 2.0.0 Ready to start TLS\r\n'],
  ];
}

/** TLS 1.3 servers send no ticket, one or two; the last one may come behind the client's first word. */
function withTickets({ records, version }, random) {
  if (version !== 'TLSv1.3') return records;
  const finished = records.findLastIndex(({ by, words }) => by === 'C' && words === null);
  const isTicket = (record, i) => i > finished && record.by === 'S' && record.words === null;
  const keep = [0, 1, 2, 2, 2][random.below(5)];
  let seen = 0;
  const kept = records
    .map((record, i) => (isTicket(record, i) ? { ...record, words: ['NewSessionTicket'], stage: null } : record))
    .filter(({ words }) => words?.[0] !== 'NewSessionTicket' || ++seen <= keep);
  const last = kept.findLastIndex(({ words }) => words?.[0] === 'NewSessionTicket');
  const next = kept[last + 1];
  if (last >= 0 && next?.by === 'C' && random.below(3) === 0) kept.splice(last, 2, next, kept[last]);
  return kept;
}

function noteTimes({ words }, atUs, times) {
  if (words.includes('MAIL')) times.envelopes.push(atUs);
  if (words.some((word) => word.startsWith('reply end-of-data') || word === 'RSET' || word === 'QUIT')) times.done[times.envelopes.length - 1] ??= atUs;
}

function close(wire, end) {
  if (end === 'rst') wire.rst('C');
  else if (end === 'quit-rst') {
    wire.fin('S');
    wire.rst('C');
  } else if (end === 'server-close' || end === 'server-fin' || end === 'both-close') {
    wire.fin('S');
    wire.fin('C');
  } else if (end !== 'open') {
    wire.fin('C');
    wire.fin('S');
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder, ...rest] = process.argv.slice(2);
  if (!folder || folder.startsWith('-')) throw new Error('generate.mjs DIR [--sessions N] [--seed N]');
  const option = (name, usual) => (rest.includes(name) ? Number(rest[rest.indexOf(name) + 1]) : usual);
  const { packets, log, truth } = await generate({ sessions: option('--sessions', 320), seed: option('--seed', 1), together: option('--together', 1) });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'traffic.pcap'), writeCapture({ link: 1, packets }, 'pcap').octets);
  writeFileSync(join(folder, 'mail_logs'), log);
  writeFileSync(join(folder, 'truth.json'), `${JSON.stringify(truth, null, 1)}\n`);
  console.log(`${truth.length} sessions, ${packets.length} packets, ${truth.reduce((sum, { records }) => sum + records.length, 0)} records`);
}

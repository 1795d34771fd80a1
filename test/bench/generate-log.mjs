#!/usr/bin/env node
// Writes mail_logs in which every message is followed to its end, of any size, the same for the same arguments.
//   generate-log.mjs FILE --megabytes 100 --rate 10 --seed 1
// `rate`: messages begun a second. Tells on standard output what it wrote, with MIDs worth tracing.
import { closeSync, openSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { DAYS, MONTHS, randomSource, two } from './parts.mjs';

const START = Date.UTC(2026, 4, 6, 8, 0, 0) / 1000;

/** Fates of a message and how many of a hundred meet them. */
const FATES = [
  ['delivered', 62],
  ['dropped', 12],
  ['quarantined', 8],
  ['released', 3],
  ['delayed', 4],
  ['bounced', 4],
  ['split', 3],
  ['aborted', 4],
];

export function generateLog(file, { megabytes = 100, rate = 10, seed = 1 } = {}) {
  const random = randomSource(seed);
  const handle = openSync(file, 'w');
  const told = { octets: 0, lines: 0, messages: 0, firstReleased: null, lastReleased: null, middle: null };
  /** Lines by the second in which they are due. */
  const due = new Map();
  let icid = 80_000;
  let mid = 5_000;
  let dcid = 30_000;
  let rcid = 400;
  const at = (second, text) => {
    const lines = due.get(second);
    if (lines) lines.push(text);
    else due.set(second, [text]);
  };
  const flush = (second) => {
    const lines = due.get(second);
    if (!lines) return;
    due.delete(second);
    const date = new Date(second * 1000);
    const stamp = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${date.getUTCFullYear()} Info: `;
    const text = lines.map((line) => `${stamp}${line}\n`).join('');
    writeSync(handle, text, null, 'latin1');
    told.octets += text.length;
    told.lines += lines.length;
  };
  const deliver = (m, second, from, reply = true) => {
    const d = ++dcid;
    at(second, `New SMTP DCID ${d} interface 192.0.2.25 address 203.0.113.${1 + random(250)} port 25`);
    at(second, `Delivery start DCID ${d} MID ${m} to RID [0]`);
    if (!reply) return d;
    at(second + 1, `Message done DCID ${d} MID ${m} to RID [0]`);
    at(second + 1, `MID ${m} RID [0] Response '2.0.0 Ok: queued as ${(m * 7919).toString(16).toUpperCase()}'`);
    at(second + 1, `Message finished MID ${m} done`);
    at(second + 6, `DCID ${d} close`);
    return d;
  };
  const message = (second) => {
    const i = ++icid;
    const m = ++mid;
    const host = `mx${random(900)}.example.org`;
    const from = `news${random(5000)}@example.org`;
    const to = `user${random(900)}@example.com`;
    let pick = random(100);
    const fate = (FATES.find(([, share]) => (pick -= share) < 0) ?? FATES[0])[0];
    told.messages++;
    at(second, `New SMTP ICID ${i} interface Data 1 (192.0.2.25) address 198.51.${random(200)}.${1 + random(250)} reverse dns host ${host} verified yes`);
    at(second, `ICID ${i} ACCEPT SG UNKNOWNLIST match sbrs[-1.0:10.0] SBRS ${random(9)}.1 country Germany`);
    if (random(100) < 60) at(second, `ICID ${i} TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384`);
    at(second, `Start MID ${m} ICID ${i}`);
    at(second, `MID ${m} ICID ${i} From: <${from}>`);
    at(second, `MID ${m} ICID ${i} RID 0 To: <${to}>`);
    if (fate === 'aborted') {
      at(second + 40, `ICID ${i} lost`);
      at(second + 40, `Message aborted MID ${m} Receiving aborted`);
      at(second + 40, `Message finished MID ${m} aborted`);
      at(second + 40, `ICID ${i} close`);
      return;
    }
    const s = second + 1;
    at(s, `MID ${m} Message-ID '<${m}.${i}@example.org>'`);
    at(s, `MID ${m} Subject 'offer ${m}'`);
    at(s, `MID ${m} ready ${1000 + random(90_000)} bytes from <${from}>`);
    at(s, `MID ${m} matched all recipients for per-recipient policy DEFAULT in the inbound table`);
    at(s + 1, `ICID ${i} close`);
    if (fate === 'dropped') {
      at(s + 1, `MID ${m} interim verdict using engine: CASE spam positive`);
      at(s + 1, `MID ${m} using engine: CASE spam positive`);
      at(s + 1, `Message aborted MID ${m} Dropped by CASE`);
      at(s + 1, `Message finished MID ${m} done`);
      return;
    }
    if (fate === 'quarantined' || fate === 'released') {
      at(s + 1, `MID ${m} interim verdict using engine: CASE spam suspect`);
      at(s + 1, `MID ${m} using engine: CASE spam suspect`);
      at(s + 1, `ISQ: Tagging MID ${m} for quarantine`);
      at(s + 2, `MID ${m} queued for delivery`);
      at(s + 2, `RPC Delivery start RCID ${++rcid} MID ${m} to local IronPort Spam Quarantine`);
      at(s + 3, `ISQ: Quarantined MID ${m}`);
      at(s + 3, `RPC Message done RCID ${rcid} MID ${m}`);
      at(s + 3, `Message finished MID ${m} done`);
      if (fate === 'quarantined') return;
      const later = s + 60 + random(20_000);
      released.push({ second: later, mid: m, from, to });
      return;
    }
    at(s + 1, `MID ${m} interim verdict using engine: CASE spam negative`);
    at(s + 1, `MID ${m} using engine: CASE spam negative`);
    at(s + 1, `MID ${m} interim AV verdict using Sophos CLEAN`);
    at(s + 1, `MID ${m} antivirus negative`);
    if (fate === 'split') {
      const k = ++mid;
      told.messages++;
      at(s + 1, `MID ${m} was split creating MID ${k} due to a per-recipient policy SALES in the inbound table`);
      at(s + 1, `Message finished MID ${m} done`);
      at(s + 2, `MID ${k} queued for delivery`);
      deliver(k, s + 2, from);
      return;
    }
    at(s + 1, `MID ${m} queued for delivery`);
    if (fate === 'bounced') {
      const d = deliver(m, s + 2, from, false);
      at(s + 3, `Bounced: DCID ${d} MID ${m} to RID 0 - 5.1.0 - Unknown address error ('550', ['5.1.1 no such user']) []`);
      at(s + 3, `Message finished MID ${m} done`);
      at(s + 3, `DCID ${d} close`);
    } else if (fate === 'delayed') {
      const d = deliver(m, s + 2, from, false);
      at(s + 3, `Delayed: DCID ${d} MID ${m} to RID 0 - 4.1.0 - Unknown address error ('451', ['4.7.1 greylisted, try again later']) []`);
      at(s + 3, `DCID ${d} close`);
      deliver(m, s + 400 + random(3000), from);
    } else deliver(m, s + 2, from);
  };
  /** Those that leave the quarantine get their number when they do. */
  const released = [];
  const release = ({ mid: old, from, to }, second) => {
    const m = ++mid;
    told.messages++;
    told.firstReleased ??= m;
    told.lastReleased = m;
    at(second, `Start MID ${m} ICID 0 (ISQ Released Message)`);
    at(second, `ISQ: Reinjected MID ${old} as MID ${m}`);
    at(second, `MID ${m} ICID 0 From: <${from}>`);
    at(second, `MID ${m} ICID 0 RID 0 To: <${to}>`);
    at(second, `MID ${m} Message-ID '<${old}.q@example.org>'`);
    at(second, `MID ${m} ready 4000 bytes from <${from}>`);
    at(second, `MID ${m} queued for delivery`);
    deliver(m, second + 1, from);
  };
  at(START, 'Begin Logfile');
  at(START, 'Version: 15.0.1-030 SN: 4215A1B2C3D4E5F60718-90A1B2C3D4E5');
  at(START, 'Time offset from UTC: 0 seconds');
  const most = megabytes * 1e6;
  const byTime = new Map();
  for (let second = START; told.octets < most; second++) {
    for (let i = 0; i < rate; i++) message(second);
    for (const one of released.splice(0)) byTime.set(one.second, [...(byTime.get(one.second) ?? []), one]);
    for (const one of byTime.get(second) ?? []) release(one, second);
    byTime.delete(second);
    flush(second);
    if (told.octets > most / 2) told.middle ??= mid;
  }
  closeSync(handle);
  return told;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const settings = {};
  for (let i = 3; i + 1 < process.argv.length; i += 2) settings[process.argv[i].replace(/^--/, '')] = Number(process.argv[i + 1]);
  console.log(JSON.stringify(generateLog(process.argv[2], settings)));
}

#!/usr/bin/env node
// Writes a mail gateway's capture and mail_logs of any size, the same for the same arguments.
//   generate.mjs DIR --sessions 2000 --other 0.5 --body 12000 --span 600 --seed 1
// DIR gets traffic.pcap and mail_logs. `other` is the share of packets that are not mail. For the worst cases: `--hosts 1` has one address open
// all sessions, `--reorder 0.1` delays every tenth segment of a body behind later ones, `--ends 0` leaves every session open after its last message.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DAYS, MONTHS, pcapHeader, randomSource, two } from './parts.mjs';

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;
const APPLIANCE = [192, 0, 2, 25];
const SEGMENT = 1448;
const LOG_AHEAD_US = 2_000_000;
const START_US = Date.UTC(2026, 4, 6, 8, 0, 0) * 1000;

class Writer {
  constructor(path) {
    this.file = openSync(path, 'w');
    this.buffer = Buffer.alloc(8 << 20);
    this.used = 0;
    this.octets = 0;
  }
  room(octets) {
    if (this.used + octets > this.buffer.length) this.flush();
    const at = this.used;
    this.used += octets;
    this.octets += octets;
    return at;
  }
  flush() {
    writeSync(this.file, this.buffer, 0, this.used);
    this.used = 0;
  }
  close() {
    this.flush();
    closeSync(this.file);
  }
}

/** Events by time; those of one time in the order in which they came. */
class Agenda {
  #heap = [];
  #count = 0;
  get nextUs() {
    return this.#heap[0]?.atUs ?? Infinity;
  }
  add(atUs, act) {
    const heap = this.#heap;
    const event = { atUs, order: this.#count++, act };
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!isBefore(event, heap[up])) break;
      heap[i] = heap[up];
      i = up;
    }
    heap[i] = event;
  }
  take() {
    const heap = this.#heap;
    const first = heap[0];
    const moved = heap.pop();
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && isBefore(heap[down + 1], heap[down])) down++;
      if (!isBefore(heap[down], moved)) break;
      heap[i] = heap[down];
      i = down;
    }
    heap[i] = moved;
    return first;
  }
}

function isBefore(a, b) {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}

/** Fates of a session and how many of a hundred meet them. */
const FATES = [
  ['completed', 78],
  ['several messages', 8],
  ['client leaves in the body', 4],
  ['reset by the client', 3],
  ['timeout of the appliance', 3],
  ['recipient refused', 4],
];

export function generate(folder, { sessions = 2000, other = 0.5, body = 12_000, span = 600, seed = 1, tls = 15, hosts = 0, reorder = 0, ends = 1 } = {}) {
  mkdirSync(folder, { recursive: true });
  const random = randomSource(seed);
  const pcap = new Writer(join(folder, 'traffic.pcap'));
  const log = new Writer(join(folder, 'mail_logs'));
  const agenda = new Agenda();
  const text = Buffer.alloc(1 << 20);
  for (let i = 0; i < text.length; i++) text[i] = i % 74 === 72 ? 13 : i % 74 === 73 ? 10 : 97 + random(26);
  /** The same as a row of TLS records, each as long as a segment. */
  const sealedText = Buffer.from(text);
  for (let at = 0; at + SEGMENT <= sealedText.length; at += SEGMENT) sealedText.set([23, 3, 3, (SEGMENT - 5) >> 8, (SEGMENT - 5) & 0xff], at);
  const counts = { sessions, packets: 0, lines: 0, mailPackets: 0 };
  let otherOwed = 0;
  let icid = 80_000;
  let mid = 5_000;

  let stampSecond = -1;
  let stamp = '';
  const writeLine = (atUs, words) => {
    const second = Math.floor(atUs / 1e6);
    if (second !== stampSecond) {
      stampSecond = second;
      const date = new Date(second * 1000);
      stamp = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${date.getUTCFullYear()} Info: `;
    }
    const line = `${stamp}${words}\n`;
    log.buffer.write(line, log.room(line.length), 'latin1');
    counts.lines++;
  };

  const writePacket = (atUs, from, to, fromPort, toPort, seq, ack, flags, ttl, id, payload, at, length) => {
    const start = pcap.room(16 + 54 + length);
    const b = pcap.buffer;
    b.writeUInt32LE(Math.floor(atUs / 1e6), start);
    b.writeUInt32LE(Math.floor(atUs % 1e6), start + 4);
    b.writeUInt32LE(54 + length, start + 8);
    b.writeUInt32LE(54 + length, start + 12);
    const f = start + 16;
    b.fill(0, f, f + 54);
    b[f + 5] = from === APPLIANCE ? 1 : 2;
    b[f + 11] = from === APPLIANCE ? 2 : 1;
    b[f + 12] = 8;
    b[f + 14] = 0x45;
    b.writeUInt16BE(40 + length, f + 16);
    b.writeUInt16BE(id & 0xffff, f + 18);
    b[f + 20] = 0x40;
    b[f + 22] = ttl;
    b[f + 23] = 6;
    for (let i = 0; i < 4; i++) {
      b[f + 26 + i] = from[i];
      b[f + 30 + i] = to[i];
    }
    b.writeUInt16BE(fromPort, f + 34);
    b.writeUInt16BE(toPort, f + 36);
    b.writeUInt32BE(seq >>> 0, f + 38);
    b.writeUInt32BE(ack >>> 0, f + 42);
    b[f + 46] = 0x50;
    b[f + 47] = flags;
    b.writeUInt16BE(29_200, f + 48);
    if (length > 0) payload.copy(b, f + 54, at, at + length);
    counts.packets++;
  };

  const otherHosts = Array.from({ length: 64 }, () => [203, 0, random(250), 1 + random(250)]);
  const writeOther = (atUs) => {
    otherOwed += other / (1 - other);
    for (; otherOwed >= 1; otherOwed--)
      writePacket(atUs, otherHosts[random(64)], APPLIANCE, 30_000 + random(200), 443, atUs, 0, ACK, 57, random(65_536), text, random(9000), 1200);
  };

  const clients = Array.from({ length: hosts || Math.max(8, Math.floor(sessions / 3)) }, () => ({
    ip: [100 + random(90), random(250), random(250), 1 + random(250)],
    port: 20_000 + random(20_000),
  }));

  const playSession = (startUs) => {
    const client = clients[random(clients.length)];
    client.port = client.port >= 60_000 ? 20_000 : client.port + 1;
    const port = client.port;
    const ttl = 50 + random(12);
    const rttUs = 3_000 + random(80_000);
    const seqs = [random(2 ** 31), random(2 ** 31)];
    const ids = [random(65_536), random(65_536)];
    const me = ++icid;
    const number = random(1000);
    let nowUs = startUs;
    const send = (side, flags, payload = text, at = 0, length = 0) => {
      const [seq, ack] = [seqs[side], flags & ACK ? seqs[1 - side] : 0];
      const id = ids[side]++;
      const late = reorder > 0 && length >= SEGMENT / 2 && random(1000) < reorder * 1000 ? 400 : 0;
      agenda.add(nowUs + late, (atUs) => {
        counts.mailPackets++;
        if (side === 0) writePacket(atUs, client.ip, APPLIANCE, port, 25, seq, ack, flags, ttl, id, payload, at, length);
        else writePacket(atUs, APPLIANCE, client.ip, 25, port, seq, ack, flags, 64, id, payload, at, length);
        writeOther(atUs);
      });
      seqs[side] = (seqs[side] + length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
    };
    const note = (words, afterUs = 0) => agenda.add(nowUs + LOG_AHEAD_US + afterUs, (atUs) => writeLine(atUs, words));
    let sealed = false;
    const say = (side, words) => {
      nowUs += side === 0 ? rttUs + random(20_000) : 400 + random(2_000);
      const plain = Buffer.from(`${words}\r\n`, 'latin1');
      const payload = sealed
        ? Buffer.concat([Buffer.from([23, 3, 3, 0, plain.length + 24]), Buffer.alloc(24, me & 0xff), plain.map((octet) => octet ^ 0x5a)])
        : plain;
      send(side, PSH | ACK, payload, 0, payload.length);
    };
    const sendBody = (octets) => {
      for (let sent = 0; sent < octets; sent += SEGMENT) {
        nowUs += sent % (10 * SEGMENT) === 0 ? rttUs : 150;
        const at = sent % (SEGMENT * 700);
        send(0, ACK, sealed ? sealedText : text, at, sealed ? SEGMENT : Math.min(SEGMENT, octets - sent));
        if ((sent / SEGMENT) % 2 === 1) send(1, ACK);
      }
    };
    const closeByClient = () => {
      send(0, FIN | ACK);
      nowUs += 70;
      send(1, ACK);
      nowUs += 600;
      send(1, FIN | ACK);
      nowUs += rttUs;
      send(0, ACK);
    };
    let lot = random(100);
    const fate = FATES.find(([, share]) => (lot -= share) < 0)?.[0] ?? 'completed';
    const isTls = random(100) < tls;

    send(0, SYN);
    nowUs += 60;
    send(1, SYN | ACK);
    nowUs += rttUs;
    send(0, ACK);
    note(`New SMTP ICID ${me} interface Data 1 (192.0.2.25) address ${client.ip.join('.')} reverse dns host mta${number}.example.org verified yes`);
    note(`ICID ${me} ACCEPT SG SUSPECTLIST match sbrs[-1.0:3.0] SBRS 0.${random(10)} country Germany`, 10);
    say(1, '220 gate.example.com ESMTP');
    say(0, `EHLO mta${number}.example.org`);
    say(1, '250-gate.example.com\r\n250-8BITMIME\r\n250-SIZE 33554432\r\n250 STARTTLS');
    if (isTls) {
      say(0, 'STARTTLS');
      say(1, '220 Go ahead with TLS');
      for (const [side, kind, size] of [
        [0, 1, 200],
        [1, 2, 1200],
      ]) {
        const hello = Buffer.alloc(5 + size, 7);
        hello.set([22, 3, 1, size >> 8, size & 0xff, kind, 0, (size - 4) >> 8, (size - 4) & 0xff, 3, 3]);
        nowUs += rttUs;
        send(side, PSH | ACK, hello, 0, hello.length);
      }
      note(`ICID ${me} TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384`);
      sealed = true;
      say(0, `EHLO mta${number}.example.org`);
      say(1, '250-gate.example.com\r\n250-8BITMIME\r\n250 SIZE 33554432');
    }
    const messages = fate === 'several messages' ? 2 + random(3) : 1;
    for (let m = 0; m < messages; m++) {
      const message = ++mid;
      const sender = `news${random(5000)}@example.org`;
      const recipient = `user${random(900)}@example.com`;
      const abort = (by = '') => {
        note(`Message aborted MID ${message} Receiving aborted${by}`, 2);
        note(`Message finished MID ${message} aborted`, 3);
      };
      say(0, `MAIL FROM:<${sender}> SIZE=${body}`);
      note(`Start MID ${message} ICID ${me}`);
      note(`MID ${message} ICID ${me} From: <${sender}>`, 1);
      say(1, `250 sender <${sender}> ok`);
      if (fate === 'timeout of the appliance') {
        nowUs += 300e6;
        say(1, '421 Exceeded timeout, closing connection');
        send(1, FIN | ACK);
        nowUs += rttUs;
        send(0, FIN | ACK);
        nowUs += 50;
        send(1, ACK);
        abort();
        note(`ICID ${me} close`, 9);
        return;
      }
      say(0, `RCPT TO:<${recipient}>`);
      if (fate === 'recipient refused') {
        note(`MID ${message} ICID ${me} To: <${recipient}> Rejected by RAT`);
        say(1, '550 #5.1.0 Address rejected.');
        break;
      }
      note(`MID ${message} ICID ${me} RID 0 To: <${recipient}>`);
      say(1, `250 recipient <${recipient}> ok`);
      if (fate === 'reset by the client') {
        nowUs += 40_000;
        send(0, RST | ACK);
        note(`ICID ${me} lost`, 1);
        abort();
        note(`ICID ${me} close`, 9);
        return;
      }
      say(0, 'DATA');
      say(1, '354 go ahead');
      const size = 400 + random(2 * body);
      say(0, `Subject: offer ${message}\r\nMessage-ID: <${message}.${me}@example.org>\r\n`);
      if (fate === 'client leaves in the body') {
        sendBody(size >> 1);
        nowUs += 90_000;
        closeByClient();
        note(`ICID ${me} lost`, 1);
        abort();
        note(`ICID ${me} close`, 9);
        return;
      }
      sendBody(size);
      say(0, '\r\n.');
      say(1, `250 ok:  Message ${message} accepted`);
      note(`MID ${message} Message-ID '<${message}.${me}@example.org>'`);
      note(`MID ${message} Subject 'offer ${message}'`, 1);
      note(`MID ${message} ready ${size} bytes from <${sender}>`, 2);
      note(`MID ${message} matched all recipients for per-recipient policy DEFAULT in the inbound table`, 3);
      note(`MID ${message} interim AV verdict using Sophos CLEAN`, 4);
      note(`MID ${message} antivirus negative`, 5);
      note(`MID ${message} queued for delivery`, 6);
    }
    if (!ends) return;
    say(0, 'QUIT');
    say(1, '221 gate.example.com');
    nowUs += 90;
    send(1, FIN | ACK);
    nowUs += rttUs;
    send(0, FIN | ACK);
    nowUs += 50;
    send(1, ACK);
    note(`ICID ${me} close`, 5);
  };

  pcapHeader().copy(pcap.buffer, pcap.room(24));
  writeLine(START_US + LOG_AHEAD_US, 'Begin Logfile');
  writeLine(START_US + LOG_AHEAD_US, 'Version: 15.0.1-030 SN: 4215A1B2C3D4E5F60718-90A1B2C3D4E5');
  writeLine(START_US + LOG_AHEAD_US, 'Time offset from UTC: 0 seconds');
  const drain = (untilUs) => {
    while (agenda.nextUs <= untilUs) {
      const { atUs, act } = agenda.take();
      act(atUs);
    }
  };
  let atUs = START_US + 1e6;
  for (let i = 0; i < sessions; i++) {
    atUs += random(2 * Math.floor((span * 1e6) / sessions)) + 1;
    drain(atUs);
    playSession(atUs);
  }
  drain(Number.MAX_VALUE);
  pcap.close();
  log.close();
  return { ...counts, pcapOctets: pcap.octets, logOctets: log.octets };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, ...rest] = process.argv.slice(2);
  if (!folder) throw new Error('generate.mjs DIR [--sessions N] [--other SHARE] [--body OCTETS] [--span SECONDS] [--seed N] [--tls PERCENT]');
  const options = {};
  for (let i = 0; i + 1 < rest.length; i += 2) options[rest[i].replace(/^--/, '')] = Number(rest[i + 1]);
  console.log(JSON.stringify(generate(folder, options)));
}

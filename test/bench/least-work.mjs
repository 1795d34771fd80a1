// The least that any program in JavaScript would do for an answer: look at all packets, make a text of each command and reply, find the ICID of each
// line, and write the records. Nothing is put in order, checked, paired or judged. `node least-work.mjs CAPTURE LOG ANSWER`; the answer as NDJSON,
// the capture as the bench's generator writes it: classic pcap, Ethernet, IPv4.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const [capture, log, answer] = process.argv.slice(2);
const WINDOW = 512 * 1024;
const SMTP = 25;
const SEND_DATA = '354';
const DOT = 46;

function* packets(file) {
  const octets = Buffer.allocUnsafe(WINDOW);
  const view = new DataView(octets.buffer, octets.byteOffset, WINDOW);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, octets, 0, 24, null);
  let held = 0;
  for (let got = 1; got > 0; ) {
    got = readSync(descriptor, octets, held, WINDOW - held, null);
    held += got;
    let at = 0;
    for (let end = 0; at + 16 <= held && (end = at + 16 + view.getUint32(at + 8, true)) <= held; at = end) yield { octets, view, ip: at + 30 };
    octets.copyWithin(0, at, held);
    held -= at;
  }
  closeSync(descriptor);
}

function readWords(file) {
  const sessions = new Map();
  for (const { octets, view, ip } of packets(file)) {
    const tcp = ip + (octets[ip] & 15) * 4;
    const fromServer = view.getUint16(tcp) === SMTP;
    if (!fromServer && view.getUint16(tcp + 2) !== SMTP) continue;
    const name = view.getUint32(ip + (fromServer ? 16 : 12)) * 65_536 + view.getUint16(fromServer ? tcp + 2 : tcp);
    let session = sessions.get(name);
    if (!session) sessions.set(name, (session = { words: [], inData: false }));
    const [from, to] = [tcp + (octets[tcp + 12] >> 4) * 4, ip + view.getUint16(ip + 2)];
    if (from >= to) continue;
    if (session.inData && !fromServer) {
      session.inData = octets[to - 3] !== DOT;
      continue;
    }
    const word = octets.latin1Slice(from, to);
    if (fromServer && word.startsWith(SEND_DATA)) session.inData = true;
    session.words.push(word);
  }
  return sessions.size;
}

function readLines(file) {
  const histories = new Map();
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const at = line.indexOf('ICID ');
    if (at < 0) continue;
    const icid = Number.parseInt(line.slice(at + 5), 10);
    const history = histories.get(icid);
    if (history) history.push(line);
    else histories.set(icid, [line]);
  }
  return histories.size;
}

const records = readFileSync(answer, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));
const start = performance.now();
const before = process.cpuUsage();
const sessions = readWords(capture);
const histories = readLines(log);
let octets = 0;
for (const record of records) octets += Buffer.from(`${JSON.stringify(record)}\n`).length;
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  JSON.stringify({
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMb: process.resourceUsage().maxRSS / 1024,
    sessions,
    histories,
    octets,
  }),
);

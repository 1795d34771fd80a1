// Lets two peers of node:tls say a script to each other in memory and takes down every record with what it was.
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { connect, createSecureContext, TLSSocket } from 'node:tls';
import { CERTIFICATES } from './certificates.mjs';

/** Versions and suites: every family of record overhead. `mte` forbids encrypt-then-MAC. */
export const SUITES = [
  { version: 'TLSv1.3', ciphers: 'TLS_AES_256_GCM_SHA384' },
  { version: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' },
  { version: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' },
  { version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' },
  { version: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', key: 'ecdsa' },
  { version: 'TLSv1.2', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' },
  { version: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-CCM', key: 'ecdsa' },
  { version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-SHA384' },
  { version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA256', mte: true },
  { version: 'TLSv1.2', ciphers: 'AES256-SHA' },
  { version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA', mte: true },
];
const NO_ENCRYPT_THEN_MAC = 1 << 19;
const HEADER = 5;

/** One end of a pipe in memory; `heard` sees every octet that is written into it, in order. */
class End extends Duplex {
  other = null;
  constructor(heard) {
    super();
    this.heard = heard;
  }
  _read() {}
  _write(octets, _encoding, done) {
    this.heard(octets);
    setImmediate(() => {
      this.other.push(octets);
      done();
    });
  }
  _final(done) {
    this.other.push(null);
    done();
  }
}

/** Cuts what one side writes into records. */
class Recorder {
  #left = Buffer.alloc(0);
  #side;
  #records;
  #say;
  constructor(side, records, say) {
    this.#side = side;
    this.#records = records;
    this.#say = say;
  }
  hear(octets) {
    this.#left = Buffer.concat([this.#left, octets]);
    while (this.#left.length >= HEADER) {
      const length = this.#left.readUInt16BE(3);
      if (this.#left.length < HEADER + length) return;
      this.#records.push({ by: this.#side, octets: Buffer.from(this.#left.subarray(0, HEADER + length)), ...this.#say(this.#side) });
      this.#left = this.#left.subarray(HEADER + length);
    }
  }
}

/** Records in order, each {by, octets, words, stage, pause}; `words` is null for those of the handshake. */
export async function play(script, suite) {
  const records = [];
  const now = { C: null, S: null };
  const begun = { C: false, S: false };
  const ending = { C: false, S: false };
  const say = (side) => {
    const step = now[side];
    if (step) return { words: step.words, stage: step.stage, or: step.or ?? [], pause: step.pause };
    if (ending[side]) return { words: ['close_notify'], stage: null, or: [], pause: 0 };
    return { words: null, stage: null, or: [], pause: 0, afterHello: begun.C || begun.S };
  };
  const recorders = { C: new Recorder('C', records, say), S: new Recorder('S', records, say) };
  const ends = { C: new End((octets) => recorders.C.hear(octets)), S: new End((octets) => recorders.S.hear(octets)) };
  ends.C.other = ends.S;
  ends.S.other = ends.C;
  const { key, cert } = CERTIFICATES[suite.key ?? 'rsa'];
  const options = {
    minVersion: suite.version,
    maxVersion: suite.version,
    ciphers: suite.version === 'TLSv1.3' ? suite.ciphers : `${suite.ciphers}:@SECLEVEL=0`,
    secureOptions: suite.mte ? NO_ENCRYPT_THEN_MAC : 0,
  };
  const server = new TLSSocket(ends.S, { isServer: true, secureContext: createSecureContext({ key, cert, ...options, honorCipherOrder: true }) });
  const client = connect({ socket: ends.C, rejectUnauthorized: false, servername: 'mx.example.net', ...options });
  for (const peer of [server, client]) peer.on('error', () => {});
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  await settle();
  const cipher = client.getCipher();
  const peers = { C: client, S: server };
  const heard = { C: 0, S: 0 };
  client.on('data', (octets) => (heard.C += octets.length));
  server.on('data', (octets) => (heard.S += octets.length));
  const expected = { C: 0, S: 0 };
  for (const step of script.steps) {
    const to = step.by === 'C' ? 'S' : 'C';
    now[step.by] = step;
    begun[step.by] = true;
    expected[to] += step.text.length;
    peers[step.by].write(step.text, 'latin1');
    for (let tries = 0; heard[to] < expected[to] && tries < 2000; tries++) await settle();
    if (heard[to] < expected[to]) throw new Error(`the peer heard ${heard[to]} of ${expected[to]} octets`);
    now[step.by] = null;
  }
  const shown = records.length;
  for (const side of CLOSERS[script.end] ?? []) {
    ending[side] = true;
    peers[side].end();
    await settle();
    await settle();
  }
  await settle();
  const close = records.splice(shown).filter(({ words }) => words !== null);
  client.destroy();
  server.destroy();
  return { records: [...records, ...close.slice(0, (CLOSERS[script.end] ?? []).length)], version: suite.version, cipher: cipher.name };
}

/** Who says close_notify, in order. */
const CLOSERS = { 'both-close': ['C', 'S'], 'server-close': ['S'], 'client-close': ['C'], 'close-fin': ['C'], 'quit-rst': ['S'] };

const settle = () => new Promise((resolve) => setImmediate(resolve));

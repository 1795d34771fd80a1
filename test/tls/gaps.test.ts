import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SmtpDialogue } from '../../src/model/smtp.ts';
import { converse, type PeerOptions, type Recording, type WireWrite } from './peers.ts';
import { inClear, inside, read, ringOf, say, upToTls, WORDS } from './scenes.ts';

const SAID = inClear();
const SETTINGS: readonly (readonly [name: string, options: PeerOptions])[] = [
  ['TLS 1.3', one('TLSv1.3', 'TLS_AES_128_GCM_SHA256')],
  ['TLS 1.2, GCM', one('TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256')],
  ['TLS 1.2, ChaCha20', one('TLSv1.2', 'ECDHE-RSA-CHACHA20-POLY1305')],
  ['TLS 1.2, CBC', one('TLSv1.2', 'ECDHE-RSA-AES256-SHA384')],
  ['TLS 1.0, CBC', one('TLSv1', 'ECDHE-RSA-AES256-SHA')],
];

function one(version: 'TLSv1' | 'TLSv1.2' | 'TLSv1.3', suite: string): PeerOptions {
  const ciphers = version === 'TLSv1.3' ? suite : `${suite}:@SECLEVEL=0`;
  return { server: { ciphers, minVersion: version, maxVersion: version }, client: { ciphers, minVersion: version, maxVersion: version } };
}

/** A stretch of one write that is not in the file. */
function without(wire: readonly WireWrite[], index: number, from: number, to: number, keys: ReturnType<typeof ringOf>): SmtpDialogue {
  const lost = wire[index];
  if (!lost) throw new Error('no such write');
  const scene = say(upToTls(keys), wire.slice(0, index));
  const sayOn = (octets: Buffer) => (octets.length === 0 ? scene : lost.side === 0 ? scene.clientRaw(octets) : scene.serverRaw(octets));
  sayOn(lost.octets.subarray(0, from));
  if (lost.side === 0) scene.clientGap(to - from);
  else scene.serverGap(to - from);
  sayOn(lost.octets.subarray(to));
  return say(scene, wire.slice(index + 1)).finish();
}

describe.each(SETTINGS)('octets that the capture lacks, %s', (_, options) => {
  let recording: Recording;
  let ring: ReturnType<typeof ringOf>;
  /** The write in which the client says RCPT. */
  let rcpt: number;
  beforeAll(async () => {
    recording = await converse(WORDS, options);
    ring = ringOf(recording.keyLog);
    rcpt = recording.wordsAt[WORDS.findIndex(([, text]) => text.startsWith('RCPT'))] ?? 0;
  });

  test('a whole record: what follows is read', () => {
    const { octets } = recording.wire[rcpt] ?? { octets: Buffer.alloc(0) };
    const dialogue = without(recording.wire, rcpt, 0, octets.length, ring);
    expect(inside(dialogue).slice(-3)).toEqual(SAID.slice(-3));
    expect(dialogue.transactions.at(-1)).toMatchObject({ outcome: 'accepted', acceptedMid: 1357 });
    expect(dialogue.quit).not.toBeNull();
  });

  test('a stretch within a record: what follows is read, and nothing of that record', () => {
    const { octets } = recording.wire[rcpt] ?? { octets: Buffer.alloc(0) };
    const dialogue = without(recording.wire, rcpt, octets.length - 6, octets.length - 3, ring);
    expect(dialogue.quit).not.toBeNull();
    expect(inside(dialogue).some((word) => word.startsWith('RCPT'))).toBe(false);
  });

  test('any stretch of any write: no word is made up, nothing fails', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (which, from, length) => {
        const index = which % recording.wire.length;
        const size = recording.wire[index]?.octets.length ?? 0;
        if (size < 2) return;
        const start = from % (size - 1);
        const dialogue = without(recording.wire, index, start, Math.min(size, start + 1 + (length % size)), ring);
        const known = new Set(SAID);
        for (const event of dialogue.events) {
          if (event.kind === 'command' && event.decrypted && event.complete && event.missing === undefined && !event.afterGap) {
            expect(known).toContain(`${event.verb} ${event.argument} (${event.length})`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the message lacks its middle: its length is told all the same', () => {
    const index = recording.wordsAt[WORDS.findIndex(([, text]) => text.startsWith('Subject'))] ?? 0;
    const size = recording.wire[index]?.octets.length ?? 0;
    const dialogue = without(recording.wire, index, 1_000, size - 1_000, ring);
    const whole = read(recording, ring);
    expect(dialogue.quit).not.toBeNull();
    const [known] = whole.transactions;
    expect(Math.abs((dialogue.transactions[0]?.octets ?? 0) - (known?.octets ?? 0))).toBeLessThan(120);
  });
});

describe.each(SETTINGS)('octets that somebody changed, %s', (_, options) => {
  test('nothing fails, and no word is made up', async () => {
    const recording = await converse(WORDS, options);
    const ring = ringOf(recording.keyLog);
    const known = new Set(SAID);
    const change = fc.record({ write: fc.nat(), at: fc.nat(), octets: fc.uint8Array({ maxLength: 12 }), drops: fc.integer({ min: 0, max: 12 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const wire = recording.wire.map(({ side, octets }) => ({ side, octets }));
        for (const { write, at, octets, drops } of changes) {
          const changed = wire[write % wire.length];
          if (!changed) continue;
          const from = at % (changed.octets.length + 1);
          changed.octets = Buffer.concat([changed.octets.subarray(0, from), octets, changed.octets.subarray(from + drops)]);
        }
        for (const event of read({ wire }, ring).events) {
          if (event.kind === 'command' && event.decrypted && event.complete && !event.afterGap) {
            expect(known).toContain(`${event.verb} ${event.argument} (${event.length})`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

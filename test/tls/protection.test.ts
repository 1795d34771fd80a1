import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { suiteOf } from '../../src/model/cipher-suites.ts';
import { openerOf12, openerOf13 } from '../../src/tls/protection.ts';

/** What OpenSSL no longer speaks, and what takes too many records to come about, sealed here. */
function known(number: number) {
  const suite = suiteOf(number);
  if (!suite) throw new Error('not in the table');
  return suite;
}

const CONTENT = Buffer.from('QUIT\r\n');
const TYPE = 23;
const VERSION = 0x0303;

describe('records', () => {
  test('3DES in CBC: opened with its own number, refused with another or a changed octet', () => {
    const suite = known(0x000a);
    const keys = { macKey: randomBytes(20), key: randomBytes(24), iv: Buffer.alloc(8) };
    const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 7, TYPE, 3, 3, 0, CONTENT.length]);
    const mac = createHmac('sha1', keys.macKey).update(head).update(CONTENT).digest();
    const plain = Buffer.concat([CONTENT, mac]);
    const padding = 8 - (plain.length % 8);
    const vector = randomBytes(8);
    const cipher = createCipheriv('des-ede3-cbc', keys.key, vector).setAutoPadding(false);
    const body = Buffer.concat([vector, cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding - 1)])), cipher.final()]);
    const opener = openerOf12(suite, VERSION, keys, false);
    const record = { type: TYPE, version: VERSION, body };
    expect(opener.open(record, 7)).toEqual({ type: TYPE, content: CONTENT });
    expect(opener.open(record, 8)).toBeNull();
    for (let at = 0; at < body.length; at++) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 0x80;
      expect(opener.open({ ...record, body: changed }, 7)).toBeNull();
    }
  });

  test('sequence numbers of more than 32 bits, and padding of TLS 1.3', () => {
    const suite = known(0x1301);
    const key = randomBytes(16);
    const iv = randomBytes(12);
    const sequence = 2 ** 32 + 5;
    const nonce = Buffer.from(iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ BigInt(sequence), 4);
    const inner = Buffer.concat([CONTENT, Buffer.from([TYPE]), Buffer.alloc(40)]);
    const cipher = createCipheriv('aes-128-gcm', key, nonce, { authTagLength: 16 });
    const length = inner.length + 16;
    cipher.setAAD(Buffer.from([TYPE, 3, 3, length >> 8, length & 0xff]));
    const body = Buffer.concat([cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
    const opener = openerOf13(suite, key, iv);
    expect(opener.open({ type: TYPE, version: VERSION, body }, sequence)).toEqual({ type: TYPE, content: CONTENT });
    expect(opener.open({ type: TYPE, version: VERSION, body }, 5)).toBeNull();
  });

  test('records too short for their suite are refused', () => {
    for (const number of [0x002f, 0xc030, 0xcca8, 0xc0a0, 0x0002]) {
      const suite = known(number);
      const keys = {
        macKey: randomBytes(suite.macOctets),
        key: randomBytes(suite.keyOctets),
        iv: randomBytes(suite.mode === 'chacha' ? 12 : suite.mode === 'cbc' ? 16 : 4),
      };
      const opener = openerOf12(suite, VERSION, keys, false);
      for (let length = 0; length < 60; length++) expect(opener.open({ type: TYPE, version: VERSION, body: Buffer.alloc(length) }, 0)).toBeNull();
    }
  });
});

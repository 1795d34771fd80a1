import { createPrivateKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readRsaKey } from '../../src/tls/index.ts';
import { EC_KEY, OLD_SEALED_KEY, RSA_KEY, SEALED_KEY } from './credentials.ts';
import { converse, type PeerOptions, type Recording, serverOf } from './peers.ts';
import { inClear, inside, read, ringOf, WORDS } from './scenes.ts';

const SAID = inClear();
const KEY = createPrivateKey(RSA_KEY);

function under(suite: string, version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' = 'TLSv1.2'): PeerOptions {
  const ciphers = `${suite}:@SECLEVEL=0`;
  return { server: { ciphers, minVersion: version, maxVersion: version }, client: { ciphers, minVersion: version, maxVersion: version } };
}

describe('with the RSA key of the server alone', () => {
  test.each([
    ['AES128-GCM-SHA256', 'TLSv1.2'],
    ['AES256-GCM-SHA384', 'TLSv1.2'],
    ['AES256-SHA256', 'TLSv1.2'],
    ['AES128-CCM8', 'TLSv1.2'],
    ['AES128-SHA', 'TLSv1.1'],
    ['AES256-SHA', 'TLSv1'],
  ] as const)('%s, %s: every word, with the extended master secret', async (suite, version) => {
    const dialogue = read(await converse(WORDS, under(suite, version)), ringOf([], [KEY]));
    expect(inside(dialogue)).toEqual(SAID);
    expect(dialogue.tls).toMatchObject({ content: 'decrypted', extendedMasterSecret: true });
  });

  test('forward secrecy: no word, and it is said why', async () => {
    const recording = await converse(WORDS, under('ECDHE-RSA-AES128-GCM-SHA256'));
    const dialogue = read(recording, ringOf([], [KEY]));
    expect(dialogue).toEqual({ ...read(recording, null), tls: { ...dialogue.tls, obstacle: 'forward-secrecy' } });
  });

  test('the key of another server: no word', async () => {
    const recording = await converse(WORDS, under('AES128-GCM-SHA256'));
    const other = createPrivateKey(EC_KEY);
    expect(read(recording, ringOf([], [other])).tls).toMatchObject({ content: 'opaque', obstacle: 'no-secret' });
  });

  test.each([
    ['a ticket', 0],
    ['its id', 0x4000],
  ])('a session that resumes one of the same captures by %s', async (_, secureOptions) => {
    // 0x4000: SSL_OP_NO_TICKET.
    const options = under('AES128-GCM-SHA256');
    const context = serverOf({ ...options.server, secureOptions });
    const first = await converse(WORDS, options, context);
    const second = await resumed(first, options, context);
    const ring = ringOf([], [KEY]);
    expect(inside(read(first, ring))).toEqual(SAID);
    const dialogue = read(second, ring);
    expect(dialogue.tls).toMatchObject({ content: 'decrypted', resumed: true });
    expect(inside(dialogue)).toEqual(SAID);
    expect(read(second, ringOf([], [KEY])).tls).toMatchObject({ content: 'opaque', obstacle: 'no-secret' });
  });
});

async function resumed(first: Recording, options: PeerOptions, context: ReturnType<typeof serverOf>): Promise<Recording> {
  const second = await converse(WORDS, { ...options, client: { ...options.client, ...(first.session ? { session: first.session } : {}) } }, context);
  expect(second.resumed).toBe(true);
  return second;
}

describe('private keys', () => {
  const der = (type: 'pkcs1' | 'pkcs8'): Buffer => KEY.export({ format: 'der', type });
  const sealed = KEY.export({ format: 'der', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'geheim' });

  test.each([
    ['PEM, PKCS#8', Buffer.from(RSA_KEY), null],
    ['PEM, PKCS#1', Buffer.from(KEY.export({ format: 'pem', type: 'pkcs1' })), null],
    ['DER, PKCS#8', der('pkcs8'), null],
    ['DER, PKCS#1', der('pkcs1'), null],
    ['PEM under a password', Buffer.from(SEALED_KEY), 'geheim'],
    ['PEM under a password, old form', Buffer.from(OLD_SEALED_KEY), 'geheim'],
    ['DER under a password', sealed, 'geheim'],
  ])('%s', (_, octets, password) => {
    const key = readRsaKey(octets, password);
    expect(typeof key === 'string' ? key : (key satisfies KeyObject).asymmetricKeyType).toBe('rsa');
  });

  test.each([
    ['needs-password', Buffer.from(SEALED_KEY), null],
    ['needs-password', Buffer.from(OLD_SEALED_KEY), null],
    ['needs-password', sealed, null],
    ['wrong-password', Buffer.from(SEALED_KEY), 'offen'],
    ['not-rsa', Buffer.from(EC_KEY), null],
    ['unreadable', Buffer.from('no key at all'), null],
    ['unreadable', Buffer.alloc(0), null],
  ])('%s', (failure, octets, password) => {
    expect(readRsaKey(octets, password)).toBe(failure);
  });
});

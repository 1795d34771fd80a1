import { getCiphers } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { contentOctets, overheadOf, suiteOf } from '../../src/model/cipher-suites.ts';

const TLS12 = 0x0303;
const TLS13 = 0x0304;

function known(number: number) {
  const suite = suiteOf(number);
  if (!suite) throw new Error(`suite ${number} is not in the table`);
  return suite;
}

describe('the table of cipher suites', () => {
  test('what a name says', () => {
    expect(known(0xc030)).toMatchObject({ keyExchange: 'ECDHE_RSA', mode: 'gcm', cipher: 'AES_256_GCM', keyOctets: 32, mac: null, prf: 'sha384' });
    expect(known(0x1301)).toMatchObject({ keyExchange: 'TLS13', mode: 'gcm', keyOctets: 16, prf: 'sha256' });
    expect(known(0x1305)).toMatchObject({ keyExchange: 'TLS13', mode: 'ccm8', keyOctets: 16, prf: 'sha256' });
    expect(known(0xc0a0)).toMatchObject({ keyExchange: 'RSA', mode: 'ccm8', cipher: 'AES_128_CCM_8', keyOctets: 16, prf: 'sha256' });
    expect(known(0x002f)).toMatchObject({ keyExchange: 'RSA', mode: 'cbc', keyOctets: 16, blockOctets: 16, mac: 'sha1', macOctets: 20, prf: 'sha256' });
    expect(known(0xc028)).toMatchObject({ mode: 'cbc', keyOctets: 32, mac: 'sha384', macOctets: 48, prf: 'sha384' });
    expect(known(0x000a)).toMatchObject({ mode: 'cbc', keyOctets: 24, blockOctets: 8, mac: 'sha1' });
    expect(known(0xcca8)).toMatchObject({ mode: 'chacha', keyOctets: 32, prf: 'sha256' });
    expect(suiteOf(0x0a0a)).toBeNull();
  });

  test('OpenSSL knows no name that the table lacks, beside those that mail does not meet', () => {
    const ours = new Set(Array.from({ length: 0x10000 }, (_, number) => suiteOf(number)?.openssl));
    const offered = getCiphers().map((name) => name.toUpperCase());
    expect(offered.filter((name) => !/PSK|SRP|ARIA|CAMELLIA|^GMAC/.test(name) && !ours.has(name))).toEqual([]);
  });

  test.each([
    ['GCM in TLS 1.2: explicit nonce and tag', 0xc030, TLS12, 45, [21, 21]],
    ['GCM in TLS 1.3: content type and tag', 0x1302, TLS13, 19, [2, 2]],
    ['CCM_8', 0xc0a0, TLS12, 26, [10, 10]],
    ['ChaCha20 in TLS 1.2: the tag alone', 0xcca8, TLS12, 26, [10, 10]],
    ['CBC with SHA-1: vector, MAC, and from one to sixteen octets of padding', 0x002f, TLS12, 64, [12, 27]],
    ['CBC in TLS 1.0 has no vector', 0x002f, 0x0301, 48, [12, 27]],
  ])('%s', (_, number, version, length, range) => {
    expect(contentOctets(overheadOf(known(number), version), length)).toEqual(range);
  });

  test('a record too short for its suite holds nothing', () => {
    expect(contentOctets(overheadOf(known(0xc030), TLS12), 23)).toBeNull();
  });
});

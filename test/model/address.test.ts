import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalAddress } from '../../src/model/address.ts';

describe('the one spelling of an address', () => {
  test('plain IPv4 stays as it is, with or without zeros, blanks or brackets around it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        expect(canonicalAddress(ip)).toBe(ip);
        expect(canonicalAddress(` [${ip}]`)).toBe(ip);
        expect(canonicalAddress(ip.replace(/^(\d{1,2})\./, '0$1.'))).toBe(ip);
      }),
    );
  });

  test('what only resembles one is left as text', () => {
    for (const text of ['1.2.3', '1.2.3.4.5', '1.2.3.256', '1..2.3', '1.2.3.', '.1.2.3', '1.2.3.x']) expect(canonicalAddress(text)).toBe(text);
    expect(canonicalAddress('::FFFF:192.0.2.1')).toBe('192.0.2.1');
  });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressWatch } from '../../src/capture/address-watch.ts';
import { passesBy } from '../../src/capture/passing.ts';

const PORTS = new Uint8Array(65_536);
PORTS[25] = 1;
PORTS[40_025] = 1;

/** Ethernet, IPv4 and TCP between ports of no interest, with a payload of `abcdefgh`. */
function frame(): Uint8Array {
  const octets = new Uint8Array(14 + 20 + 20 + 8);
  const view = new DataView(octets.buffer);
  view.setUint16(12, 0x0800);
  octets[14] = 0x45;
  view.setUint16(16, 48);
  octets[23] = 6;
  view.setUint16(34, 443);
  view.setUint16(36, 50_000);
  octets[46] = 0x50;
  octets.set(new TextEncoder().encode('abcdefgh'), 54);
  return octets;
}

/** The same, field by field. */
function isOfNoInterest(octets: Uint8Array, end: number): boolean {
  const view = new DataView(octets.buffer);
  if (end < 38 || view.getUint16(12) !== 0x0800 || octets[14] !== 0x45 || octets[23] !== 6) return false;
  const total = view.getUint16(16);
  if (total < 24 || (view.getUint16(20) & 0x3fff) !== 0) return false;
  if (PORTS[view.getUint16(34)] === 1 || PORTS[view.getUint16(36)] === 1) return false;
  if (end <= 46) return true;
  const blankAt = 34 + ((octets[46] ?? 0) >> 4) * 4 + 4;
  return blankAt >= end || blankAt >= 14 + total || octets[blankAt] !== 0x20;
}

test('what is passed over is what its fields say, whichever octets differ', () => {
  const change = fc.record({ at: fc.nat(61), octet: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x20, 0x40, 0x45, 0x50, 6)) });
  const ports = fc.option(fc.record({ at: fc.constantFrom(34, 36), port: fc.constantFrom(25, 40_025, 26) }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), ports, fc.integer({ min: 30, max: 62 }), (changes, mail, end) => {
      const octets = frame();
      const view = new DataView(octets.buffer);
      for (const { at, octet } of changes) octets[at] = octet;
      if (mail) view.setUint16(mail.at, mail.port);
      expect(passesBy(octets, view, 0, end, PORTS)).toBe(isOfNoInterest(octets, end));
    }),
    { numRuns: 3_000 },
  );
});

test('the address that is an end of every packet, and the only pair, are told as by looking at all', () => {
  const packet = fc.record({ from: fc.nat(3), to: fc.nat(3), family: fc.constantFrom(4 as const, 4 as const, 4 as const, 6 as const) });
  fc.assert(
    fc.property(fc.array(packet, { minLength: 1, maxLength: 8 }), (packets) => {
      const watch = new AddressWatch();
      for (const { from, to, family } of packets) {
        const octets = new Uint8Array(32);
        const half = family === 4 ? 4 : 16;
        octets[half - 1] = from;
        octets[2 * half - 1] = to;
        if (watch.watching) watch.take(new DataView(octets.buffer), 0, family);
      }
      const [first] = packets;
      const isEnd = (end: number) => packets.every(({ from, to, family }) => family === first?.family && (from === end || to === end));
      const common = [first?.to ?? -1, first?.from ?? -1].find(isEnd);
      expect(watch.commonAddress()?.at(-1)).toBe(common === undefined ? undefined : common === 0 && first?.family === 6 ? ':' : String(common));
      expect(watch.onlyPair()).toBe(packets.every(({ from, to, family }) => family === first?.family && isPair(from, to, first.from, first.to)));
    }),
    { numRuns: 1_000 },
  );
});

function isPair(from: number, to: number, one: number, other: number): boolean {
  return (from === one && to === other) || (from === other && to === one);
}

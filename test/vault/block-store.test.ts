import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_OCTETS, BlockStore } from '../../src/vault/block-store.ts';
import { openScratch, type ScratchFile } from '../../src/vault/scratch-file.ts';
import { RecordShelf } from '../../src/vault/record-shelf.ts';

const FEW = 3 * BLOCK_OCTETS;

function recordOf(i: number, length: number): Buffer {
  return Buffer.alloc(length, `${i}.`);
}

function read(store: BlockStore, address: number, length: number): Buffer {
  const at = store.placeOf(address);
  return store.blockOf(address).subarray(at, at + length);
}

/** Records of these lengths go in, and all come back in the given order. */
function checkAll(store: BlockStore, lengths: readonly number[], order: readonly number[]): void {
  const addresses = lengths.map((length, i) => store.keep(recordOf(i, length)));
  for (const i of order) {
    const length = lengths[i] ?? 0;
    expect(read(store, addresses[i] ?? -1, length).equals(recordOf(i, length)), `record ${i}`).toBe(true);
  }
}

const length = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 90_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: BLOCK_OCTETS - 2, max: 3 * BLOCK_OCTETS }) },
);

describe('the block store', () => {
  test('gives back every record, in any order, with few blocks in memory', () => {
    fc.assert(
      fc.property(fc.array(length, { minLength: 1, maxLength: 60 }), fc.array(fc.nat(), { maxLength: 80 }), (lengths, picks) => {
        checkAll(
          new BlockStore(FEW),
          lengths,
          picks.map((pick) => pick % lengths.length),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('records that come between questions do not disturb those before', () => {
    const store = new BlockStore(FEW);
    const lengths = Array.from({ length: 200 }, (_, i) => 1 + ((i * 7919) % 60_000));
    const addresses: number[] = [];
    for (const [i, size] of lengths.entries()) {
      addresses.push(store.keep(recordOf(i, size)));
      const back = (i * 31) % (i + 1);
      expect(read(store, addresses[back] ?? -1, lengths[back] ?? 0).equals(recordOf(back, lengths[back] ?? 0))).toBe(true);
    }
  });

  test.each<[string, () => ScratchFile | null]>([
    ['no file can be made', () => null],
    ['nothing can be written', () => ({ descriptor: -1, write: () => false, read: () => expect.unreachable('nothing was written') })],
  ])('all stays in memory where %s', (_name, open) => {
    const lengths = Array.from({ length: 120 }, () => 20_000);
    checkAll(
      new BlockStore(FEW, open),
      lengths,
      lengths.map((_length, i) => lengths.length - 1 - i),
    );
  });

  test('what was written out is read by another store, in pieces and large records alike', () => {
    const lengths = Array.from({ length: 90 }, (_, i) => (i === 40 ? 700_000 : 1 + ((i * 7919) % 60_000)));
    const store = new BlockStore(FEW);
    const addresses = lengths.map((length, i) => store.keep(recordOf(i, length)));
    const written = store.writeOut();
    if (!written) expect.fail('there is room for a scratch file');
    const reader = BlockStore.over(structuredClone(written), FEW);
    for (const i of [89, 0, 40, 41, 3, 88]) expect(read(reader, addresses[i] ?? -1, lengths[i] ?? 0).equals(recordOf(i, lengths[i] ?? 0))).toBe(true);
    expect(new BlockStore(FEW, () => null).writeOut()).toBeNull();
  });

  test('the scratch file has no name that others could find', () => {
    const scratch = openScratch();
    expect(scratch?.write(Buffer.from('something'), 7)).toBe(true);
    const back = Buffer.alloc(4);
    scratch?.read(back, 9);
    expect(back.toString()).toBe('meth');
    if (process.platform !== 'win32') expect(readdirSync(tmpdir()).filter((name) => name.startsWith('whohungup-scratch'))).toEqual([]);
  });

  test('a shelf gives back equal records', () => {
    const shelf = new RecordShelf<unknown>(new BlockStore(FEW));
    const whole = fc.oneof(fc.constantFrom(0, -0, 127, 128, 2 ** 31 - 1, 2 ** 31, -1, -(2 ** 31), -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER), fc.integer());
    const text = fc.oneof(fc.constantFrom('', 'ACCEPT', '\u00fc\u2026 \ud800'), fc.string({ unit: 'binary', maxLength: 300 }));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(null, true, false), whole, fc.double({ noNaN: true }), text, tie('list'), tie('record')),
      list: fc.oneof(fc.array(tie('value'), { maxLength: 5 }), fc.array(whole, { minLength: 60, maxLength: 70 })),
      record: fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    }));
    const kept: { readonly record: unknown; readonly address: number }[] = [];
    fc.assert(
      fc.property(value, (record) => void kept.push({ record, address: shelf.keep(record) })),
      { numRuns: 500 },
    );
    for (const { record, address } of kept) expect(shelf.get(address)).toEqual(record);
  });
});

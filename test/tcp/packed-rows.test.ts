import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packRows, unpackRows, type RowMemory } from '../../src/tcp/packed-rows.ts';

const DOUBLES = 11;
const WORDS = 22;
const ORDINAL = 12;

function memoryFor(rows: number): RowMemory {
  const doubles = new Float64Array(rows * DOUBLES);
  return { doubles, words: new Int32Array(doubles.buffer) };
}

interface Row {
  readonly numbers: readonly number[];
  readonly words: readonly number[];
}

function fill(rows: readonly Row[]): RowMemory {
  const memory = memoryFor(rows.length);
  for (const [i, { numbers, words }] of rows.entries()) {
    memory.doubles.set(numbers, i * DOUBLES);
    memory.words.set(words, i * WORDS + 10);
  }
  return memory;
}

function contents({ doubles, words }: RowMemory, rows: number): unknown[] {
  return Array.from({ length: rows }, (_, i) => [
    [...doubles.subarray(i * DOUBLES, i * DOUBLES + 5)],
    [...words.subarray(i * WORDS + 10, (i + 1) * WORDS)].filter((_word, at) => at + 10 !== ORDINAL),
  ]);
}

const time = fc.oneof(fc.integer({ min: 0, max: 2 ** 50 }), fc.double({ noNaN: true, min: 0, max: 2 ** 52 }));
const place = fc.oneof(fc.integer({ min: -1, max: 3000 }), fc.integer({ min: -(2 ** 40), max: 2 ** 45 }));
const word = fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const meta = fc.integer({ min: 0, max: 2 ** 27 - 1 });
const row = fc.record({
  numbers: fc.tuple(time, place, place, fc.constantFrom(-1, 1, 99), fc.constantFrom(-1, 7)),
  words: fc.tuple(word, word, word, meta, word, word, word, word, word, word, word, word),
});

describe('packed rows', () => {
  test('give back what was packed, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 40 }), { maxLength: 6 }), (logs) => {
        // What is packed is valid until the next call, so that each log is copied, as the store does.
        const packed = logs.map((rows) => packRows(fill(rows), rows.length)?.slice());
        for (const [i, rows] of logs.entries()) {
          const one = packed[i];
          if (!one) throw new Error('not packed');
          const memory = memoryFor(rows.length);
          unpackRows(one, 0, rows.length, memory);
          expect(contents(memory, rows.length)).toEqual(contents(fill(rows), rows.length));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('an ordinary exchange takes a fifth of the room', () => {
    const rows = Array.from({ length: 50 }, (_, i): Row => {
      const direction = i % 2;
      const flags = 0x18 | (64 << 8) | (direction << 24);
      return {
        numbers: [1.7e15 + i * 40_000, 1 + (i >> 1) * 60, 1 + (i >> 1) * 60, -1, -1],
        words: [0, 10 + 3 * i, i, flags, 60, 512 | ((i * 771) << 16), 900 + (i >> 1), 0, 1, 5000 + i * 40, 4000 + i * 40, 0],
      };
    });
    expect(packRows(fill(rows), rows.length)?.length).toBeLessThan((50 * 88) / 5);
  });

  test('numbers that do not fit are refused', () => {
    expect(packRows(fill([{ numbers: [0, 0.5, 0, -1, -1], words: Array.from({ length: 12 }, () => 0) }]), 1)).toBeNull();
  });
});

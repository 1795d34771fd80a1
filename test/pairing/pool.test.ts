import { expect, test } from 'vitest';
import type { CandidateTable } from '../../src/pairing/candidate-table.ts';
import { LEAST_POINTS } from '../../src/pairing/candidates.ts';
import { Pool } from '../../src/pairing/pool.ts';
import { RowLists } from '../../src/pairing/row-lists.ts';
import { depot } from '../support/depot.ts';

test('sessions that hang together are one group, and each candidate is in it once', () => {
  const newColumn: CandidateTable['newColumn'] = (octets) => depot.newColumn(octets);
  // Two captured sessions that fit the same two log sessions, and one that fits a third.
  const lists = new RowLists(newColumn);
  for (const rows of [[0, 1], [2, 3], [4]]) {
    for (const row of rows) lists.add(row);
    lists.endList();
  }
  const logged = [7, 8, 7, 8, 9];
  const table = { newColumn, worthOf: () => LEAST_POINTS, loggedOf: (row: number) => logged[row], at: (row: number) => ({ row }) };
  const pool = new Pool(table as unknown as CandidateTable, lists);
  expect([...pool.groups()].map((group) => group.map(({ row }) => row).sort((a, b) => a - b))).toEqual([[0, 1, 2, 3], [4]]);
});

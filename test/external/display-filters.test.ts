import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { PAGES, readPage } from '../../src/explain/index.ts';

/** Wireshark itself checks the display filters of the manual; skipped where it is not installed. */
const present = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).status === 0;

/** Pieces in backticks that read as a filter or a field, with the manual's placeholders filled in. */
function filtersOf(text: string): string[] {
  const pieces = [...text.matchAll(/`([^`]+)`/g)].map(([, piece]) => piece ?? '');
  return pieces
    .filter((piece) => /^!?\(?(?:ip|ipv6|tcp|icmp|icmpv6|smtp|tls|eth|frame)\.[a-z_.]+/.test(piece) && !/^(?:ip|tcp|frame)\.[a-z]+ [a-z]/.test(piece))
    .map((piece) => piece.replace(/\bPEER\b/g, '192.0.2.1').replace(/== N\b/g, '== 1'));
}

describe.skipIf(!present)('display filters of the manual', () => {
  test('are understood by Wireshark', () => {
    const fields = new Set(
      execFileSync('tshark', ['-G', 'fields'], { maxBuffer: 1 << 28, encoding: 'utf8' })
        .split('\n')
        .map((line) => line.split('\t')[2] ?? ''),
    );
    const filters = PAGES.flatMap((page) => filtersOf(readPage(page)));
    expect(filters.length).toBeGreaterThan(30);
    const unknown = filters.flatMap((filter) =>
      [...filter.matchAll(/\b(?:ip|ipv6|tcp|icmp|icmpv6|smtp|tls|eth|frame)\.[a-z_.0-9]+/g)].map(([name]) => name).filter((name) => !fields.has(name)),
    );
    expect(unknown).toEqual([]);
    const joined = filters.map((filter) => `(${filter})`).join(' || ');
    // It complains of the filter before it looks at the file, which is none.
    const { stderr } = spawnSync('tshark', ['-r', '/dev/null', '-Y', joined], { encoding: 'utf8' });
    expect(stderr).toContain('/dev/null');
    expect(stderr).not.toContain('^~');
  });
});

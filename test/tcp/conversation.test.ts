import { describe, expect, test } from 'vitest';
import { SegmentNote } from '../../src/model/tcp.ts';
import { play } from '../support/segments.ts';

describe('an ordinary session', () => {
  const { connection, heard } = play((wire) =>
    wire.handshake().answers('220 esa.example.com ESMTP').says('EHLO ns.example.com').answers('250 esa.example.com').says('QUIT').answers('221 bye').close(),
  );

  test('both streams come out in order, each octet once', () => {
    expect(heard.events).toEqual(['S:220 esa.example.com ESMTP', 'C:EHLO ns.example.com', 'S:250 esa.example.com', 'C:QUIT', 'S:221 bye', 'C<fin>', 'S<fin>']);
  });

  test('it is named as Zeek names it', () => {
    expect(connection.connState).toBe('SF');
    expect(connection.history).toBe('ShAdDFf');
  });

  test('the log holds relative numbers as Wireshark shows them', () => {
    const rows = Array.from(connection.segments, ({ side, seq, ack, length }) => [side, seq, ack, length]);
    expect(rows.slice(0, 5)).toEqual([
      [0, 0, -1, 0],
      [1, 0, 1, 0],
      [0, 1, 1, 0],
      [1, 1, 1, 27],
      [0, 1, 28, 21],
    ]);
    expect(Array.from(connection.segments, ({ notes }) => notes & ~SegmentNote.windowUpdate).every((notes) => notes === 0)).toBe(true);
  });

  test('the handshake is timed and the ends are described', () => {
    expect(connection).toMatchObject({ originatorRttUs: 1_000, responderRttUs: 1_000, sawSyn: true, bothDirections: true });
    expect(connection.originator).toMatchObject({ ip: '198.51.100.7', port: 40_000, isn: 1_000_000, state: 'closed' });
    expect(connection.originator.fin).toMatchObject({ inOrder: true });
    expect(connection.originator.syn).toMatchObject({ mss: 1460, windowScale: 7, sackPermitted: true, layout: 'mss,sack,ws,nop' });
    expect(connection.macs).toEqual(['02:00:00:00:00:01', '02:00:00:00:00:02']);
  });
});

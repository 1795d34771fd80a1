import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../../src/model/packet.ts';
import { SegmentNote } from '../../src/model/tcp.ts';
import { play, sackBlocks, type Wire } from '../support/segments.ts';

const DATA = TCP_PSH | TCP_ACK;

function notesOf(result: ReturnType<typeof play>): number[] {
  return Array.from(result.connection.segments, ({ notes }) => notes);
}

describe('order', () => {
  test('a segment that overtakes another waits for it', () => {
    const result = play((wire) => wire.handshake().client(DATA, { seq: 7, text: 'world\n' }).client(DATA, { seq: 1, text: 'hello ' }));
    expect(result.heard.text(0)).toBe('hello world\n');
    const notes = notesOf(result);
    expect(notes[3]).toBe(SegmentNote.afterHole);
    expect(notes[4]).toBe(SegmentNote.outOfOrder);
    expect(result.connection.gaps).toEqual([]);
  });

  test('each octet is cited from the packet that brought it', () => {
    const { heard } = play((wire) => wire.handshake().client(DATA, { seq: 7, text: 'world\n' }).client(DATA, { seq: 1, text: 'hello ' }));
    expect(heard.packets).toEqual([5, 4]);
  });

  test('of overlapping octets the first stay, also while they wait', () => {
    const result = play((wire) =>
      wire.handshake().client(DATA, { seq: 5, text: 'EFGH' }).client(DATA, { seq: 3, text: 'cdefgh__' }).client(DATA, { seq: 1, text: 'ab' }),
    );
    expect(result.heard.text(0)).toBe('abcdEFGH__');
    expect(notesOf(result)[4]).toBe(SegmentNote.afterHole | SegmentNote.conflictingOverlap | SegmentNote.outOfOrder);
  });

  test('a repetition with other octets is recorded as a fact', () => {
    const result = play((wire) => wire.handshake().says('MAIL FROM:<a@b>').client(DATA, { seq: 1, text: 'MAIL FROM:<x@y>\r\n' }));
    expect(result.heard.text(0)).toBe('MAIL FROM:<a@b>\r\n');
    expect(notesOf(result)[4]).toBe(SegmentNote.retransmission | SegmentNote.conflictingOverlap);
  });

  test('a longer repetition brings only what is new', () => {
    const result = play((wire) => wire.handshake().client(DATA, { text: 'RCPT' }).client(DATA, { seq: 1, text: 'RCPT TO:' }));
    expect(result.heard.events).toEqual(['C:RCPT', 'C: TO:']);
    expect(notesOf(result)[4]).toBe(0);
  });

  test('octets on a SYN belong to the stream', () => {
    const { heard, connection } = play((wire) =>
      wire
        .client(TCP_SYN, { text: 'EHLO a\r\n' })
        .server(TCP_SYN | TCP_ACK)
        .client(TCP_ACK),
    );
    expect(heard.text(0)).toBe('EHLO a\r\n');
    expect(connection.originator.contiguousTo).toBe(9);
  });

  test('numbers go on past 4 GB and the log keeps counting', () => {
    const result = play((wire) => wire.handshake().says('a').says('b').says('c'), {}, { client: { isn: 0xffff_fffe } });
    expect(result.heard.text(0)).toBe('a\r\nb\r\nc\r\n');
    expect(result.connection.segments.at(5).seq).toBe(7);
  });
});

test('numbers are not lost when most of a stream of gigabytes is missing', () => {
  const { connection } = play((wire) => {
    wire.handshake();
    for (let i = 0; i < 12; i++) {
      wire.next[0] += 2 ** 29;
      wire.says('x').server(TCP_ACK);
    }
  });
  expect(connection.originator.contiguousTo).toBe(12 * (2 ** 29 + 3) + 1);
  expect(connection.gaps).toHaveLength(12);
});

describe('repetition', () => {
  test('a retransmission is one, and a spurious one too where it had been acknowledged', () => {
    const result = play((wire) =>
      wire.handshake().says('NOOP').client(DATA, { seq: 1, text: 'NOOP\r\n' }).server(TCP_ACK).client(DATA, { seq: 1, text: 'NOOP\r\n' }),
    );
    expect(notesOf(result).slice(3)).toEqual([0, SegmentNote.retransmission, 0, SegmentNote.retransmission | SegmentNote.spuriousRetransmission]);
    expect(result.heard.text(0)).toBe('NOOP\r\n');
    expect(result.connection.history).toBe('ShADTa');
  });

  test('a keep-alive is neither data nor a retransmission', () => {
    const result = play((wire) =>
      wire
        .handshake()
        .says('NOOP')
        .server(TCP_ACK)
        .wait(60_000_000)
        .client(TCP_ACK, { seq: 6 })
        .server(TCP_ACK)
        .client(TCP_ACK, { seq: 6, text: '\0' })
        .server(TCP_ACK),
    );
    expect(notesOf(result).slice(5)).toEqual([SegmentNote.keepAlive, 0, SegmentNote.keepAlive, 0]);
    expect(result.heard.text(0)).toBe('NOOP\r\n');
    expect(result.connection.history).toBe('ShADa');
  });

  test('the last octet sent again before it was acknowledged is a retransmission', () => {
    const result = play((wire) => wire.handshake().client(DATA, { text: 'x' }).client(DATA, { seq: 1, text: 'x' }));
    expect(notesOf(result)[4]).toBe(SegmentNote.retransmission);
  });

  test('a repeated SYN with the same number is no new connection', () => {
    const result = play((wire) =>
      wire
        .client(TCP_SYN)
        .client(TCP_SYN, { seq: 0, afterUs: 1_000_000 })
        .server(TCP_SYN | TCP_ACK)
        .client(TCP_ACK),
    );
    expect(result.connections).toHaveLength(1);
    expect(notesOf(result)[1]).toBe(SegmentNote.retransmission);
    expect(result.connection.responderRttUs).toBeNull();
    expect(result.connection.history).toBe('ShA');
  });
});

describe('windows and acknowledgements', () => {
  test('a closed window and its probes', () => {
    const result = play((wire) =>
      wire
        .handshake()
        .says('DATA')
        .server(TCP_ACK, { window: 0 })
        .client(TCP_ACK, { seq: 6 })
        .server(TCP_ACK, { window: 0 })
        .client(TCP_ACK, { text: 'b' })
        .server(TCP_ACK, { window: 0, ack: 7 })
        .server(TCP_ACK, { window: 900, ack: 7 })
        .client(TCP_ACK, { seq: 7, text: 'body' }),
    );
    const notes = notesOf(result);
    expect(notes[4]).toBe(SegmentNote.zeroWindow);
    expect(notes[5]).toBe(SegmentNote.keepAlive | SegmentNote.zeroWindowProbe);
    expect(notes[7]).toBe(SegmentNote.zeroWindowProbe);
    expect(notes[9]).toBe(SegmentNote.windowUpdate);
    expect(result.heard.text(0)).toBe('DATA\r\nbody');
    expect(result.connection.history).toBe('ShADaw');
  });

  test('duplicate acknowledgements need something outstanding', () => {
    const result = play((wire) =>
      wire
        .handshake()
        .client(DATA, { text: 'lost', lost: true })
        .client(DATA, { text: 'two' })
        .server(TCP_ACK, { ack: 1, options: sackBlocks(1_000_005, 1_000_008) })
        .server(TCP_ACK, { ack: 1 })
        .client(DATA, { seq: 1, text: 'lost' })
        .server(TCP_ACK)
        .server(TCP_ACK),
    );
    const notes = notesOf(result);
    expect(notes[4]).toBe(SegmentNote.duplicateAck);
    expect(notes[5]).toBe(SegmentNote.duplicateAck);
    expect(notes.at(-1)).toBe(0);
    expect(result.connection.segments.at(4)).toMatchObject({ sackLeft: 5, sackRight: 8 });
  });

  test('a segment longer than the receiver takes was joined by the network card', () => {
    const result = play((wire) => wire.handshake().client(DATA, { text: 'x'.repeat(4_000) }));
    expect(notesOf(result)[3]).toBe(SegmentNote.oversized);
  });
});

describe('gaps', () => {
  test('octets that were acknowledged but never captured: told before the answer that follows them', () => {
    const { heard, connection } = play((wire) =>
      wire.handshake().answers('220 hi').says('EHLO a', { lost: true }).answers('250 ok').says('MAIL FROM:<a@b>').answers('250 sender ok'),
    );
    expect(heard.events).toEqual(['S:220 hi', 'C<gap 8 capture>', 'S:250 ok', 'C:MAIL FROM:<a@b>', 'S:250 sender ok']);
    expect(connection.gaps).toMatchObject([{ side: 0, from: 1, length: 8, kind: 'capture' }]);
    expect(connection.segments.at(4).notes & SegmentNote.acksUnseen).toBeTruthy();
  });

  test('an acknowledgement that stands before its data in the file invents no gap', () => {
    const { heard, connection } = play((wire) =>
      wire
        .handshake()
        .server(TCP_PSH | TCP_ACK, { ack: 7, text: '250 ok\r\n' })
        .client(DATA, { seq: 1, ack: 1, text: 'NOOP\r\n', afterUs: 20 })
        .client(TCP_ACK),
    );
    expect(heard.events).toEqual(['C:NOOP', 'S:250 ok']);
    expect(connection.gaps).toEqual([]);
    expect(connection.segments.at(3).notes & SegmentNote.acksUnseen).toBe(0);
  });

  test('an acknowledgement of what was never sent is no gap: somebody else spoke in its name', () => {
    const { heard, connection } = play((wire) =>
      wire
        .handshake()
        .answers('220 hi')
        .client(TCP_ACK, { ack: 60 })
        .server(TCP_ACK, { afterUs: 30 })
        .client(TCP_ACK, { ack: 60, afterUs: 300_000 })
        .server(TCP_ACK),
    );
    expect(heard.gaps).toEqual([]);
    expect(connection.responder).toMatchObject({ ackedTo: 60, sentTo: 9, contiguousTo: 9 });
  });

  test('a hole that nobody filled: the rest is told at the end, behind the gap', () => {
    const { heard, connection } = play((wire) =>
      wire
        .handshake()
        .client(DATA, { text: 'lost!', lost: true })
        .client(DATA, { text: 'rest' })
        .client(TCP_FIN | TCP_ACK)
        .server(TCP_ACK, { ack: 1 }),
    );
    expect(heard.events).toEqual(['C<gap 5 network>', 'C:rest']);
    expect(connection.originator).toMatchObject({ contiguousTo: 1, sentTo: 11, fin: { seq: 10, inOrder: false } });
  });

  test('phantom octets: only a bare ACK tells that something was sent', () => {
    const { heard, connection } = play((wire) =>
      wire
        .handshake()
        .client(DATA, { text: 'x'.repeat(86), lost: true })
        .client(TCP_ACK)
        .server(TCP_ACK, { ack: 1 }),
    );
    expect(heard.gaps).toEqual([{ side: 0, length: 86, kind: 'network' }]);
    expect(connection.originator).toMatchObject({ contiguousTo: 1, sentTo: 87 });
    expect(connection.segments.at(3).notes).toBe(SegmentNote.afterHole);
  });

  test('what the snap length cut is a gap of its own kind', () => {
    const { heard } = play((wire) => wire.handshake().client(DATA, { text: 'EHLO ns.example.com\r\n', captured: 4 }).says('NOOP'));
    expect(heard.events).toEqual(['C:EHLO', 'C<gap 17 snap>', 'C:NOOP']);
  });

  test('more octets out of order than are held: the hole is given up', () => {
    const { heard, connection } = play(
      (wire) => {
        wire.handshake().client(DATA, { text: 'hole', lost: true });
        for (let i = 0; i < 10; i++) wire.client(DATA, { text: 'y'.repeat(1_000) });
        wire.client(DATA, { seq: 1, text: 'hole' });
      },
      { heldOctetsPerDirection: 5_000 },
    );
    expect(heard.gaps).toEqual([{ side: 0, length: 4, kind: 'budget' }]);
    expect(heard.text(0)).toBe('y'.repeat(10_000));
    expect(connection.caveats).toHaveLength(1);
  });

  test('in a capture of one direction nothing is missing', () => {
    const { heard, connection } = play((wire) => {
      const lost = { lost: true };
      wire
        .client(TCP_SYN)
        .server(TCP_SYN | TCP_ACK, lost)
        .client(TCP_ACK)
        .answers('220 hi', lost)
        .says('EHLO a')
        .answers('250 ok', lost)
        .says('QUIT');
      wire
        .answers('221 bye', lost)
        .server(TCP_FIN | TCP_ACK, lost)
        .client(TCP_FIN | TCP_ACK);
    });
    expect(heard.events).toEqual(['C:EHLO a', 'C:QUIT', 'C<fin>']);
    expect(connection).toMatchObject({ gaps: [], bothDirections: false, connState: 'SH', history: 'SADF' });
  });
});

function openNowhere(wire: Wire): void {
  wire.next[0] = 500;
  wire.next[1] = 900;
  wire.server(TCP_ACK).answers('220 hi').says('EHLO a');
}

describe('mid-stream', () => {
  test('the port tells who opened', () => {
    const { connection, heard } = play((wire) => {
      wire.next[0] = 500;
      wire.next[1] = 900;
      wire.answers('250 ok').says('RCPT TO:<a@b>');
    });
    expect(connection).toMatchObject({ sawSyn: false, originator: { port: 40_000, isn: null }, responder: { port: 25 } });
    expect(heard.events).toEqual(['S:250 ok', 'C:RCPT TO:<a@b>']);
    expect(connection.segments.at(0)).toMatchObject({ side: 1, seq: 1, ack: 1 });
    expect(connection.history).toBe('^dD');
    expect(connection.connState).toBe('OTH');
  });

  test('where no port tells, who answers with a code is the responder', () => {
    const { connection } = play(openNowhere, {}, { server: { port: 3_025 } });
    expect(connection).toMatchObject({ originator: { port: 40_000 }, responder: { port: 3_025 } });
    expect(connection.segments.at(0)).toMatchObject({ side: 1 });
  });

  test('a SYN/ACK alone tells it too', () => {
    const { connection } = play(
      (wire) =>
        wire
          .client(TCP_SYN, { lost: true })
          .server(TCP_SYN | TCP_ACK)
          .client(TCP_ACK),
      {},
      { server: { port: 3_025 } },
    );
    expect(connection).toMatchObject({ sawSyn: true, originator: { port: 40_000 } });
    expect(connection.history).toBe('^hA');
  });
});

describe('RST', () => {
  test.each([
    ['exactly where the receiver waits', 9, SegmentNote.rstExact],
    ['inside the window', 10, SegmentNote.rstInWindow],
    ['behind', 8, SegmentNote.rstOutside],
    ['far ahead', 9 + 500 * 128, SegmentNote.rstOutside],
  ])('%s', (_, seq, note) => {
    const { connection } = play((wire) => wire.handshake().answers('220 hi').says('EHLO a').client(TCP_RST, { seq }));
    expect(connection.segments.at(5).notes).toBe(note);
    expect(connection.originator.rsts).toEqual([5]);
  });

  test('a refused connection: the answer acknowledges the SYN', () => {
    const { connection } = play((wire) => wire.client(TCP_SYN).server(TCP_RST | TCP_ACK, { seq: -4_000_000_000, ack: 1 }));
    expect(connection).toMatchObject({ connState: 'REJ', history: 'Sr' });
    expect(connection.segments.at(1).notes).toBe(SegmentNote.rstExact);
  });

  test('a RST that acknowledges something else refuses nothing', () => {
    const { connection } = play((wire) =>
      wire
        .client(TCP_SYN)
        .server(TCP_RST | TCP_ACK, { ack: 2_000 })
        .server(TCP_SYN | TCP_ACK, { seq: 0 })
        .client(TCP_ACK),
    );
    expect(connection.segments.at(1).notes).toBe(SegmentNote.rstOutside);
    expect(connection.segments.at(3).notes & SegmentNote.afterEnd).toBe(0);
  });

  test('a receiver that still asks for older octets waits for those, whatever passed the capture', () => {
    const { connection } = play((wire) =>
      wire.handshake().says('one').says('two').server(TCP_ACK, { ack: 6 }).client(TCP_RST, { seq: 6 }).client(TCP_RST, { seq: 11 }),
    );
    expect(connection.segments.at(6).notes & SegmentNote.rstExact).toBeTruthy();
    expect(connection.segments.at(7).notes & SegmentNote.rstInWindow).toBeTruthy();
  });

  test('one that lost the race against octets not acknowledged yet has no effect', () => {
    const { connection } = play((wire) => wire.handshake().says('one').server(TCP_ACK).says('two').client(TCP_RST, { seq: 6 }));
    expect(connection.segments.at(6).notes).toBe(SegmentNote.rstOutside);
  });

  test('one that stands too early in the file is judged by its time', () => {
    const { heard, connection } = play((wire) =>
      wire
        .handshake()
        .answers('220 hi')
        .client(TCP_RST | TCP_ACK, { seq: 9 })
        .client(DATA, { seq: 1, text: 'EHLO a\r\n', afterUs: -400 }),
    );
    expect(heard.events).toEqual(['S:220 hi', 'C:EHLO a']);
    expect(connection.segments.at(4).notes).toBe(SegmentNote.rstExact);
  });

  test('a challenge ACK answers a RST that is not exact', () => {
    const { connection } = play((wire) => wire.handshake().answers('220 hi').client(TCP_RST, { seq: 30 }).server(TCP_ACK).says('EHLO a'));
    expect(connection.segments.at(5).notes).toBe(SegmentNote.challengeAck);
    expect(connection.segments.at(6).notes).toBe(0);
  });

  test('what a sender says behind its own exact RST reaches nobody', () => {
    const { heard, connection } = play((wire) => wire.handshake().answers('220 hi').client(TCP_RST, { seq: 1 }).says('EHLO a').server(TCP_RST, { seq: 9 }));
    expect(heard.events).toEqual(['S:220 hi']);
    expect(connection.segments.at(5).notes).toBe(SegmentNote.afterEnd);
    expect(connection.caveats).toHaveLength(1);
  });

  test('unless the receiver acknowledges it: then the RST had no effect', () => {
    const { heard } = play((wire) =>
      wire.handshake().answers('220 hi').client(TCP_RST, { seq: 1 }).says('EHLO a').answers('250 ok').says('QUIT').answers('221 bye'),
    );
    expect(heard.events).toEqual(['S:220 hi', 'C:EHLO a', 'S:250 ok', 'C:QUIT', 'S:221 bye']);
  });

  test('the answer to a segment that crossed the FIN carries the number of the FIN', () => {
    const { connection } = play((wire) =>
      wire
        .handshake()
        .says('DATA')
        .client(TCP_FIN | TCP_ACK)
        .server(TCP_PSH | TCP_ACK, { ack: 7, text: '354 go\r\n' })
        .client(TCP_RST, { seq: 7 }),
    );
    expect(connection.segments.at(6).notes).toBe(SegmentNote.rstExact);
    expect(connection).toMatchObject({ connState: 'RSTO', history: 'ShADFdR' });
  });
});

describe('FIN', () => {
  test('counts by its number: one that overtakes data waits for it', () => {
    const { heard, connection } = play((wire) =>
      wire
        .handshake()
        .client(TCP_FIN | TCP_ACK, { seq: 7 })
        .client(DATA, { seq: 1, text: 'QUIT\r\n' }),
    );
    expect(heard.events).toEqual(['C:QUIT', 'C<fin>']);
    expect(connection.originator.fin).toMatchObject({ seq: 7, segment: 3, inOrder: true });
  });

  test('half-close: the other side goes on talking', () => {
    const { heard, connection } = play((wire) =>
      wire
        .handshake()
        .client(TCP_FIN | TCP_ACK)
        .answers('250 ok')
        .client(TCP_ACK)
        .answers('221 bye'),
    );
    expect(heard.events).toEqual(['C<fin>', 'S:250 ok', 'S:221 bye']);
    expect(connection.connState).toBe('S2');
  });

  test('simultaneous close', () => {
    const { connection } = play((wire) =>
      wire
        .handshake()
        .client(TCP_FIN | TCP_ACK, { ack: 1 })
        .server(TCP_FIN | TCP_ACK, { ack: 1 })
        .client(TCP_ACK)
        .server(TCP_ACK),
    );
    expect(connection).toMatchObject({ connState: 'SF', originator: { fin: { inOrder: true } }, responder: { fin: { inOrder: true } } });
  });

  test('simultaneous open', () => {
    const { connection, heard } = play((wire) =>
      wire
        .client(TCP_SYN)
        .server(TCP_SYN)
        .client(TCP_SYN | TCP_ACK, { seq: 0 })
        .server(TCP_SYN | TCP_ACK, { seq: 0 })
        .answers('220 hi'),
    );
    expect(connection.originator.port).toBe(40_000);
    expect(heard.text(1)).toBe('220 hi\r\n');
  });

  test('octets behind a FIN are no part of the stream, but evidence', () => {
    const { heard, connection } = play((wire) =>
      wire
        .handshake()
        .client(TCP_FIN | TCP_ACK)
        .says('late'),
    );
    expect(heard.events).toEqual(['C<fin>']);
    expect(connection.segments.at(4).length).toBe(6);
  });
});

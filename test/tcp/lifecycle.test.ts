import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, type IcmpError } from '../../src/model/packet.ts';
import { SegmentNote } from '../../src/model/tcp.ts';
import { Clock, listen, play, timestamps, Wire } from '../support/segments.ts';

const MINUTE_US = 60_000_000;

describe('when a connection is sealed', () => {
  test('after its end and two silent minutes of packet time, told by the packets of others', () => {
    const { tracker, sealed } = listen();
    const clock = new Clock();
    const one = new Wire(tracker, {}, {}, clock);
    const other = new Wire(tracker, { port: 41_000 }, {}, clock);
    one.handshake().close();
    other.handshake().wait(MINUTE_US).says('NOOP');
    expect(sealed).toHaveLength(0);
    one.client(TCP_RST, { seq: 2 });
    other
      .wait(1.5 * MINUTE_US)
      .says('NOOP')
      .says('NOOP');
    expect(sealed).toHaveLength(0);
    other.wait(MINUTE_US).says('NOOP').says('NOOP');
    expect(sealed.map(({ connection }) => connection.stream)).toEqual([0]);
    expect(sealed[0]?.connection.segments.at(6).notes).toBe(SegmentNote.rstExact | SegmentNote.afterEnd);
  });

  test('silence alone never ends it', () => {
    const result = play((wire) =>
      wire
        .handshake()
        .says('DATA')
        .wait(48 * 60 * MINUTE_US)
        .says('QUIT'),
    );
    expect(result.connections).toHaveLength(1);
    expect(result.heard.text(0)).toBe('DATA\r\nQUIT\r\n');
  });

  test('one packet with a wild time stamp does not seal what lingers', () => {
    const { tracker, sealed } = listen();
    const clock = new Clock();
    const one = new Wire(tracker, {}, {}, clock);
    const other = new Wire(tracker, { port: 41_000 }, {}, clock);
    one.handshake().close();
    other.wait(1e12).client(TCP_SYN).wait(-1e12).client(TCP_SYN, { seq: 0 });
    one.client(TCP_ACK);
    expect(sealed).toHaveLength(0);
  });

  test('what comes between its end and that is logged behind what came before, whatever it is', () => {
    const closed = (wire: Wire) => wire.handshake().says('EHLO a').answers('250 b').says('QUIT').close();
    const late = fc.record({
      from: fc.constantFrom('client', 'server'),
      flags: fc.constantFrom(TCP_ACK, TCP_RST, TCP_RST | TCP_ACK, TCP_FIN | TCP_ACK, TCP_PSH | TCP_ACK),
      seq: fc.integer({ min: 0, max: 40 }),
      ack: fc.integer({ min: 0, max: 40 }),
      text: fc.constantFrom('', 'QUIT\r\n', 'x'),
      ipId: fc.constantFrom(0, 9_000, 9_001),
    });
    const before = [...play(closed).connection.segments];
    fc.assert(
      fc.property(fc.array(late, { minLength: 1, maxLength: 6 }), (stragglers) => {
        const { connection, connections, heard } = play((wire) => {
          closed(wire);
          for (const { from, flags, ...fields } of stragglers) wire[from](flags, fields);
        });
        const segments = [...connection.segments];
        expect(segments.slice(0, before.length)).toEqual(before);
        expect(segments.length + connection.duplicateFrames).toBe(before.length + stragglers.length);
        expect(segments.slice(before.length).every(({ notes }) => notes & SegmentNote.afterEnd)).toBe(true);
        expect(segments.every(({ index, packet }) => index === 0 || packet > (segments[index - 1]?.packet ?? 0))).toBe(true);
        expect(connections).toHaveLength(1);
        expect(heard.text(0)).toBe('EHLO a\r\nQUIT\r\n');
      }),
      { numRuns: 200 },
    );
  });

  test('a late packet after that opens a connection of its own', () => {
    const { tracker, sealed } = listen();
    const clock = new Clock();
    const one = new Wire(tracker, {}, {}, clock);
    const other = new Wire(tracker, { port: 41_000 }, {}, clock);
    one.handshake().close();
    other
      .handshake()
      .wait(3 * MINUTE_US)
      .says('NOOP')
      .says('NOOP');
    one.client(TCP_RST, { seq: 2 });
    tracker.finish();
    expect(
      sealed
        .map(({ connection }) => connection)
        .toSorted((a, b) => a.stream - b.stream)
        .map(({ stream, sawSyn }) => [stream, sawSyn]),
    ).toEqual([
      [0, true],
      [1, true],
      [2, false],
    ]);
  });
});

describe('the same addresses and ports again', () => {
  test('a new SYN after the end is a new connection', () => {
    const { tracker, sealed } = listen();
    const clock = new Clock();
    new Wire(tracker, {}, {}, clock).handshake().says('one').close();
    new Wire(tracker, { isn: 77 }, { isn: 99 }, clock).handshake().says('two');
    tracker.finish();
    expect(sealed.map(({ connection, heard }) => [connection.stream, heard.text(0)])).toEqual([
      [0, 'one\r\n'],
      [1, 'two\r\n'],
    ]);
  });

  test('so is one far beyond a connection that never ended', () => {
    const { tracker, sealed } = listen();
    const clock = new Clock();
    new Wire(tracker, {}, {}, clock).handshake().says('one');
    new Wire(tracker, { isn: 900_000_000 }, { isn: 99 }, clock).handshake().says('two');
    tracker.finish();
    expect(sealed.map(({ heard }) => heard.text(0))).toEqual(['one\r\n', 'two\r\n']);
  });

  test('not while the other end still holds the old one: it challenges the SYN, and the answer resets what was', () => {
    const { tracker, sealed } = listen();
    const clock = new Clock();
    const old = new Wire(tracker, {}, {}, clock).handshake().says('one');
    const restarted = new Wire(tracker, { isn: 900_000_000 }, { isn: 99 }, clock).client(TCP_SYN);
    old.server(TCP_ACK).client(TCP_RST);
    restarted.client(TCP_SYN, { seq: 0 }).server(TCP_SYN | TCP_ACK);
    tracker.finish();
    const [first, second] = sealed.map(({ connection }) => connection);
    expect(sealed).toHaveLength(2);
    expect(first?.segments).toHaveLength(7);
    expect([first?.segments.at(5).notes, first?.segments.at(6).notes]).toEqual([SegmentNote.challengeAck, SegmentNote.rstExact]);
    expect(second).toMatchObject({ history: 'Sh' });
  });

  test('a SYN that nothing follows, or that is repeated, is a connection of its own', () => {
    for (const more of [0, 1]) {
      const { tracker, sealed } = listen();
      const clock = new Clock();
      new Wire(tracker, {}, {}, clock).handshake().says('one');
      const again = new Wire(tracker, { isn: 900_000_000 }, {}, clock).client(TCP_SYN);
      if (more > 0) again.client(TCP_SYN, { seq: 0 });
      tracker.finish();
      expect(sealed.map(({ connection }) => [connection.stream, connection.connState, connection.segments.length])).toEqual([
        [0, 'S1', 4],
        [1, 'S0', 1 + more],
      ]);
    }
  });

  test('a SYN inside the window of a living connection changes nothing', () => {
    const { connections, connection } = play((wire) => wire.handshake().client(TCP_SYN, { seq: 40 }).server(TCP_ACK, { ack: 1 }));
    expect(connections).toHaveLength(1);
    expect(connection.segments.at(4).notes).toBe(SegmentNote.challengeAck);
  });

  test('another attempt after silence is another connection, whoever else is open meanwhile', () => {
    const { tracker, sealed } = listen();
    const clock = new Clock();
    new Wire(tracker, {}, {}, clock).client(TCP_SYN);
    new Wire(tracker, { isn: 5 }, {}, clock).client(TCP_SYN);
    tracker.finish();
    expect(sealed.map(({ connection }) => connection.connState)).toEqual(['S0', 'S0']);
  });

  test('a refusal that stands before its SYN in the file belongs to it', () => {
    const { connections } = play((wire) => wire.server(TCP_RST | TCP_ACK, { seq: -4_000_000_000, ack: 1 }).client(TCP_SYN, { seq: 0 }));
    expect(connections).toHaveLength(1);
  });
});

const mirror = (gapUs: number, ttl = 52) =>
  play((wire) => {
    wire.client(TCP_SYN, { ipId: 9 }).client(TCP_SYN, { seq: 0, ipId: 9, afterUs: gapUs, ttl });
    wire.server(TCP_SYN | TCP_ACK, { ipId: 1 }).server(TCP_SYN | TCP_ACK, { seq: 0, ipId: 1, afterUs: gapUs, ttl });
  });

describe('copies of frames', () => {
  test('a mirror port, a tagged copy, a copy behind a router', () => {
    expect(mirror(3).connection).toMatchObject({ duplicateFrames: 2, history: 'Sh' });
    expect(mirror(3).connection.segments).toHaveLength(2);
    expect(mirror(900, 51).connection.duplicateFrames).toBe(2);
  });

  test('a SYN/ACK without a number, behind the ACK that answers it', () => {
    const { connection } = play((wire) =>
      wire
        .client(TCP_SYN)
        .server(TCP_SYN | TCP_ACK, { ipId: 0 })
        .client(TCP_ACK, { afterUs: 20 })
        .server(TCP_SYN | TCP_ACK, { ipId: 0, seq: 0, afterUs: 700 }),
    );
    expect(connection).toMatchObject({ duplicateFrames: 1, originatorRttUs: 20 });
  });

  test('a burst and then its copies', () => {
    const { connection, heard } = play((wire) => {
      wire.handshake();
      for (let i = 0; i < 8; i++) wire.client(TCP_ACK, { seq: 1 + i * 4, text: `ab${i}\n`, ipId: 500 + i, afterUs: 10 });
      for (let i = 0; i < 8; i++) wire.client(TCP_ACK, { seq: 1 + i * 4, text: `ab${i}\n`, ipId: 500 + i, afterUs: 10 });
    });
    expect(connection.duplicateFrames).toBe(8);
    expect(heard.octetsOf[0]).toHaveLength(32);
  });

  test('a fast retransmission is none: the host numbers it anew', () => {
    const { connection } = play((wire) =>
      wire
        .handshake()
        .says('NOOP')
        .client(TCP_PSH | TCP_ACK, { seq: 1, text: 'NOOP\r\n', afterUs: 200 }),
    );
    expect(connection.duplicateFrames).toBe(0);
    expect(connection.segments.at(4).notes).toBe(SegmentNote.retransmission);
  });

  test('bare resets without a number are many answers, not copies', () => {
    const { connection } = play((wire) =>
      wire.handshake().client(TCP_RST, { seq: 1, ipId: 0 }).client(TCP_RST, { seq: 1, ipId: 0, afterUs: 40 }).client(TCP_RST, { seq: 1, ipId: 0, afterUs: 40 }),
    );
    expect(connection.originator.rsts).toHaveLength(3);
  });

  test('not even in the same microsecond, as long as each has a segment that it answers', () => {
    const { connection } = play((wire) => {
      wire.handshake().answers('220 hi');
      for (let i = 0; i < 3; i++) wire.says('body', { afterUs: 0 });
      for (let i = 0; i < 4; i++) wire.server(TCP_RST, { ipId: 0, afterUs: 0 });
    });
    expect(connection.responder.rsts).toHaveLength(3);
    expect(connection.duplicateFrames).toBe(1);
  });

  test('unless everything of that side comes twice', () => {
    const { connection } = play((wire) => {
      const twice = (flags: number, fields: object) => wire.client(flags, { afterUs: 900, ...fields }).client(flags, { ...fields, afterUs: 40 });
      twice(TCP_SYN, { ipId: 1, seq: 0 });
      wire.server(TCP_SYN | TCP_ACK);
      twice(TCP_ACK, { ipId: 2, seq: 1 });
      twice(TCP_RST, { ipId: 0, seq: 1 });
    });
    expect(connection.originator.rsts).toHaveLength(1);
    expect(connection.duplicateFrames).toBe(3);
  });

  test('in IPv6 a repetition is one when it comes at once', () => {
    const v6 = { client: { ip: '2001:db8::7' }, server: { ip: '2001:db8::25' } };
    const story = (us: number) =>
      play(
        (wire) =>
          wire
            .handshake()
            .says('NOOP')
            .client(TCP_PSH | TCP_ACK, { seq: 1, text: 'NOOP\r\n', afterUs: us }),
        {},
        v6,
      );
    expect(story(60).connection.duplicateFrames).toBe(1);
    expect(story(11_000).connection.segments.at(4).notes).toBe(SegmentNote.retransmission);
  });
});

const quote = (over: Partial<IcmpError['quoted']>): IcmpError => ({
  input: 0,
  packet: 9,
  atUs: 1,
  fromIp: '203.0.113.1',
  toIp: '192.0.2.25',
  ttl: 60,
  family: 4,
  type: 3,
  code: 13,
  mtu: null,
  quoted: { srcIp: '192.0.2.25', srcPort: 25, dstIp: '198.51.100.7', dstPort: 40_000, seq: 1, ...over },
});

describe('ICMP', () => {
  test('an error that quotes the connection is kept with it, whichever direction it quotes', () => {
    const { tracker, sealed } = listen();
    new Wire(tracker).handshake();
    tracker.icmp(quote({}));
    tracker.icmp(quote({ srcIp: '198.51.100.7', srcPort: 40_000, dstIp: '192.0.2.25', dstPort: 25 }));
    tracker.icmp(quote({ dstPort: 40_001 }));
    tracker.icmp(quote({ srcIp: 'nonsense' }));
    tracker.finish();
    expect(sealed[0]?.connection.icmp).toHaveLength(2);
  });
});

describe('budgets', () => {
  test('a long connection keeps its beginning, its end and what matters', () => {
    const { connection } = play(
      (wire) => {
        wire.handshake();
        for (let i = 0; i < 200; i++) wire.says('x');
        wire.client(TCP_PSH | TCP_ACK, { seq: 1, text: 'x\r\n' });
        for (let i = 0; i < 200; i++) wire.says('x');
        wire.client(TCP_FIN | TCP_ACK);
      },
      { segmentRows: 50, recentRows: 20, importantRows: 100 },
    );
    const { segments } = connection;
    expect(segments.dropped).toBe(405 - segments.length);
    expect(segments.length).toBe(71);
    expect(Array.from(segments).filter(({ notes }) => notes & SegmentNote.retransmission)).toHaveLength(1);
    expect(connection.originator.fin?.segment).toBe(segments.length - 1);
    expect(segments.at(segments.length - 1).flags & TCP_FIN).toBeTruthy();
    expect(Array.from(segments, ({ packet }) => packet)).toEqual(Array.from(segments, ({ packet }) => packet).toSorted((a, b) => a - b));
    expect(connection.caveats).toHaveLength(1);
  });

  test('a flood of SYNs gives up the oldest attempts, never an answered connection', () => {
    const { tracker, sealed } = listen({ openConnections: 100 });
    const clock = new Clock();
    const answered = new Wire(tracker, { port: 1 }, {}, clock).handshake();
    for (let port = 1_000; port < 3_000; port++) new Wire(tracker, { port }, {}, clock).client(TCP_SYN);
    answered.says('EHLO a');
    expect(sealed).toHaveLength(1_901);
    expect(sealed[0]?.connection.caveats[0]).toContain('sealed early');
    tracker.finish();
    const first = sealed.find(({ connection }) => connection.stream === 0);
    expect(first?.heard.text(0)).toBe('EHLO a\r\n');
    expect(sealed).toHaveLength(2_001);
  });

  test('attempts of one SYN are only counted where that is wanted; those that said more are told of', () => {
    let told = 0;
    let counted = 0;
    const options = { countAttempt: () => told >= 10 && ++counted > 0, onConnection: () => told++ };
    const { tracker, sealed } = listen({ openConnections: 50 }, [25], options);
    const clock = new Clock();
    for (let port = 1_000; port < 1_200; port++) new Wire(tracker, { port }, {}, clock).client(TCP_SYN);
    const answered = new Wire(tracker, { port: 1_200 }, {}, clock).handshake();
    const refused = new Wire(tracker, { port: 1_201 }, {}, clock).client(TCP_SYN).server(TCP_RST | TCP_ACK);
    answered.says('EHLO a');
    refused.client(TCP_SYN, { afterUs: 1_000 });
    tracker.finish();
    expect(told + counted).toBe(203);
    expect(sealed.map(({ connection }) => connection.connState).filter((state) => state !== 'S0')).toEqual(expect.arrayContaining(['REJ', 'S1']));
  });
});

test('round trips are taken from the repetition that the time stamps name', () => {
  const { connection } = play((wire) =>
    wire
      .client(TCP_SYN, { options: timestamps(100, 0) })
      .client(TCP_SYN, { seq: 0, options: timestamps(1_100, 0), afterUs: 1_000_000 })
      .server(TCP_SYN | TCP_ACK, { options: timestamps(7, 1_100), afterUs: 30_000 })
      .client(TCP_ACK, { options: timestamps(1_105, 7), afterUs: 20 }),
  );
  expect(connection).toMatchObject({ responderRttUs: 30_000, originatorRttUs: 20 });
});

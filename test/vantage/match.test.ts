import { describe, expect, test } from 'vitest';
import { clockBetween, matchVantages, offsetBetween } from '../../src/vantage/index.ts';
import { timestamps, synOptions, type Wire } from '../support/segments.ts';
import { envelope, greet, record } from '../support/trial.ts';
import { travel } from './path.ts';

const stamped = (wire: Wire) =>
  wire
    .client(2, { options: [...synOptions(), ...timestamps(4711, 0)] })
    .server(0x12)
    .client(0x10)
    .answers('220 esa')
    .client(0x10);

describe('connections at two points', () => {
  test('are joined by their initial numbers through address translation', () => {
    const seen = travel(envelope, { translated: { ip: '203.0.113.4', port: 9 } });
    const [match] = matchVantages(seen.right.captured ? [seen.right.captured] : [], seen.left.captured ? [seen.left.captured] : []);
    expect(match?.basis).toBe('sequence numbers');
  });

  test('are joined by their addresses where a box randomises numbers', () => {
    const seen = travel(envelope, { shift: { client: 5, server: 6 } });
    const [match] = matchVantages(seen.right.captured ? [seen.right.captured] : [], seen.left.captured ? [seen.left.captured] : []);
    expect(match?.basis).toBe('addresses');
  });

  test('are joined by the first packet where a box does both', () => {
    const seen = travel(stamped, { translated: { ip: '203.0.113.4', port: 9 }, shift: { client: 5, server: 6 } });
    const [match] = matchVantages(seen.right.captured ? [seen.right.captured] : [], seen.left.captured ? [seen.left.captured] : []);
    expect(match?.basis).toBe('first packet');
  });

  test('are joined by their words through a proxy', () => {
    const here = record([envelope], { client: { ip: '203.0.113.5', port: 50_000, isn: 77 } }).sessions;
    const there = record([(wire) => envelope(wire.wait(1_000_000))], { server: { isn: 3 } }).sessions;
    expect(matchVantages(here, there).map(({ basis }) => basis)).toEqual(['words']);
  });

  test('stay apart where several fit equally well', () => {
    const here = record([envelope, envelope], { client: { ip: '203.0.113.5', isn: 77 } }).sessions;
    const there = record([envelope], { client: { isn: 78 } }).sessions;
    expect(matchVantages(here, there)).toEqual([]);
  });

  test('a port that is used again is told by time where the other capture saw only one of the two', () => {
    const again = (wire: Wire) => greet(wire);
    const here = record([envelope, (wire) => again(wire.wait(60_000_000))], {}).sessions.map((session) => session);
    expect(here).toHaveLength(2);
    const there = record([envelope], {}).sessions;
    const [match] = matchVantages(here, there);
    expect(match?.here.connection.firstUs).toBe(here[0]?.connection.firstUs);
  });
});

describe('the clocks of two points', () => {
  test('are compared by packets in both directions', () => {
    const { left, right } = travel(envelope, { clockUs: 2_500_000, delayUs: 400 });
    if (!left.captured || !right.captured) throw new Error('both points saw it');
    const clock = clockBetween([{ here: right.captured, there: left.captured, basis: 'addresses' }]);
    expect(Math.abs((clock?.offsetUs ?? 0) - 2_500_000)).toBeLessThanOrEqual(400);
    expect(clock?.uncertaintyUs).toBeLessThanOrEqual(400);
    expect(offsetBetween([])).toBe(0);
  });
});

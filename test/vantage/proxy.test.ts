import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST } from '../../src/model/packet.ts';
import type { Point } from '../../src/vantage/index.ts';
import { listFindings } from '../../src/vantage/findings.ts';
import { interferenceOf } from '../../src/vantage/interference.ts';
import { buildLeg } from '../../src/vantage/leg.ts';
import { type EndFields, type SegmentFields, Wire } from '../support/segments.ts';
import { recordPoint } from './path.ts';

const NAMES = { client: 'the client', server: 'the appliance' };
const START_US = 1_700_000_000_000_000;

/** A connection told with the time of each packet, so that two of them can be set beside each other. */
class TimedWire extends Wire {
  #ids = this.ends[0].isn % 50_000;

  at(ms: number, side: 'client' | 'server', flags: number, fields: SegmentFields = {}): this {
    this.clock.atUs = START_US + ms * 1000;
    return this[side](flags, { ipId: this.#ids++, ...fields, afterUs: 0 });
  }
  line(ms: number, side: 'client' | 'server', text: string): this {
    return this.at(ms, side, TCP_PSH | TCP_ACK, { text: `${text}\r\n` });
  }
}

function pointOf(name: string, story: (wire: TimedWire) => unknown, client: Partial<EndFields>, server: Partial<EndFields>): Point {
  return recordPoint(name, (sink) => story(new TimedWire(sink, client, server)));
}

/** What the client says and hears at the left; the proxy opens its own connection 5 ms later and passes words on within 0.4 ms. */
function meeting(wire: TimedWire, opens: number, toServer: number, toClient: number): TimedWire {
  wire
    .at(opens, 'client', 2, { options: [2, 4, 5, 180] })
    .at(opens + 0.1, 'server', 0x12, { options: [2, 4, 5, 180] })
    .at(opens + 0.2, 'client', TCP_ACK);
  wire
    .line(20 + toClient, 'server', '220 esa.example.com ESMTP')
    .line(30 + toServer, 'client', 'EHLO mail.example.org')
    .line(40 + toClient, 'server', '250 esa.example.com');
  return wire
    .line(50 + toServer, 'client', 'MAIL FROM:<a@example.org>')
    .line(60 + toClient, 'server', '250 ok')
    .line(70 + toServer, 'client', 'RCPT TO:<b@example.com>')
    .line(80 + toClient, 'server', '250 ok');
}

const LEFT = { isn: 111, ttl: 128 };
const RIGHT = { isn: 999_999, ttl: 63, ip: '203.0.113.5', port: 50_000 };

describe('a proxy between two points', () => {
  test('is known by its own handshake, and its words, FIN and RST by nobody having said them', () => {
    const left = pointOf(
      'client',
      (wire) =>
        meeting(wire, 0, 0, 0.4)
          .line(90, 'client', 'DATA')
          .line(95, 'server', '554 5.7.1 not here')
          .at(96, 'server', TCP_RST | TCP_ACK)
          .at(97, 'client', TCP_RST),
      LEFT,
      { isn: 7 },
    );
    const right = pointOf(
      'appliance',
      (wire) =>
        meeting(wire, 5, 0.4, 0)
          .at(95.5, 'client', TCP_FIN | TCP_ACK)
          .at(95.6, 'server', TCP_FIN | TCP_ACK)
          .at(95.7, 'client', TCP_ACK),
      RIGHT,
      { isn: 8 },
    );
    const leg = buildLeg(left, right, null);
    expect(leg.mode).toBe('proxy');
    expect(leg.proxyReasons[0]).toContain('the client had its SYN/ACK before');
    const told = listFindings(leg, NAMES).map(({ kind, sender, octets }) => [kind, sender, octets?.left ?? octets?.right ?? ''].join(' ').trim());
    expect(told).toContain('answered server 554 5.7.1 not here');
    expect(told).toContain('injected client');
    expect(told).toContain('injected server');
    expect(told).toContain('swallowed client');
    expect(interferenceOf(leg, NAMES).map(({ kind }) => kind)).toEqual(['proxy']);
  });

  test('that passes everything on has made nothing', () => {
    const farewell = (wire: TimedWire, toServer: number, toClient: number) =>
      wire
        .at(90 + toServer, 'client', TCP_FIN | TCP_ACK)
        .at(91 + toClient, 'server', TCP_FIN | TCP_ACK)
        .at(92 + toServer, 'client', TCP_ACK);
    const left = pointOf('client', (wire) => farewell(meeting(wire, 0, 0, 0.4), 0, 0.4), LEFT, { isn: 7 });
    const right = pointOf('appliance', (wire) => farewell(meeting(wire, 5, 0.4, 0), 0.4, 0), RIGHT, { isn: 8 });
    const leg = buildLeg(left, right, null);
    expect(leg.mode).toBe('proxy');
    expect(listFindings(leg, NAMES).map(({ kind }) => kind)).toEqual(['answered']);
  });

  test('a box that answers the SYN alone and then steps aside is told as such', () => {
    const words = (wire: TimedWire, toServer: number, toClient: number) =>
      wire
        .line(20 + toClient, 'server', '220 esa')
        .line(30 + toServer, 'client', 'QUIT')
        .line(40 + toClient, 'server', '221 bye');
    const open = (wire: TimedWire, at: number) =>
      wire
        .at(at, 'client', 2, { ipId: 1 })
        .at(at + 0.1, 'server', 0x12, { ipId: 0 })
        .at(at + 0.2, 'client', TCP_ACK, { ipId: 2 });
    const left = pointOf('client', (wire) => words(open(wire, 0), 0, 0.4), { isn: 5 }, { isn: 7 });
    const right = pointOf('appliance', (wire) => words(open(wire, 5), 0.4, 0), { isn: 5 }, { isn: 80 });
    const leg = buildLeg(left, right, null);
    expect(listFindings(leg, NAMES).some(({ kind, statement }) => kind === 'answered' && statement.includes('handshake'))).toBe(true);
  });
});

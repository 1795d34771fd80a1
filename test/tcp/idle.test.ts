import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PacketSink, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../../src/model/packet.ts';
import { type TcpBudget, trackConnections } from '../../src/tcp/index.ts';
import { BlockStore } from '../../src/vault/index.ts';
import { Heard, Wire } from '../support/segments.ts';

const DATA = TCP_PSH | TCP_ACK;

/** Hears nothing any more once it rests. */
class Resting extends Heard {
  rested = false;

  rest(): boolean {
    this.rested = true;
    return true;
  }

  override octets(...told: Parameters<Heard['octets']>): void {
    expect(this.rested).toBe(false);
    super.octets(...told);
  }

  override gap(...told: Parameters<Heard['gap']>): void {
    expect(this.rested).toBe(false);
    super.gap(...told);
  }

  override fin(...told: Parameters<Heard['fin']>): void {
    expect(this.rested).toBe(false);
    super.fin(...told);
  }
}

/** What came out of a tracker, and how many sinks it opened. */
function track(tell: (wire: Wire, tracker: PacketSink) => void, budget: Partial<TcpBudget>, open: typeof Heard = Resting) {
  const sealed: unknown[] = [];
  let opened = 0;
  const tracker = trackConnections({
    vantage: 'appliance',
    store: new BlockStore(),
    serverPorts: new Uint8Array(65_536).fill(1, 25, 26),
    openStream: (info) => {
      opened++;
      return new open(info);
    },
    onConnection: (connection, stream) => {
      const { events, packets, order, info } = stream as Heard;
      sealed.push({ ...connection, segments: Array.from(connection.segments), events, packets, order, sawSyn: info.sawSyn, originator: info.originatorPort });
    },
    budget,
  });
  tell(new Wire(tracker), tracker);
  tracker.finish();
  return { sealed, opened };
}

const steps = fc.array(
  fc.record({
    side: fc.constantFrom<0 | 1>(0, 1),
    flags: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(TCP_ACK, DATA, DATA) },
      { weight: 1, arbitrary: fc.constantFrom(TCP_SYN, TCP_FIN | TCP_ACK, TCP_RST) },
    ),
    /** Where the segment begins, seen from what comes next: mostly there, or what was sent before, or behind a hole. */
    off: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -30, max: 20 }) }),
    text: fc.string({ maxLength: 30 }),
    cut: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) }),
    ahead: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -5, max: 20 }) }),
    afterUs: fc.constantFrom(3, 1_000, 200_000, 5_000_000, -5_000),
  }),
  { minLength: 3, maxLength: 40 },
);

describe('a connection that says nothing for a while', () => {
  test('is told and sealed as if it had gone on', () => {
    let again = 0;
    fc.assert(
      fc.property(
        steps,
        fc.boolean(),
        fc.constantFrom({}, { recentOctetsPerDirection: 512 }, { segmentRows: 6, recentRows: 4, importantRows: 3 }),
        (told, whole, budget) => {
          const tell = (wire: Wire, tracker: PacketSink): void => {
            // That somebody says nothing is told by those who do.
            const other = new Wire(tracker, { port: 50_000 }, {}, wire.clock);
            if (whole) wire.handshake();
            for (const { side, flags, off, text, cut, ahead, afterUs } of told) {
              wire.wait(afterUs);
              other.client(TCP_ACK).client(TCP_ACK);
              const seq = wire.next[side] + off;
              const ack = wire.next[side === 0 ? 1 : 0] + ahead;
              wire[side === 0 ? 'client' : 'server'](flags, { seq, ack, text, captured: Math.max(0, text.length - cut) });
            }
          };
          const restless = track(tell, { ...budget, idleUs: 100_000 });
          const known = track(tell, budget, Heard);
          expect(restless.sealed).toEqual(known.sealed);
          again += restless.opened - known.opened;
        },
      ),
      { numRuns: 500 },
    );
    expect(again).toBeGreaterThan(100);
  });

  test('is told to another stream only when it speaks again', () => {
    const tell = (wire: Wire, tracker: PacketSink, farewell: boolean): void => {
      wire.handshake().answers('220 ready').says('EHLO a').wait(60e6);
      new Wire(tracker, { port: 50_000 }, {}, wire.clock).handshake();
      if (farewell) wire.answers('421 bye');
    };
    expect(track((wire, tracker) => tell(wire, tracker, false), {}).opened).toBe(2);
    expect(track((wire, tracker) => tell(wire, tracker, true), {}).opened).toBe(3);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_PSH, TCP_RST } from '../../src/model/packet.ts';
import { type Leg, buildLeg } from '../../src/vantage/leg.ts';
import { listFindings } from '../../src/vantage/findings.ts';
import { compareSession } from '../../src/vantage/index.ts';
import { interferenceOf } from '../../src/vantage/interference.ts';
import { describeTransformation } from '../../src/vantage/transformation.ts';
import { envelope, inData, message } from '../support/trial.ts';
import { type Wire, synOptions, timestamps } from '../support/segments.ts';
import { type PathOptions, type Raw, type Seen, joinSegments, travel } from './path.ts';

const NAMES = { client: 'the client', server: 'the appliance' };

function compare(story: (wire: Wire) => unknown, options: PathOptions = {}): { leg: Leg; seen: Seen } {
  const seen = travel(story, options);
  return { leg: buildLeg(seen.left, seen.right, null), seen };
}

/** A message in several segments, QUIT and farewell. */
function conversation(pieces: number): (wire: Wire) => Wire {
  return (wire) => {
    inData(wire);
    for (let i = 0; i < pieces; i++) {
      wire.client(TCP_PSH | TCP_ACK, { text: `line ${i} of the message, with some words to fill it\r\n` });
      if (i % 2 === 1) wire.server(TCP_ACK);
    }
    return wire.says('.').answers('250 ok:  Message 77 accepted').client(TCP_ACK).says('QUIT').answers('221 esa.example.com').close();
  };
}

/** Pairs that share no packet, and packets that both captures hold but that were not matched. */
function faults({ leg, seen }: { leg: Leg; seen: Seen }): string[] {
  const wrong: string[] = [];
  const matched = new Set<number>();
  for (const sender of ['client', 'server'] as const) {
    for (const { left, right } of leg.alignments[sender].matches) {
      const [a, b] = [
        left.flatMap(({ segment }) => seen.ids.left.get(segment.packet) ?? []),
        right.flatMap(({ segment }) => seen.ids.right.get(segment.packet) ?? []),
      ];
      const shared = a.filter((id) => b.includes(id));
      if (shared.length === 0) wrong.push(`${a.join()} taken for ${b.join()}`);
      for (const id of shared) matched.add(id);
    }
  }
  const [left, right] = [new Set([...seen.ids.left.values()].flat()), new Set([...seen.ids.right.values()].flat())];
  for (const id of left) if (right.has(id) && !matched.has(id)) wrong.push(`${id} not matched`);
  return wrong;
}

const pathOptions = fc.record({
  translated: fc.option(fc.constant({ ip: '203.0.113.9', port: 1025 }), { nil: undefined }),
  shift: fc.record({ client: fc.nat(0xffffffff), server: fc.nat(0xffffffff) }),
  rewritesIpIds: fc.boolean(),
  hops: fc.integer({ min: 0, max: 12 }),
  delayUs: fc.integer({ min: 20, max: 900 }),
  clockUs: fc.integer({ min: -3_600_000_000, max: 3_600_000_000 }),
});

function plain<T extends { translated?: unknown }>({ translated, ...rest }: T): Omit<T, 'translated'> & { translated?: { ip: string; port: number } } {
  return translated === undefined ? rest : { ...rest, translated: translated as { ip: string; port: number } };
}

describe('packets at two points are matched', () => {
  test('through any translation, randomised numbers and other clocks', () =>
    fc.assert(
      fc.property(pathOptions, fc.integer({ min: 1, max: 12 }), (options, pieces) => {
        const result = compare(conversation(pieces), plain(options));
        expect(result.leg.mode).toBe('same-packets');
        expect(faults(result)).toEqual([]);
        expect(listFindings(result.leg, NAMES)).toEqual([]);
        const { clock } = result.leg;
        expect(Math.abs((clock?.offsetUs ?? Number.NaN) - options.clockUs)).toBeLessThanOrEqual((clock?.uncertaintyUs ?? 0) + 1);
      }),
      { numRuns: 60 },
    ));

  test('where a card joins segments at either point', () =>
    fc.assert(
      fc.property(pathOptions, fc.integer({ min: 2, max: 4 }), fc.constantFrom('left', 'right'), (options, most, where) => {
        const regroup = (point: 'left' | 'right', list: readonly Raw[]) => (point === where ? joinSegments(list, most) : list);
        const result = compare((wire) => conversation(0)(burst(inDataOnly(wire))), { ...plain(options), regroup });
        expect(faults(result)).toEqual([]);
        expect(listFindings(result.leg, NAMES)).toEqual([]);
      }),
      { numRuns: 40 },
    ));

  test('where both captures lose up to a tenth of their packets, and nothing is invented', () =>
    fc.assert(
      fc.property(pathOptions, fc.integer({ min: 4, max: 12 }), fc.array(fc.nat(9), { minLength: 200, maxLength: 200 }), (options, pieces, dice) => {
        const misses = (point: 'left' | 'right', { id }: Raw) => id > 2 && dice[(id * 2 + (point === 'left' ? 0 : 1)) % dice.length] === 9;
        const result = compare(conversation(pieces), { ...plain(options), misses });
        expect(faults(result)).toEqual([]);
        const sure = listFindings(result.leg, NAMES).filter(({ certainty }) => certainty === 'proven');
        expect(sure).toEqual([]);
      }),
      { numRuns: 400 },
    ));

  test('with packets that the path loses and the sender repeats', () =>
    fc.assert(
      fc.property(pathOptions, fc.integer({ min: 1, max: 3 }), (options, losses) => {
        const dead = new Set<number>();
        const story = (wire: Wire) => {
          inData(wire);
          for (let i = 0; i <= losses; i++) wire.wait(i * 200_000).client(TCP_PSH | TCP_ACK, { seq: wire.next[0] - (i > 0 ? 7 : 0), text: 'hello\r\n' });
          return wire.server(TCP_ACK).says('.').answers('250 ok').client(TCP_ACK).says('QUIT').answers('221 bye').close();
        };
        let copies = 0;
        const meddle = (raw: Raw) => {
          if (raw.payload.length === 7 && raw.from === 'client' && copies++ < losses) {
            dead.add(raw.id);
            return null;
          }
          return raw;
        };
        const result = compare(story, { ...plain(options), meddle });
        expect(faults(result)).toEqual([]);
        expect(listFindings(result.leg, NAMES).filter(({ kind }) => kind !== 'swallowed')).toEqual([]);
        const unmatched = result.leg.alignments.client.onlyLeft.map(({ segment }) => result.seen.ids.left.get(segment.packet)?.[0]);
        expect(unmatched).toEqual([...dead]);
      }),
      { numRuns: 40 },
    ));
});

function inDataOnly(wire: Wire): Wire {
  return envelope(wire).says('RSET').answers('250 reset').client(TCP_ACK);
}

/** Commands in one go, so that neighbours can be joined. */
function burst(wire: Wire): Wire {
  for (let i = 0; i < 6; i++) wire.client(TCP_PSH | TCP_ACK, { text: `NOOP ${i}\r\n` });
  for (let i = 0; i < 6; i++) wire.server(TCP_PSH | TCP_ACK, { text: '250 ok\r\n' });
  return wire.client(TCP_ACK).says('RSET').answers('250 reset').client(TCP_ACK);
}

describe('what a box does', () => {
  const rst = (wire: Pick<Seen, 'left'>, from: Raw['from'], fields: Partial<Raw> = {}): Omit<Raw, 'id'> => {
    const end = wire.left.captured?.connection.lastUs ?? 0;
    return { from, seq: 0, ack: 0, flags: TCP_RST, ttl: 60, ipId: 0, window: 0, options: [], payload: new Uint8Array(0), atUs: end + 500, ...fields };
  };

  test('a RST that it makes is always found, whatever else it changes', () =>
    fc.assert(
      fc.property(pathOptions, fc.constantFrom('left' as const, 'right' as const), fc.boolean(), (options, point, goesOn) => {
        const from = point === 'left' ? 'server' : 'client';
        const story = (wire: Wire) => {
          inData(wire).says('Subject: x').server(TCP_ACK);
          if (goesOn) wire.wait(3_000_000).says('more').server(TCP_ACK).answers('421 timeout');
          return wire;
        };
        const { left } = travel((wire) => inData(wire).says('Subject: x').server(TCP_ACK));
        const seq = ((from === 'client' ? 1_000_000 : 4_000_000_000) + (from === 'client' ? 138 : 181)) >>> 0;
        const seen = travel(story, { ...plain(options), inject: [{ point, raw: rst({ left }, from, { seq }) }] });
        const found = listFindings(buildLeg(seen.left, seen.right, null), NAMES).filter(({ kind }) => kind === 'injected');
        expect(found).toHaveLength(1);
        expect(found[0]?.sender).toBe(from);
        expect(seen.ids[point].get(found[0]?.packets[0]?.number ?? 0)).toEqual([-1]);
        if (goesOn) expect(found[0]?.certainty).toBe('proven');
      }),
      { numRuns: 60 },
    ));

  test('a RST that both captures show is nobody else’s', () => {
    const { leg } = compare((wire) => envelope(wire).reset(0));
    expect(listFindings(leg, NAMES)).toEqual([]);
  });

  test('a genuine RST that looks like one of its sender and is missing from a capture is left open', () => {
    const { leg } = compare((wire) => envelope(wire).reset(0), { misses: (point, raw) => point === 'left' && (raw.flags & TCP_RST) !== 0 });
    expect(listFindings(leg, NAMES).map(({ kind, certainty }) => `${kind} ${certainty}`)).toEqual(['injected open']);
  });

  test('data that never arrives is swallowed, however often it is sent', () => {
    const story = (wire: Wire) => {
      inData(wire);
      const [seq] = wire.next;
      for (let i = 0; i < 4; i++) wire.wait(500_000).client(TCP_PSH | TCP_ACK, { seq, text: 'FORBIDDEN WORD\r\n' });
      return wire.answers('421 timed out', { ack: seq });
    };
    const { leg } = compare(story, { meddle: (raw) => (Buffer.from(raw.payload).includes('FORBIDDEN') ? null : raw) });
    const [finding, ...more] = listFindings(leg, NAMES);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ kind: 'swallowed', certainty: 'proven', sender: 'client' });
    expect(finding?.packets).toHaveLength(4);
  });

  test('words that it overwrites are shown as they were and as they came', () => {
    const meddle = (raw: Raw): Raw => {
      const text = Buffer.from(raw.payload).toString('latin1');
      if (text.startsWith('220 ')) return { ...raw, payload: Buffer.from(`220 ${'*'.repeat(text.length - 6)}\r\n`) };
      if (text.startsWith('EHLO ')) return { ...raw, payload: Buffer.from(`XXXX${text.slice(4)}`) };
      return raw;
    };
    const { leg } = compare(message, { meddle });
    const altered = listFindings(leg, NAMES).filter(({ kind }) => kind === 'altered');
    expect(altered.map(({ sender, octets }) => `${sender}: ${octets?.left?.slice(0, 9)} / ${octets?.right?.slice(0, 9)}`)).toEqual([
      'server: 220 ***** / 220 esa.e',
      'client: EHLO mail / XXXX mail',
    ]);
    expect(interferenceOf(leg, NAMES).map(({ kind }) => kind)).toEqual(['banner-masked', 'command-masked']);
  });

  test('words that change their length shift what follows, and the rest is still matched', () => {
    let removed = 0;
    const meddle = (raw: Raw): Raw => {
      const text = Buffer.from(raw.payload).toString('latin1');
      if (raw.from === 'server') {
        const moved = { ...raw, seq: (raw.seq - removed) >>> 0 };
        if (!text.includes('8BITMIME')) return moved;
        const shorter = text.replace('250-8BITMIME\r\n', '');
        removed = text.length - shorter.length;
        return { ...moved, payload: Buffer.from(shorter) };
      }
      return { ...raw, ack: raw.ack + removed };
    };
    const { leg, seen } = compare(message, { meddle });
    expect(faults({ leg, seen })).toEqual([]);
    expect(listFindings(leg, NAMES).map(({ kind, sender }) => `${kind} ${sender}`)).toEqual(['altered server']);
    expect(interferenceOf(leg, NAMES).map(({ kind }) => kind)).toEqual(['capability-masked']);
  });

  test('STARTTLS that it takes out of the offer is named', () => {
    const story = (wire: Wire) =>
      wire
        .handshake()
        .answers('220 esa')
        .client(TCP_ACK)
        .says('EHLO a')
        .answers('250-esa\r\n250-STARTTLS\r\n250 SIZE 1')
        .client(TCP_ACK)
        .says('QUIT')
        .answers('221 bye')
        .close();
    const meddle = (raw: Raw): Raw => ({ ...raw, payload: Buffer.from(Buffer.from(raw.payload).toString('latin1').replace('STARTTLS', 'XXXXXXXA'), 'latin1') });
    const { leg } = compare(story, { meddle });
    expect(interferenceOf(leg, NAMES).map(({ kind }) => kind)).toEqual(['starttls-stripped']);
  });

  test('credentials never show, though they were changed', () => {
    const story = (wire: Wire) =>
      wire
        .handshake()
        .answers('220 esa')
        .client(TCP_ACK)
        .says('EHLO a')
        .answers('250-esa\r\n250 AUTH PLAIN')
        .client(TCP_ACK)
        .says('AUTH PLAIN AGpvaG4Ac2VjcmV0')
        .answers('235 ok')
        .client(TCP_ACK)
        .says('QUIT')
        .answers('221 bye')
        .close();
    const meddle = (raw: Raw): Raw => ({ ...raw, payload: Buffer.from(Buffer.from(raw.payload).toString('latin1').replace('AGpv', 'AGpw'), 'latin1') });
    const { leg } = compare(story, { meddle });
    const text = JSON.stringify(listFindings(leg, NAMES));
    expect(text).toContain('"altered"');
    expect(text).not.toMatch(/AGp|c2Vjc|secret/);
  });

  test('stripped options, a clamped MSS and randomised numbers are learned', () => {
    const story = (wire: Wire) => {
      wire.client(2, { options: [...synOptions(), ...timestamps(5, 0)] }).server(0x12, { options: [...synOptions(), ...timestamps(9, 5)] });
      return wire.client(TCP_ACK).answers('220 esa').client(TCP_ACK).says('QUIT').answers('221 bye').close();
    };
    const meddle = (raw: Raw): Raw => ((raw.flags & 2) === 0 ? raw : { ...raw, options: [...synOptions(1380), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] });
    const { leg } = compare(story, { meddle, shift: { client: 77, server: 0xfffffff0 } });
    const learned = describeTransformation(leg, NAMES);
    expect(learned?.client).toMatchObject({ ttlDifference: 3, sequenceShift: 77 });
    expect(learned?.server).toMatchObject({ ttlDifference: -3, sequenceShift: 0xfffffff0 });
    expect(learned?.client.options?.changes).toEqual([
      'time stamps only at the left',
      'MSS 1460 at the left, 1380 at the right',
      'a run of NOPs at the right stands where options were',
    ]);
    expect(interferenceOf(leg, NAMES).map(({ kind }) => kind)).toEqual(['sequence-shift', 'option-stripped', 'option-stripped']);
  });
});

describe('captures that cannot tell', () => {
  test('a capture that begins late is matched by its numbers and proves nothing missing', () => {
    const { leg, seen } = compare(conversation(6), { misses: (point, { id }) => point === 'right' && id < 9, shift: { client: 12_345, server: 54_321 } });
    expect(faults({ leg, seen })).toEqual([]);
    expect(leg.right.certificate.state).toBe('partial');
    expect(listFindings(leg, NAMES).filter(({ certainty }) => certainty !== 'open')).toEqual([]);
  });

  test('a device that forgot the connection in a pause is told by both directions dying behind it', () => {
    const story = (wire: Wire) => {
      envelope(wire).wait(60_000_000);
      const [seq] = wire.next;
      for (let i = 0; i < 3; i++) wire.wait(400_000 << i).says('DATA', { seq });
      return wire.wait(5_000_000).answers('421 timeout', { ack: seq });
    };
    const { leg } = compare(story, { meddle: (raw) => (raw.atUs > 1_700_000_050_000_000 ? null : raw) });
    expect(interferenceOf(leg, NAMES).map(({ kind }) => kind)).toEqual(['idle-expiry']);
  });

  test('a capture without the session is said to lack it', () => {
    const { leg } = compare((wire) => envelope(wire), { misses: (point) => point === 'right' });
    expect(leg.mode).toBe('one-side');
    expect(leg.right.certificate.state).toBe('empty');
    expect(listFindings(leg, NAMES).filter(({ certainty }) => certainty !== 'open')).toEqual([]);
  });

  const segment = fc.record({
    side: fc.constantFrom('client' as const, 'server' as const),
    flags: fc.nat(63),
    seq: fc.integer({ min: -3, max: 60 }),
    ack: fc.integer({ min: -3, max: 60 }),
    text: fc.string({ maxLength: 12 }),
    ttl: fc.constantFrom(60, 64),
    ipId: fc.nat(3),
    waitUs: fc.nat(2_000_000),
    fate: fc.constantFrom('both', 'both', 'both', 'left', 'right', 'changed'),
  });

  test('no packets whatever, whichever way they are lost or changed, stop the comparison', () =>
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 40 }), pathOptions, (list, options) => {
        const story = (wire: Wire) => {
          for (const { side, flags, waitUs, fate: _fate, ...fields } of list) wire.wait(waitUs)[side](flags, fields);
        };
        const fateOf = (raw: Raw) => list[raw.id]?.fate;
        const seen = travel(story, {
          ...plain(options),
          misses: (point, raw) => fateOf(raw) === (point === 'left' ? 'right' : 'left'),
          meddle: (raw) => (fateOf(raw) === 'changed' ? { ...raw, payload: raw.payload.map((octet) => octet ^ 1) } : raw),
        });
        const { legs } = compareSession({
          session: 's',
          direction: 'inbound',
          verdict: { cause: 'undetermined', actor: 'undetermined', confidence: 'undetermined', statement: '' },
          ending: null,
          points: [seen.left, seen.right],
          clockBetween: () => null,
        });
        expect(JSON.stringify(legs)).not.toMatch(/null,"uncertainty|NaN|Infinity/);
      }),
      { numRuns: 150 },
    ));
});

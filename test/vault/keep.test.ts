import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { STAGES, type DialogueEvent, type DialogueFollower, type SmtpDialogue } from '../../src/model/smtp.ts';
import type { IcmpError } from '../../src/model/packet.ts';
import type { SegmentLog, StreamGap, TcpConnection, TcpEndpoint } from '../../src/model/tcp.ts';
import { BLOCK_OCTETS } from '../../src/vault/block-store.ts';
import { joinVaults, ScratchDepot, SessionVault } from '../../src/vault/index.ts';

const text = fc.oneof(
  fc.constantFrom('', 'EHLO', 'esa.example.com ESMTP', '8BITMIME'),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
);
const count = fc.oneof(fc.nat(300), fc.nat());
const index = fc.option(fc.nat(500), { nil: null });
const side = fc.constantFrom(0 as const, 1 as const);
const timeUs = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 50 }),
  fc.double({ min: 0, max: 2 ** 52, noNaN: true }).map((value) => value + 0.25),
);
const packet = fc.record({ input: fc.nat(5), number: fc.nat() });
const at = fc.record({ atUs: timeUs, packet });
const optionalText = fc.option(text, { nil: null });
const decrypted = fc.constantFrom({}, { decrypted: true as const });
const missing = fc.option(count, { nil: undefined }).map((value) => (value === undefined ? {} : { missing: value }));

const event: fc.Arbitrary<DialogueEvent> = fc.oneof(
  fc
    .tuple(
      fc.record({
        kind: fc.constant('command' as const),
        verb: text,
        argument: text,
        known: fc.boolean(),
        at,
        completedBy: packet,
        complete: fc.boolean(),
        pipelined: fc.boolean(),
        afterGap: fc.boolean(),
        length: count,
        reply: index,
      }),
      missing,
      decrypted,
    )
    .map(([command, more, known]) => ({ ...command, ...more, ...known })),
  fc
    .tuple(
      fc.record({
        kind: fc.constant('reply' as const),
        code: count,
        enhancedCode: optionalText,
        lines: fc.array(text, { maxLength: 5 }),
        at,
        completedBy: packet,
        complete: fc.boolean(),
        afterGap: fc.boolean(),
        to: index,
        role: fc.constantFrom('greeting' as const, 'answer' as const, 'unsolicited' as const),
      }),
      missing,
      decrypted,
    )
    .map(([reply, more, known]) => ({ ...reply, ...more, ...known })),
  fc.record({ kind: fc.constantFrom('data-start' as const, 'data-end' as const, 'chunk-end' as const), at, octets: count, reply: index }),
  fc.record({
    kind: fc.constant('tls' as const),
    side,
    what: fc.constantFrom('client-hello' as const, 'handshake' as const, 'alert' as const, 'not-tls' as const),
    at,
    octets: count,
    text: optionalText,
  }),
  fc.record({ kind: fc.constant('oddity' as const), side, what: fc.constantFrom('binary' as const, 'after-quit' as const), at, text }),
  fc.record({ kind: fc.constant('gap' as const), side, length: count, why: fc.constantFrom('capture' as const, 'budget' as const), at }),
);

const certificate = fc.record({
  subject: text,
  issuer: text,
  names: fc.array(text, { maxLength: 3 }),
  notBeforeUs: timeUs,
  notAfterUs: timeUs,
  selfSigned: fc.boolean(),
});

const dialogue: fc.Arbitrary<SmtpDialogue> = fc
  .record({
    client: side,
    isSmtp: fc.boolean(),
    events: fc.array(event, { maxLength: 12 }),
    eventsDropped: count,
    heloName: optionalText,
    esmtp: fc.boolean(),
    capabilities: fc.array(text, { maxLength: 4 }),
    transactions: fc.array(
      fc.record({
        reversePath: text,
        mail: fc.integer({ min: -1, max: 100 }),
        recipients: fc.array(fc.record({ forwardPath: text, command: fc.integer({ min: -1, max: 100 }), code: index }), { maxLength: 3 }),
        data: index,
        octets: count,
        ended: fc.boolean(),
        header: fc.record({ messageId: optionalText, subject: optionalText, from: optionalText, date: optionalText }),
        longestHeaderLine: count,
        finalReply: index,
        outcome: fc.constantFrom('accepted' as const, 'rejected' as const, 'withdrawn' as const, 'open' as const),
        withdrawnBy: index,
        acceptedMid: index,
      }),
      { maxLength: 3 },
    ),
    stages: fc.array(fc.record({ stage: fc.constantFrom(...STAGES), at }), { maxLength: 6 }),
    tls: fc.option(
      fc.record({
        begin: fc.constantFrom('from-start' as const, 'starttls' as const),
        firstUs: timeUs,
        version: optionalText,
        sni: optionalText,
        established: fc.boolean(),
        alert: fc.option(fc.record({ side, level: fc.constantFrom('warning' as const, 'fatal' as const), name: text, at }), { nil: null }),
        applicationOctets: fc.tuple(count, count),
        applicationRecords: fc.tuple(count, count),
        offeredVersions: fc.array(text, { maxLength: 3 }),
        suite: fc.option(fc.integer({ min: 0, max: 0xffff }), { nil: null }),
        alpn: optionalText,
        extendedMasterSecret: fc.boolean(),
        encryptThenMac: fc.boolean(),
        resumed: fc.constantFrom(true, false, null),
        records: fc.array(fc.record({ side, type: fc.constantFrom(0, 20, 21, 22, 23, 24), length: fc.integer({ min: -1, max: 18_432 }), at }), {
          maxLength: 12,
        }),
        recordsDropped: count,
        content: fc.constantFrom('opaque' as const, 'decrypted' as const, 'partly' as const),
        obstacle: fc.constantFrom(null, 'no-secret' as const, 'wrong-secret' as const, 'lost-place' as const),
        serverCertificates: fc.array(certificate, { maxLength: 2 }),
        clientCertificates: fc.array(certificate, { maxLength: 1 }),
      }),
      { nil: null },
    ),
    starttlsRefused: fc.boolean(),
    quit: index,
    authenticated: fc.boolean(),
    xclient: optionalText,
    owes: fc.record({ side: fc.constantFrom('client' as const, 'server' as const, null), sinceUs: timeUs, what: text }),
    longestClientPauseUs: timeUs,
    longestServerPauseUs: timeUs,
    gaps: fc.record({ client: fc.boolean(), server: fc.boolean() }),
  })
  .map((made) => {
    const greeting = made.events.find((one) => one.kind === 'reply') ?? null;
    // Plain objects, as the dialogue's follower makes them.
    return structuredClone({ ...made, greeting });
  });

const optionalCount = fc.option(count, { nil: null });
const syn = fc.record({
  mss: optionalCount,
  windowScale: optionalCount,
  sackPermitted: fc.boolean(),
  timestamps: fc.boolean(),
  layout: text,
  window: count,
  ttl: count,
});
const endpoint: fc.Arbitrary<TcpEndpoint> = fc.record({
  ip: fc.oneof(fc.ipV4(), fc.ipV6()),
  port: fc.nat(65_535),
  state: fc.constantFrom('inactive' as const, 'syn-sent' as const, 'established' as const, 'reset' as const),
  isn: optionalCount,
  baseSeq: optionalCount,
  syn: fc.option(syn, { nil: null }),
  packets: count,
  octets: count,
  contiguousTo: count,
  sentTo: count,
  ackedTo: fc.integer({ min: -1, max: 2 ** 40 }),
  fin: fc.option(fc.record({ segment: count, atUs: timeUs, seq: count, inOrder: fc.boolean() }), { nil: null }),
  rsts: fc.array(count, { maxLength: 4 }),
});
const gap: fc.Arbitrary<StreamGap> = fc.record({
  side,
  from: count,
  length: count,
  kind: fc.constantFrom('capture' as const, 'network' as const, 'snap' as const, 'budget' as const),
  segment: fc.integer({ min: -1, max: 500 }),
});
const icmp: fc.Arbitrary<IcmpError> = fc.record({
  input: count,
  packet: count,
  atUs: timeUs,
  fromIp: fc.ipV4(),
  toIp: fc.ipV4(),
  ttl: count,
  family: fc.constantFrom(4 as const, 6 as const),
  type: count,
  code: count,
  mtu: optionalCount,
  quoted: fc.record({ srcIp: fc.ipV4(), srcPort: count, dstIp: fc.ipV6(), dstPort: count, seq: optionalCount }),
});
/** Segments are handed on as they are. */
const segments: SegmentLog = {
  length: 0,
  dropped: 0,
  packed: null,
  at: () => {
    throw new RangeError('empty');
  },
  [Symbol.iterator]: () => [][Symbol.iterator](),
};
// Records of fast-check have no prototype; what comes out of the vault has.
const connection: fc.Arbitrary<TcpConnection> = fc
  .record({
    stream: count,
    vantage: text,
    originator: endpoint,
    responder: endpoint,
    family: fc.constantFrom(4 as const, 6 as const),
    sawSyn: fc.boolean(),
    firstUs: timeUs,
    lastUs: timeUs,
    establishedUs: fc.option(timeUs, { nil: null }),
    originatorRttUs: fc.option(timeUs, { nil: null }),
    responderRttUs: optionalCount,
    connState: fc.constantFrom('SF', 'RSTO', 'OTH'),
    history: text,
    gaps: fc.array(gap, { maxLength: 3 }),
    icmp: fc.array(icmp, { maxLength: 2 }),
    macs: fc.array(text, { maxLength: 3 }),
    duplicateFrames: count,
    bothDirections: fc.boolean(),
    caveats: fc.array(text, { maxLength: 2 }),
  })
  .map((made) => ({ ...structuredClone(made), segments }));
const session = fc.record({ connection, dialogue });
const [plainConnection] = fc.sample(connection, { numRuns: 1, seed: 3 });

/** A follower to which all has been said. */
function followerOf(said: SmtpDialogue): DialogueFollower {
  return { octets: () => undefined, gap: () => undefined, fin: () => undefined, finish: () => said };
}

function keep(vault: SessionVault, tcp: TcpConnection, said: SmtpDialogue): void {
  vault.keep(tcp, vault.listen(followerOf(said), () => true).finish());
}

/** What is unpacked when somebody asks beside what is there. */
function told(said: SmtpDialogue | undefined): SmtpDialogue | undefined {
  return said && { ...said, events: said.events, greeting: said.greeting, stages: said.stages };
}

describe('the vault', () => {
  test('gives back every session as it was, in any order and again', () => {
    fc.assert(
      fc.property(fc.array(session, { maxLength: 5 }), (sessions) => {
        const vault = new SessionVault(new ScratchDepot(), () => segments);
        for (const [stream, one] of sessions.entries()) keep(vault, { ...one.connection, stream }, one.dialogue);
        const list = joinVaults([vault]);
        expect(list).toHaveLength(sessions.length);
        for (const round of [0, 1]) {
          for (let i = sessions.length - 1; i >= 0; i--) {
            expect(told(list.at(i)?.dialogue), `round ${round}`).toStrictEqual(sessions[i]?.dialogue);
            expect(list.at(i)?.connection, `round ${round}`).toStrictEqual({ ...sessions[i]?.connection, stream: i });
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a greeting that is one of the events is the same object again', () => {
    const [one] = fc.sample(
      dialogue.filter(({ greeting }) => greeting !== null),
      { numRuns: 1, seed: 5 },
    );
    if (!one || !plainConnection) throw new Error('no sample');
    const vault = new SessionVault(new ScratchDepot(), () => segments);
    keep(vault, plainConnection, one);
    const back = joinVaults([vault]).at(0)?.dialogue;
    expect(back?.events).toContain(back?.greeting);
  });

  test('a dialogue is put away when both sides have ended, and not before; what comes behind is heard by nobody', () => {
    const [said] = fc.sample(dialogue, { numRuns: 1, seed: 7 });
    if (!said || !plainConnection) throw new Error('no sample');
    const heard: string[] = [];
    const note = (what: string) => () => void heard.push(what);
    const vault = new SessionVault(new ScratchDepot(), () => segments);
    const stream = vault.listen({ octets: note('octets'), gap: note('gap'), fin: note('fin'), finish: () => (heard.push('finish'), said) }, () => false);
    const at = { atUs: 1, input: 0, packet: 1 };
    stream.fin(0, at);
    stream.octets(1, new Uint8Array(1), 0, 1, at);
    stream.fin(1, at);
    stream.octets(0, new Uint8Array(1), 0, 1, at);
    stream.gap(1, 1, 'capture', at);
    expect(stream.finish()).toEqual(stream.finish());
    expect(heard).toEqual(['fin', 'octets', 'fin', 'finish']);
    vault.keep(plainConnection, stream.finish());
    expect(told(joinVaults([vault]).at(0)?.dialogue)).toStrictEqual(said);
  });

  test('what was said is unpacked as it was although its block has left memory since the dialogue was asked for', () => {
    const sessions = fc.sample(session, { numRuns: 40, seed: 11 });
    const vault = new SessionVault(new ScratchDepot(2 * BLOCK_OCTETS), () => segments);
    const kept = Array.from({ length: 2_000 }, (_, stream) => sessions[stream % sessions.length]);
    for (const [stream, one] of kept.entries()) if (one) keep(vault, { ...one.connection, stream }, one.dialogue);
    const asked = Array.from(joinVaults([vault]), ({ dialogue: said }) => said);
    for (const i of [0, 1_999, 1_000, 3]) expect(told(asked[i])).toStrictEqual(kept[i]?.dialogue);
  });

  test('a dialogue that rests is put away as it stands, unless another would hear otherwise', () => {
    const [said] = fc.sample(dialogue, { numRuns: 1, seed: 8 });
    if (!said) throw new Error('no sample');
    const vault = new SessionVault(new ScratchDepot(), () => segments);
    const finish = vi.fn(() => said);
    const streamThat = (mayRest: boolean) => vault.listen({ ...followerOf(said), finish }, () => mayRest);
    expect(streamThat(false).rest()).toBe(false);
    expect(finish).not.toHaveBeenCalled();
    const resting = streamThat(true);
    expect(resting.rest()).toBe(true);
    expect(finish).toHaveBeenCalledTimes(1);
    expect(resting.finish()).toEqual({ address: expect.any(Number), isSmtp: said.isSmtp });
    expect(finish).toHaveBeenCalledTimes(1);
  });

  test('thousands of sessions come back after others were asked for, from memory and from the scratch file', () => {
    const sessions = fc.sample(session, { numRuns: 40, seed: 9 });
    for (const residentOctets of [16 << 20, 2 * BLOCK_OCTETS]) {
      const vault = new SessionVault(new ScratchDepot(residentOctets), () => segments);
      // Sealed in another order than they began.
      for (let stream = 1_999; stream >= 0; stream--) {
        const one = sessions[stream % sessions.length];
        if (one) keep(vault, { ...one.connection, stream }, one.dialogue);
      }
      const list = joinVaults([vault]);
      for (const i of [0, 1_999, 1_000, 3, 1_999, 64, 128, 0]) {
        expect(told(list.at(i)?.dialogue)).toStrictEqual(sessions[i % sessions.length]?.dialogue);
        expect(list.at(i)?.connection).toStrictEqual({ ...sessions[i % sessions.length]?.connection, stream: i });
      }
    }
  });
});

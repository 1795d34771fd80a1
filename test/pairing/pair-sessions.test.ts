import { describe, expect, test } from 'vitest';
import type { MailLog } from '../../src/model/maillog.ts';
import type { CapturedSession, PairingResult } from '../../src/model/pairing.ts';
import { pairSessions } from '../../src/pairing/index.ts';
import { capture, SITE, writeLog, type Happening, type LogStyle } from '../support/pairing-world.ts';
import { depot } from '../support/depot.ts';

const HONEST: LogStyle = { offset: 0, utcOffset: 3600 };

function session(more: Partial<Happening> = {}): Happening {
  return {
    icid: 5001,
    client: '198.51.100.7',
    port: 40_001,
    at: 36_000.2,
    lasts: 8.3,
    end: 'fin',
    encrypted: false,
    helo: 'mail.client.example',
    sendings: [{ sender: 'a@client.example', recipient: 'b@example.net', mid: 900, octets: 2500, at: 0.6, takes: 0.5, complete: false }],
    ...more,
  };
}

/** The same session with a message that was accepted. */
function accepted(more: Partial<Happening> = {}): Happening {
  const one = session(more);
  return { ...one, sendings: one.sendings.map((sending) => ({ ...sending, complete: true })) };
}

/** The same session with another MID. */
function withMid(mid: number, one: Happening): Happening {
  return { ...one, sendings: one.sendings.map((sending) => ({ ...sending, mid })) };
}

function pair(captured: readonly CapturedSession[], log: MailLog | null, site = SITE): PairingResult {
  return pairSessions({ depot, captured, log, site });
}

/** ICIDs by the client's port; null where a captured session has none. */
function icids(result: PairingResult): Record<number, number | null> {
  return Object.fromEntries(
    [...result.sessions].flatMap(({ captured, injection }) => (captured ? [[captured.connection.originator.port, injection?.icid ?? null]] : [])),
  );
}

describe('one session', () => {
  test('is found by address and time, and the clock comes out of it', () => {
    const one = session();
    const result = pair([capture(one, 0)], writeLog([one], { offset: 1.3, utcOffset: 3600 }));
    expect(icids(result)).toEqual({ 40_001: 5001 });
    expect(result.clock.estimate?.logOffsetSeconds).toBeCloseTo(1.3, 0);
    expect(result.clock.estimate?.timeZone).toBe('UTC+01:00');
    expect(result.sessions.at(0)).toMatchObject({ direction: 'inbound', pair: { confidence: 'certain', rivals: [] } });
    expect(result.applianceAddresses).toEqual(['192.0.2.25']);
  });

  test('the MID in the reply makes it certain', () => {
    const one = accepted();
    const [only] = pair([capture(one, 0)], writeLog([one], HONEST)).sessions;
    expect(only?.pair?.basis).toContain('accepted MID');
    expect(only?.pair?.confidence).toBe('certain');
    expect(only?.messages.map((message) => message.mid)).toEqual([900]);
  });

  test.each([-251, 3600, -3600, 37, 95])('a log that is %i s off is put right', (offset) => {
    const one = session();
    const result = pair([capture(one, 0)], writeLog([one], { offset, utcOffset: 3600 }));
    expect(icids(result)).toEqual({ 40_001: 5001 });
    expect(Math.abs((result.clock.estimate?.logOffsetSeconds ?? NaN) - offset)).toBeLessThan(1);
  });

  test('without a header the zone is the nearest quarter of an hour', () => {
    const one = session();
    const result = pair([capture(one, 0)], writeLog([one], { offset: -2, utcOffset: null, zoneSeconds: 37_800, midLinesOnly: true }));
    expect(icids(result)).toEqual({ 40_001: 5001 });
    expect(result.clock.estimate).toMatchObject({ timeZone: 'UTC+10:30' });
    expect(Math.abs((result.clock.estimate?.logOffsetSeconds ?? NaN) + 2)).toBeLessThan(1);
    const [first] = result.sessions;
    const line = first?.injection?.first;
    if (!line) throw new Error('no line');
    expect((result.clock.toCapture(line.atUs, 1) ?? 0) / 1e6).toBeCloseTo((capture(one, 0).connection.firstUs + 600_000) / 1e6, -1);
  });

  test('a zone that the user gives goes before the header', () => {
    const one = session({ at: 20_000.4 });
    const result = pair([capture(one, 0)], writeLog([one], { offset: 4, utcOffset: null, zoneSeconds: 3600 }), { ...SITE, logTimeZone: 'Europe/Paris' });
    expect(result.clock.estimate).toMatchObject({ timeZone: 'Europe/Paris', timeZoneBasis: 'given' });
    expect(Math.abs((result.clock.estimate?.logOffsetSeconds ?? NaN) - 4)).toBeLessThan(1);
  });

  test('a given offset is not argued with', () => {
    const one = session();
    const result = pair([capture(one, 0)], writeLog([one], { offset: 40, utcOffset: 3600 }), { ...SITE, clockOffsetSeconds: 40.2 });
    expect(icids(result)).toEqual({ 40_001: 5001 });
    expect(result.clock.estimate).toMatchObject({ logOffsetSeconds: 40.2, basis: 'given' });
  });

  test('a slow reverse lookup delays banner and opening line alike', () => {
    const one = session({ lookup: 6, lasts: 20 });
    const slow = { ...one, sendings: one.sendings.map((sending) => ({ ...sending, at: 8 })) };
    const result = pair([capture(slow, 0)], writeLog([slow], HONEST));
    expect(icids(result)).toEqual({ 40_001: 5001 });
    expect(Math.abs(result.clock.estimate?.logOffsetSeconds ?? NaN)).toBeLessThan(1);
  });
});

describe('no false pairs', () => {
  test('the same client on another day is another session', () => {
    const one = session();
    const result = pair([capture(one, 0)], writeLog([{ ...one, at: one.at + 86_400 + 417 }], HONEST));
    expect(icids(result)).toEqual({ 40_001: null });
    expect(result.clock.estimate).toBeNull();
    expect(result.clock.toCapture(0, 1)).toBeNull();
    expect(result.sessions).toHaveLength(2);
  });

  test.each([86_403, -86_397, 259_200, 18_000, 365 * 86_400])('envelopes that a job repeats do not bridge %i seconds', (offset) => {
    const job = [0, 20, 40].map((later, i) =>
      session({
        icid: 5001 + i,
        port: 40_001 + i,
        at: 36_000.2 + later,
        sendings: [{ sender: `s${i}@client.example`, recipient: `r${i}@example.net`, mid: 900 + i, octets: 2500, at: 0.6, takes: 0.5, complete: false }],
      }),
    );
    const result = pair(
      job.map((one, i) => capture(one, i)),
      writeLog(job, { ...HONEST, offset }),
    );
    expect(icids(result)).toEqual({ 40_001: null, 40_002: null, 40_003: null });
    expect(result.clock.estimate).toBeNull();
    expect(result.caveats.join(' ')).toContain('a job repeats its envelopes');
  });

  test.each([86_403, 259_200])('a MID in the reply bridges even %i seconds, and the offset is called days', (offset) => {
    const one = accepted();
    const result = pair([capture(one, 0)], writeLog([one], { ...HONEST, offset }));
    expect(icids(result)).toEqual({ 40_001: 5001 });
    expect(result.caveats.join(' ')).toMatch(/which is [13] days?: one of the two has a wrong date/);
    expect(result.caveats.join(' ')).not.toContain('daylight saving');
  });

  test('an address alone does not bridge hours', () => {
    const bare = session({ sendings: [] });
    const result = pair([capture(bare, 0)], writeLog([{ ...bare, at: bare.at + 5000 }], HONEST));
    expect(icids(result)).toEqual({ 40_001: null });
  });

  test('another sender in the same second from the same client is another session', () => {
    const one = session();
    const other = { ...one, icid: 5002, sendings: one.sendings.map((sending) => ({ ...sending, mid: 901, sender: 'x@client.example' })) };
    expect(icids(pair([capture(one, 0)], writeLog([other], HONEST)))).toEqual({ 40_001: null });
  });

  test('a decoy at the literal time loses against the right content an hour off', () => {
    const one = session();
    const decoy = { ...one, icid: 5060, sendings: one.sendings.map((sending) => ({ ...sending, mid: 960, sender: 'x@client.example' })) };
    const result = pair([capture(one, 0)], writeLog([{ ...one, at: one.at - 3600 }, decoy], HONEST));
    expect(icids(result)).toEqual({ 40_001: 5001 });
    expect(Math.abs((result.clock.estimate?.logOffsetSeconds ?? NaN) + 3600)).toBeLessThan(1);
    expect(result.caveats.join(' ')).toContain('daylight saving');
  });

  test('another MID in the reply rules a session out', () => {
    const one = accepted();
    const other = { ...one, icid: 5002, sendings: one.sendings.map((sending) => ({ ...sending, mid: 901 })) };
    expect(icids(pair([capture(one, 0)], writeLog([other], HONEST)))).toEqual({ 40_001: null });
  });

  test('another MID in the reply rules it out, too, where a later message of both was aborted alike', () => {
    const sending = { sender: 'a@client.example', recipient: 'b@example.net', octets: 2500, takes: 0.5 };
    const twice = (mid: number, more: Partial<Happening>) =>
      session({
        ...more,
        sendings: [
          { ...sending, mid, at: 0.6, complete: true },
          { ...sending, mid: mid + 1, at: 2, complete: false },
        ],
      });
    const earlier = twice(900, { at: 35_983.1 });
    const now = twice(910, { icid: 5003, port: 40_002 });
    expect(icids(pair([capture(now, 0)], writeLog([earlier], HONEST)))).toEqual({ 40_002: null });
    expect(icids(pair([capture(now, 0)], writeLog([earlier, now], HONEST)))).toEqual({ 40_002: 5003 });
  });

  test('one of several tries of a message is not found by its Message-ID, where the clocks differ and no reply is in the file', () => {
    const tries = [0, 34, 68].map((later, i) => withMid(900 + i, accepted({ icid: 5001 + i, at: 36_000.2 + later })));
    const log = writeLog(tries, { offset: 20, utcOffset: 3600 });
    for (const message of log.messages) Object.assign(message, { messageId: '<900@example.net>' });
    const { connection, dialogue } = capture(accepted({ at: 36_034.2 }), 0);
    const unanswered = { ...dialogue, transactions: dialogue.transactions.map((one) => ({ ...one, acceptedMid: null })) };
    expect(icids(pair([{ connection, dialogue: unanswered }], log))).toEqual({ 40_001: null });
  });

  test.each([
    [0.4, 'certain'],
    [207, 'strong'],
  ])('a single pair that puts the log %d s right by itself is %s', (offset, confidence) => {
    const [only] = pair([capture(session(), 0)], writeLog([session()], { offset, utcOffset: 3600 })).sessions;
    expect(only?.pair?.confidence).toBe(confidence);
  });

  test('copies of the message to others, with the same Message-ID, do not outvote the address', () => {
    const one = session();
    const copies = [8, 9].map((host) => withMid(900 + host, accepted({ icid: 5000 + host, client: `198.51.100.${host}`, at: one.at + 0.2 })));
    const log = writeLog([one, ...copies], HONEST);
    for (const message of log.messages) if (message.ready) Object.assign(message, { messageId: '<one@client.example>' });
    const { connection, dialogue } = capture(one, 0);
    const transactions = dialogue.transactions.map((each) => ({ ...each, header: { ...each.header, messageId: '<one@client.example>' } }));
    const oneWay = { connection: { ...connection, bothDirections: false }, dialogue: { ...dialogue, transactions } };
    expect(icids(pair([oneWay], log))).toEqual({ 40_001: 5001 });
  });

  test('a message that was cut off is not the one that the log has ready', () => {
    const [cut, whole] = [session(), withMid(901, accepted({ icid: 5003 }))];
    expect(icids(pair([capture(cut, 0)], writeLog([cut, whole], HONEST)))).toEqual({ 40_001: 5001 });
    expect(icids(pair([capture(cut, 0)], writeLog([whole], HONEST)))).toEqual({ 40_001: null });
  });

  test('a connection that never came to be has no ICID', () => {
    const one = session({ sendings: [] });
    const captured = capture(one, 0);
    const { connection, dialogue } = captured;
    const refused = {
      connection: {
        ...connection,
        establishedUs: null,
        originator: { ...connection.originator, octets: 0 },
        responder: { ...connection.responder, octets: 0 },
      },
      dialogue: { ...dialogue, events: [], greeting: null, isSmtp: false },
    };
    expect(icids(pair([refused], writeLog([one], HONEST)))).toEqual({ 40_001: null });
  });
});

describe('network address translation', () => {
  test('content outvotes the address', () => {
    const one = accepted();
    const [only] = pair([capture(one, 0, '10.1.1.1')], writeLog([one], HONEST)).sessions;
    expect(only?.injection?.icid).toBe(5001);
    expect(only?.pair?.basis).not.toContain('address');
  });

  test('what settled pairs show carries the others', () => {
    const clear = accepted();
    const dark = session({ icid: 5002, port: 40_002, at: 36_030.7, encrypted: true, sendings: [] });
    const captured = [capture(clear, 0, '10.1.1.1'), capture(dark, 1, '10.1.1.1')];
    expect(icids(pair(captured, writeLog([clear, dark], HONEST)))).toEqual({ 40_001: 5001, 40_002: 5002 });
  });

  test('a balancer is reported and content decides', () => {
    const many = Array.from({ length: 12 }, (_, i) =>
      accepted({
        icid: 6000 + i,
        port: 41_000 + i,
        at: 36_000 + i * 0.3,
        client: '10.0.0.5',
        helo: `mx${i}.example.org`,
        sendings: [{ sender: `s${i}@example.org`, recipient: 'b@example.net', mid: 800 + i, octets: 1000 + i, at: 0.5, takes: 0.4, complete: true }],
      }),
    );
    const result = pair(
      many.map((one, i) => capture(one, i)),
      writeLog(many, HONEST),
    );
    expect(result.balancers).toEqual(['10.0.0.5']);
    expect(icids(result)).toEqual(Object.fromEntries(many.map((one) => [one.port, one.icid])));
  });
});

describe('twins', () => {
  const first = session({ at: 36_000.3, lasts: 1.1, sendings: [], encrypted: true });

  test('the order of accepting tells them apart', () => {
    const second = { ...first, icid: 5002, port: 40_002, at: 36_000.6, lasts: 0.8 };
    const result = pair([capture(first, 0), capture(second, 1)], writeLog([first, second], HONEST));
    expect(icids(result)).toEqual({ 40_001: 5001, 40_002: 5002 });
  });

  test('the ends tell them apart', () => {
    const second = { ...first, icid: 5002, port: 40_002, at: 36_000.3005, lasts: 4 };
    const result = pair([capture(first, 0), capture(second, 1)], writeLog([first, second], HONEST));
    expect(icids(result)).toEqual({ 40_001: 5001, 40_002: 5002 });
  });

  test('what nothing tells apart is said to be ambiguous, with the rivals', () => {
    const second = { ...first, icid: 5002, port: 40_002, at: 36_000.3005, lasts: 1.1 };
    const result = pair([capture(first, 0), capture(second, 1)], writeLog([first, second], HONEST));
    expect(icids(result)).toEqual({ 40_001: null, 40_002: null });
    const [one] = result.sessions;
    expect(one?.pair?.confidence).toBe('ambiguous');
    expect(one?.pair?.rivals.map((rival) => rival.icid).sort()).toEqual([5001, 5002]);
    expect(result.sessions.filter((candidate) => candidate.captured === null)).toHaveLength(2);
  });

  test('with one of them missing in the log, nobody knows which', () => {
    const second = { ...first, icid: 5002, port: 40_002, at: 36_000.302, lasts: 1.1 };
    const result = pair([capture(first, 0), capture(second, 1)], writeLog([second], HONEST));
    expect(icids(result)).toEqual({ 40_001: null, 40_002: null });
  });
});

describe('order alone', () => {
  test('twins with readable envelopes are told apart by it at most moderately, with the rivals named', () => {
    const triplets = [0, 0.2, 0.4].map((later, i) => session({ icid: 5001 + i, port: 40_001 + i, at: 36_000.05 + later, lasts: 0.5 }));
    const sent = triplets.map((one, i) => ({ ...one, sendings: one.sendings.map((sending) => ({ ...sending, at: 0.1, mid: 900 + i })) }));
    const result = pair(
      sent.map((one, i) => capture(one, i)),
      writeLog(sent, HONEST),
    );
    const [first] = result.sessions;
    expect(first?.pair?.confidence).toBe('moderate');
    expect(first?.pair?.basis).toContain('order of accepting');
    expect(first?.pair?.rivals.map((rival) => rival.icid)).toContain(5002);
    expect(first?.pair?.rivals[0]?.why).toContain('only the order of accepting');
  });
});

describe('two appliances with the same numbers', () => {
  /** The log of another appliance, as if read from a second file. */
  function asOther(log: MailLog, localIp: string): MailLog {
    const messages = log.messages.map((message) => ({ ...message, appliance: 'SN-2' }));
    return {
      ...log,
      files: log.files.map((file) => ({ ...file, serials: ['SN-2'], appliances: ['SN-2'] })),
      injections: log.injections.map((history) => ({ ...history, appliance: 'SN-2', localIp })),
      messages,
      message: (_appliance, mid) => messages.find((message) => message.mid === mid) ?? null,
    };
  }

  function merge(one: MailLog, other: MailLog): MailLog {
    return {
      ...one,
      files: [...one.files, ...other.files],
      injections: [...one.injections, ...other.injections],
      messages: [...one.messages, ...other.messages],
      message: (appliance, mid) => (appliance === 'SN-2' ? other : one).message(appliance, mid),
    };
  }

  test.each([0, 1])('the one whose address the capture shows has the session, whichever is read first (%i)', (turn) => {
    const one = session();
    const ours = asOther(writeLog([one], { ...HONEST, offset: 4 }), '192.0.2.25');
    const theirs = asOther(writeLog([{ ...one, at: one.at + 64 }], { ...HONEST, offset: 4 }), '192.0.2.26');
    const named = (log: MailLog): MailLog => ({
      ...log,
      files: log.files.map((file) => ({ ...file, serials: ['SN-1'], appliances: ['SN-1'] })),
      injections: log.injections.map((history) => ({ ...history, appliance: 'SN-1' })),
      messages: log.messages.map((message) => ({ ...message, appliance: 'SN-1' })),
    });
    const result = pair([capture(one, 0)], turn === 0 ? merge(named(ours), theirs) : merge(named(theirs), ours));
    const [first] = result.sessions;
    expect(first?.injection?.localIp).toBe('192.0.2.25');
    expect(Math.abs((result.clock.estimate?.logOffsetSeconds ?? NaN) - 4)).toBeLessThan(1);
    expect(result.estimates).toHaveLength(1);
  });
});

describe('an end that is noticed late', () => {
  test('does not pull the clock', () => {
    const one = session({ at: 36_000.3, lasts: 6.1 });
    const log = writeLog([one], { ...HONEST, offset: -2 });
    const late = (line: { atUs: number }): void => {
      Object.assign(line, { atUs: line.atUs + 3e6 });
    };
    for (const history of log.injections) for (const line of [history.lost, history.closed]) if (line) late(line);
    for (const message of log.messages) if (message.aborted) late(message.aborted.line);
    const result = pair([capture(one, 0)], log);
    expect(icids(result)).toEqual({ 40_001: 5001 });
    expect(Math.abs((result.clock.estimate?.logOffsetSeconds ?? NaN) + 2)).toBeLessThan(1);
  });
});

describe('one side only', () => {
  test('without a log the captured sessions stand alone', () => {
    const result = pair([capture(session(), 0)], null);
    expect([...result.sessions]).toMatchObject([{ direction: 'inbound', injection: null, pair: null }]);
    expect(result.clock.estimate).toBeNull();
    expect(result.applianceBasis).toContain('TTL');
  });

  test('without a capture the histories stand alone, ICID 0 is none', () => {
    const log = writeLog([session(), { ...session(), icid: 0 }], HONEST);
    const result = pair([], log);
    expect(result.sessions.map((one) => one.injection?.icid)).toEqual([5001]);
    expect(result.clock.toUtc(log.injections.at(0)?.first.atUs ?? 0, 1)).toBe((log.injections.at(0)?.first.atUs ?? 0) - 3600e6);
  });

  test('nothing at all is no error', () => {
    const { sessions, ...rest } = pair([], null);
    expect(sessions).toHaveLength(0);
    expect(rest).toMatchObject({ estimates: [], balancers: [] });
  });
});

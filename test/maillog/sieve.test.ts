import { array, assert, asyncProperty, constantFrom, integer, nat, property, string, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countLines } from '../../src/maillog/sieve/count-lines.ts';
import { Finder } from '../../src/maillog/sieve/finder.ts';
import type { Wanted } from '../../src/maillog/sieve/links.ts';
import { siftLogs } from '../../src/maillog/sieve/sift-logs.ts';
import { readLogs } from '../../src/maillog/index.ts';
import type { MailLog, MessageHistory } from '../../src/model/maillog.ts';
import { SAMPLE_LOG } from './sample-log.ts';
import { textSource } from './sources.ts';

const NOTHING: Wanted = { mid: [], icid: [], dcid: [], sender: [], recipient: [], messageId: [] };

describe('line feeds', () => {
  test('counted four at a time as one by one', () => {
    assert(
      property(uint8Array({ maxLength: 5000 }), nat(), nat(), (random, a, b) => {
        const octets = Buffer.alloc((random.length + 3) & ~3);
        // Many of them are line feeds, or next to one.
        for (const [at, octet] of random.entries()) octets[at] = octet % 3 === 0 ? 10 : octet % 3 === 1 ? 138 : octet;
        const words = new Int32Array(octets.buffer, octets.byteOffset, octets.length >>> 2);
        const [from = 0, to = 0] = [a % (random.length + 1), b % (random.length + 1)].toSorted((x, y) => x - y);
        expect(countLines(octets, words, from, to)).toBe(octets.subarray(from, to).filter((octet) => octet === 10).length);
      }),
    );
  });

  test('a run longer than a lane holds', () => {
    const octets = Buffer.alloc(8192, 10);
    expect(countLines(octets, new Int32Array(octets.buffer, octets.byteOffset, 2048), 1, 8191)).toBe(8190);
  });
});

describe('finding', () => {
  test('every place where a text stands, in any case', () => {
    const needle = string({ unit: constantFrom('a', 'B', '7', ' '), minLength: 2, maxLength: 6 });
    assert(
      property(array(needle, { minLength: 1, maxLength: 5 }), string({ unit: constantFrom('a', 'A', 'b', 'B', '7', ' '), maxLength: 300 }), (texts, hay) => {
        const found: number[] = [];
        new Finder(texts).find(Buffer.from(hay), hay.length, (at) => {
          found.push(at);
          return at + 1;
        });
        const expected: number[] = [];
        for (let at = 0; at < hay.length; at++) {
          if (texts.some((text) => hay.slice(at, at + text.length).toLowerCase() === text.toLowerCase())) expected.push(at);
        }
        expect(found).toEqual(expected);
      }),
    );
  });
});

function linesOf(history: { readonly lines: MessageHistory['lines'] } | undefined): unknown {
  return history?.lines.map(({ ref, atUs, text }) => ({ ref, atUs, text }));
}

/** What a log tells of one message: with everything that tracing asks for. */
function about(log: MailLog | null, mid: number): unknown {
  const message = [...(log?.messages ?? [])].find((one) => one.mid === mid);
  const injection = [...(log?.injections ?? [])].find((one) => one.icid === message?.icid);
  const deliveries = [...(log?.deliveries ?? [])].filter((one) => one.mids.includes(mid));
  return { message: linesOf(message), injection: linesOf(injection), deliveries: deliveries.map(linesOf), serial: message?.appliance };
}

const TEXT = `${SAMPLE_LOG.join('\n')}\n`;

describe('sifting', () => {
  test.each([9001, 9002, 9003, 9004])('MID %i: the same as when everything is read', async (mid) => {
    const sifted = await siftLogs([textSource(TEXT)], { ...NOTHING, mid: [mid] });
    expect(about(sifted, mid)).toEqual(about(await readLogs([textSource(TEXT)]), mid));
    expect(sifted?.files).toMatchObject([{ lines: SAMPLE_LOG.length, serials: ['564D0000AAAA-BBBB0001'], utcOffsetSeconds: 3600 }]);
  });

  test.each<[string, Partial<Wanted>, number]>([
    ['a sender', { sender: ['ANN@partner.example'] }, 9001],
    ['a recipient in brackets', { recipient: ['<dave@remote.example>'] }, 9002],
    ['a Message-ID', { messageId: ['figures.1@'] }, 9002],
    ['an ICID', { icid: [7002] }, 9002],
    ['a DCID', { dcid: [3002] }, 9003],
  ])('%s leads to the whole message', async (_, wanted, mid) => {
    const sifted = await siftLogs([textSource(TEXT)], { ...NOTHING, ...wanted });
    expect(about(sifted, mid)).toEqual(about(await readLogs([textSource(TEXT)]), mid));
  });

  test('a chain far apart in a long log, read in any pieces: the numbers of the lines are those of the file', async () => {
    const noise = Array.from({ length: 30_000 }, (_, at) => `Tue Mar  3 10:30:00 2026 Info: MID ${100_000 + at} ICID 7 From: <someone@example.com>`);
    const quarantined = ['Tue Mar  3 10:20:00 2026 Info: Start MID 8950 ICID 6900', 'Tue Mar  3 10:20:00 2026 Info: ISQ: Quarantined MID 8950'];
    const lines = [...quarantined, ...noise, ...SAMPLE_LOG.map((line) => line.replace('10:0', '11:0')), ...noise];
    const text = lines.join('\r\n');
    const whole = await readLogs([textSource(text)]);
    await assert(
      asyncProperty(integer({ min: 5000, max: 500_000 }), async (piece) => {
        const sifted = await siftLogs([textSource(text, 0, piece)], { ...NOTHING, mid: [9003] });
        for (const mid of [9003, 8950]) expect(about(sifted, mid)).toEqual(about(whole, mid));
        expect(sifted?.files).toMatchObject([{ lines: lines.length }]);
        expect(sifted?.messages.length).toBeLessThan(2000);
      }),
      { numRuns: 5 },
    );
  });

  test.each([0, 1, 500, 60_000])('with room for %i numbers only, in more passes', async (mostNoted) => {
    const noise = Array.from({ length: 5000 }, (_, at) => `Tue Mar  3 10:30:00 2026 Info: MID ${100_000 + at} ICID 7 From: <someone@example.com>`);
    const quarantined = ['Tue Mar  3 10:20:00 2026 Info: Start MID 8950 ICID 6900', 'Tue Mar  3 10:20:00 2026 Info: ISQ: Quarantined MID 8950'];
    const text = [...noise, ...quarantined, ...noise, ...SAMPLE_LOG.map((line) => line.replace('10:0', '11:0')), ''].join('\n');
    const whole = await readLogs([textSource(text)]);
    const { reread: _reread, ...packed } = textSource(text);
    for (const from of [textSource(text), packed]) {
      const sifted = await siftLogs([from], { ...NOTHING, mid: [9003] }, {}, mostNoted);
      for (const mid of [9003, 8950]) expect(about(sifted, mid)).toEqual(about(whole, mid));
    }
  });

  test('a message whose lines stand at the end of the file', async () => {
    const noise = Array.from({ length: 5000 }, (_, at) => `Tue Mar  3 10:00:00 2026 Info: MID ${100_000 + at} queued for delivery`);
    const older = 'Tue Mar  3 10:00:00 2026 Info: Start MID 8950 ICID 6900';
    const text = [older, ...noise, 'Tue Mar  3 10:00:00 2026 Info: ISQ: Reinjected MID 8950 as MID 8960'].join('\n');
    const sifted = await siftLogs([textSource(text)], { ...NOTHING, mid: [8960] });
    for (const mid of [8950, 8960]) expect(about(sifted, mid)).toEqual(about(await readLogs([textSource(text)]), mid));
  });

  test('messages with the same Message-ID come with it', async () => {
    const noise = Array.from({ length: 5000 }, (_, at) => `Tue Mar  3 10:00:00 2026 Info: MID ${100_000 + at} Message-ID '<${at}@example.com>'`);
    const copies = [71, 72].map((mid) => `Tue Mar  3 10:00:00 2026 Info: MID ${mid} Message-ID '<same@example.com>'`);
    const sifted = await siftLogs([textSource([copies[0], ...noise, copies[1], ...noise, ''].join('\n'))], { ...NOTHING, mid: [72] });
    expect([...(sifted?.messages ?? [])].filter(({ mid }) => mid < 100).map(({ mid }) => mid)).toEqual([71, 72]);
  });

  test('lines that continue an entry come with it, whichever of them names the message', async () => {
    const noise = Array.from({ length: 3000 }, (_, at) => `Tue Mar  3 10:00:00 2026 Info: MID ${100_000 + at} queued for delivery`);
    const wrapped = [
      'Tue Mar  3 10:00:00 2026 Info: Delivery start DCID 31',
      'MID 77 to RID [0]',
      'Tue Mar  3 10:00:01 2026 Info: MID 77 RID [0] Response',
      "'2.0.0 Ok'",
    ];
    const log = [...noise, ...wrapped, ...noise, ''].join('\n');
    const sifted = await siftLogs([textSource(log)], { ...NOTHING, mid: [77] });
    expect(about(sifted, 77)).toEqual(about(await readLogs([textSource(log)]), 77));
    expect([...(sifted?.deliveries ?? [])]).toMatchObject([{ dcid: 31, deliveries: [{ mid: 77, response: '2.0.0 Ok' }] }]);
  });

  test('a message strewn over rotated files, named in any order', async () => {
    const noise = Array.from({ length: 4000 }, (_, at) => `Tue Mar  3 10:00:00 2026 Info: MID ${100_000 + at} queued for delivery`);
    const story = [
      'Start MID 8950 ICID 41',
      'ISQ: Quarantined MID 8950',
      'New SMTP ICID 41 interface Data 1 (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no',
      'ISQ: Reinjected MID 8950 as MID 8960',
      'MID 8960 rewritten to MID 8970 by antivirus',
      'New SMTP DCID 51 interface 192.0.2.25 address 203.0.113.80 port 25',
      'Delivery start DCID 51 MID 8970 to RID [0]',
      'Message done DCID 51 MID 8970 to RID [0]',
      'DCID 51 close',
      'Message 8970 to RID [0] pending till Sat Mar  7 12:57:26 2026',
      'ICID 41 lost',
    ].map((text) => `Tue Mar  3 10:00:00 2026 Info: ${text}`);
    const places = array(nat({ max: 2 }), { minLength: story.length, maxLength: story.length });
    await assert(
      asyncProperty(places, constantFrom(8950, 8960, 8970), async (files, asked) => {
        const sources = () => [0, 1, 2].map((file) => textSource([...noise, ...story.filter((_, at) => files[at] === file), ...noise, ''].join('\n'), file));
        const [sifted, whole] = [await siftLogs(sources(), { ...NOTHING, mid: [asked] }), await readLogs(sources())];
        for (const mid of [8950, 8960, 8970]) expect(about(sifted, mid)).toEqual(about(whole, mid));
        expect(sifted?.messages.length).toBeLessThan(4000);
      }),
      { numRuns: 25 },
    );
  });

  test('what cannot be sifted is left to reading', async () => {
    expect(await siftLogs([textSource(TEXT)], NOTHING)).toBeNull();
    expect(await siftLogs([textSource(TEXT)], { ...NOTHING, sender: ["o'brien"] })).toBeNull();
    expect(await siftLogs([textSource(Buffer.from(`\ufeff${TEXT}`, 'utf16le'))], { ...NOTHING, mid: [9001] })).toBeNull();
    expect(await siftLogs([{ ...textSource(TEXT), once: true }], { ...NOTHING, mid: [9001] })).toBeNull();
  });

  test('octets of any kind never throw', async () => {
    await assert(
      asyncProperty(uint8Array({ maxLength: 2000 }), async (octets) => void (await siftLogs([textSource(octets)], { ...NOTHING, mid: [7] }))),
      { numRuns: 50 },
    );
  });
});

import { describe, expect, test } from 'vitest';
import { fixedZone, nameOffset, parseZone } from '../../src/pairing/zone.ts';

const us = (iso: string): number => Date.parse(iso) * 1000;

describe('time zones', () => {
  test.each([
    ['+01:00', 'UTC+01:00'],
    ['-0330', 'UTC-03:30'],
    ['UTC', 'UTC'],
    ['UTC+5', 'UTC+05:00'],
    ['z', 'UTC'],
    ['Europe/Paris', 'Europe/Paris'],
  ])('reads %s', (text, name) => expect(parseZone(text)?.name).toBe(name));

  test.each(['', 'Nowhere/Land', '+25:00', '0100', 'CET+x'])('refuses “%s”', (text) => expect(parseZone(text)).toBeNull());

  test('names offsets, also odd ones', () => {
    expect(nameOffset(37_800)).toBe('UTC+10:30');
    expect(nameOffset(-18_000)).toBe('UTC-05:00');
    expect(nameOffset(561)).toBe('UTC+00:09:21');
  });

  test('a fixed zone subtracts its offset', () => {
    expect(fixedZone(3600).readings(us('2026-03-11T10:00:00Z'))).toEqual([us('2026-03-11T09:00:00Z')]);
  });

  test('daylight saving is followed', () => {
    const paris = parseZone('Europe/Paris');
    expect(paris?.readings(us('2026-01-15T12:00:00Z'))).toEqual([us('2026-01-15T11:00:00Z')]);
    expect(paris?.readings(us('2026-07-15T12:00:00Z'))).toEqual([us('2026-07-15T10:00:00Z')]);
  });

  test('the hour that occurs twice has two readings', () => {
    expect(parseZone('Europe/Paris')?.readings(us('2026-10-25T02:30:00Z'))).toEqual([us('2026-10-25T00:30:00Z'), us('2026-10-25T01:30:00Z')]);
  });

  test('the hour that never occurs is read past the jump', () => {
    expect(parseZone('Europe/Paris')?.readings(us('2026-03-29T02:30:00Z'))).toEqual([us('2026-03-29T01:30:00Z')]);
  });

  test('half-hour zones and new year', () => {
    expect(parseZone('Australia/Adelaide')?.readings(us('2027-01-01T04:30:00Z'))).toEqual([us('2026-12-31T18:00:00Z')]);
    expect(parseZone('Asia/Kolkata')?.readings(us('2028-02-29T03:00:00Z'))).toEqual([us('2028-02-28T21:30:00Z')]);
  });
});

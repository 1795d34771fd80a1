import { isUtf8 } from 'node:buffer';

/** What every Buffer has and no type declares: a text of octets, without the detour over the name of an encoding. */
interface Sliced {
  latin1Slice(from: number, to: number): string;
}

/** The text of octets that are ASCII. */
export function asciiText(octets: Buffer & Partial<Sliced>, from: number, to: number): string {
  return octets.latin1Slice ? octets.latin1Slice(from, to) : octets.toString('latin1', from, to);
}

/** The text of some octets: UTF-8 where they are valid, else latin1 as they stand. */
export function decode(octets: Buffer, from: number, to: number): string {
  return octets.toString(isUtf8(octets.subarray(from, to)) ? 'utf8' : 'latin1', from, to);
}

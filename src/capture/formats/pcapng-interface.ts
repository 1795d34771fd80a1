import type { EpochUs } from '../../model/units.ts';
import { SECOND_US } from '../../model/units.ts';
import { linkTypeOf } from '../links/index.ts';
import type { LinkType } from '../links/link-type.ts';
import { readOptions, textAt } from './pcapng-options.ts';

const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

const TWO_TO_32 = 0x1_0000_0000;

/** One interface of a section. */
export interface CaptureInterface {
  /** Number over the whole file, over all its sections. */
  readonly id: number;
  readonly link: LinkType | null;
  readonly linkNumber: number;
  /** if_name; null where it has none. */
  readonly name: string | null;
  /** 0: no limit. */
  readonly snapLength: number;
  /** Microseconds of a time stamp given as two words. */
  toUs(high: number, low: number): EpochUs;
}

/** Reads an interface description block from `at` to `end`. */
export function readInterface(view: DataView, at: number, end: number, little: boolean, id: number): CaptureInterface {
  let resolution = 6;
  let offsetUs = 0;
  let name: string | null = null;
  readOptions(view, at + 16, end - 4, little, (code, valueAt, length) => {
    if (code === IF_NAME) name = textAt(view, valueAt, length);
    if (code === IF_TSRESOL && length === 1) resolution = view.getUint8(valueAt);
    if (code === IF_TSOFFSET && length === 8) offsetUs = Number(view.getBigInt64(valueAt, little)) * SECOND_US;
  });
  const linkNumber = view.getUint16(at + 8, little);
  return { id, linkNumber, name, link: linkTypeOf(linkNumber), snapLength: view.getUint32(at + 12, little), toUs: clockOf(resolution, offsetUs) };
}

/**
 * How stamps become microseconds. A stamp has 64 bits and a double 53, so that the upper word is scaled apart: whole microseconds stay exact.
 * if_tsresol: a power of ten, or of two when the upper bit is set (draft-ietf-opsawg-pcapng, 4.2).
 */
function clockOf(resolution: number, offsetUs: number): CaptureInterface['toUs'] {
  const exponent = resolution & 0x7f;
  if ((resolution & 0x80) !== 0) {
    const highSeconds = 2 ** (32 - exponent);
    const lowSeconds = 2 ** -exponent;
    return (high, low) => {
      const seconds = Math.floor(high * highSeconds);
      return seconds * SECOND_US + (high * highSeconds - seconds + low * lowSeconds) * SECOND_US + offsetUs;
    };
  }
  if (exponent <= 6) {
    const unitUs = 10 ** (6 - exponent);
    return (high, low) => (high * TWO_TO_32 + low) * unitUs + offsetUs;
  }
  const unitsInUs = 10 ** (exponent - 6);
  const whole = Math.floor(TWO_TO_32 / unitsInUs);
  const rest = TWO_TO_32 - whole * unitsInUs;
  return (high, low) => high * whole + (high * rest + low) / unitsInUs + offsetUs;
}

import type { EpochUs } from '../../model/units.ts';
import type { Window } from '../window.ts';
import type { CaptureFormat, DecodeStatus, Decoder, PacketReceiver } from './capture-format.ts';
import { isHeaderWithin } from './pcap-header.ts';
import {
  DECRYPTION_SECRETS,
  ENHANCED_PACKET,
  findBlock,
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  isLittleSection,
  isNumberedRecord,
  isSectionWithin,
  MAX_BLOCK_OCTETS,
  MIN_BLOCK_OCTETS,
  MIN_OCTETS,
  OBSOLETE_PACKET,
  SECTION_HEADER,
  SIMPLE_PACKET,
  TLS_KEY_LOG,
} from './pcapng-blocks.ts';
import { readInterface } from './pcapng-interface.ts';
import type { CaptureInterface } from './pcapng-interface.ts';
import { commentOf, readCounter, readOptions } from './pcapng-options.ts';
import { readStatistics } from './pcapng-statistics.ts';

/** pcapng (draft-ietf-opsawg-pcapng). */
export const PCAPNG: CaptureFormat = {
  name: 'pcapng',
  headOctets: 28,
  matches: (view, at, end) => at + 4 <= end && view.getUint32(at) === SECTION_HEADER && (at + MIN_BLOCK_OCTETS > end || isSectionWithin(view, at, end)),
  begin: (window) => (window.start + MIN_BLOCK_OCTETS > window.end ? null : new PcapngDecoder()),
};

/** Octets from which the beginning of another capture can be told. */
const LOOK_AHEAD_OCTETS = 24;

const EPB_DROPCOUNT = 4;

/** A packet within its block. */
interface PacketPlace {
  readonly source: CaptureInterface | undefined;
  readonly atUs: EpochUs;
  readonly at: number;
  readonly stored: number;
  readonly wire: number;
  readonly optionsAt: number;
  /** Packets lost since the one before, as the obsolete block tells it in a field of its own. */
  readonly drops: number;
}

class PcapngDecoder implements Decoder {
  nextUs: EpochUs = Number.NEGATIVE_INFINITY;

  #little = true;
  #interfaces: CaptureInterface[] = [];
  #interfacesBefore = 0;
  #searching = false;
  /** Interfaces that packets came from: the highest number so far, and that of the last packet. */
  #lastUsed = -1;
  #current = -1;

  decode(window: Window, receiver: PacketReceiver, untilUs: EpochUs): DecodeStatus {
    receiver.use(window.bytes, window.view);
    for (;;) {
      if (this.#searching && !this.#search(window)) return 'more';
      const status = this.#packets(window, receiver, untilUs);
      if (status === 'paused') return status;
      const next = this.#block(window, receiver, untilUs);
      if (next !== 'read') return next;
    }
  }

  /** The loop over enhanced packet blocks without options: nearly all of every file. Leaves the window's start at the first block that is something else. */
  #packets(window: Window, receiver: PacketReceiver, untilUs: EpochUs): 'paused' | 'other' {
    const { view, end } = window;
    const little = this.#little;
    const interfaces = this.#interfaces;
    let at = window.start;
    let status: 'paused' | 'other' = 'other';
    while (at + 28 <= end && view.getUint32(at, little) === ENHANCED_PACKET) {
      const length = view.getUint32(at + 4, little);
      const stored = view.getUint32(at + 20, little);
      if (
        length < 32 ||
        length > MAX_BLOCK_OCTETS ||
        at + length > end ||
        ((stored + 3) & ~3) + 32 !== length ||
        view.getUint32(at + length - 4, little) !== length
      )
        break;
      const source = interfaces[view.getUint32(at + 8, little)];
      if (source === undefined) break;
      const atUs = source.toUs(view.getUint32(at + 12, little), view.getUint32(at + 16, little));
      if (atUs > untilUs) {
        this.nextUs = atUs;
        status = 'paused';
        break;
      }
      this.#give(receiver, source, at + 28, stored, view.getUint32(at + 24, little), atUs);
      at += length;
    }
    window.start = at;
    return status;
  }

  /** One block of any type at the window's start; moves behind it. */
  #block(window: Window, receiver: PacketReceiver, untilUs: EpochUs): DecodeStatus | 'read' {
    const { view, start: at, end, atEnd } = window;
    if (at + LOOK_AHEAD_OCTETS > end && !atEnd) return 'more';
    if (at + MIN_BLOCK_OCTETS > end) return this.#endHere(window, receiver);
    if (isHeaderWithin(view, at, end)) return 'foreign';
    const isSection = isSectionWithin(view, at, end);
    const little = isSection ? (isLittleSection(view, at) ?? this.#little) : this.#little;
    const type = view.getUint32(at, little);
    const length = (view.getUint32(at + 4, little) + 3) & ~3;
    if (length < (MIN_OCTETS[type] ?? MIN_BLOCK_OCTETS) || length > MAX_BLOCK_OCTETS) return this.#giveUp(window, receiver);
    if (at + length > end) return atEnd ? this.#endHere(window, receiver) : 'more';
    // Some writers repeat the length without rounding it up: both readings of it count as agreement.
    if (((view.getUint32(at + length - 4, little) + 3) & ~3) !== length) return this.#giveUp(window, receiver);
    if (isSection) this.#beginSection(little);
    const place = this.#packetIn(type, window, at, at + length, receiver);
    if (place && place.atUs > untilUs) {
      this.nextUs = place.atUs;
      return 'paused';
    }
    window.start = at + length;
    if (place) this.#givePlaced(place, at + length, window, receiver);
    else this.#describe(type, at, at + length, window, receiver);
    return 'read';
  }

  /** Where the packet of the block from `at` to `end` lies; null for blocks that hold none. */
  #packetIn(type: number, { view }: Window, at: number, end: number, receiver: PacketReceiver): PacketPlace | null {
    const little = this.#little;
    if (type === SIMPLE_PACKET) {
      const source = this.#interfaces[0];
      const wire = view.getUint32(at + 8, little);
      const limit = source && source.snapLength > 0 ? source.snapLength : wire;
      const atUs = Math.max(0, receiver.tally.previousUs);
      return { source, atUs, at: at + 12, stored: Math.min(wire, limit, end - at - 16), wire, optionsAt: end, drops: 0 };
    }
    if (type !== ENHANCED_PACKET && type !== OBSOLETE_PACKET) return null;
    const isObsolete = type === OBSOLETE_PACKET;
    const source = this.#interfaces[isObsolete ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little)];
    const drops = isObsolete ? view.getUint16(at + 10, little) : 0;
    const stored = view.getUint32(at + 20, little);
    const atUs = source?.toUs(view.getUint32(at + 12, little), view.getUint32(at + 16, little)) ?? Number.NEGATIVE_INFINITY;
    const optionsAt = at + 28 + ((stored + 3) & ~3);
    // 0xffff: the number of drops is not known.
    return { source, atUs, at: at + 28, stored, wire: view.getUint32(at + 24, little), optionsAt, drops: drops === 0xffff ? 0 : drops };
  }

  #givePlaced(place: PacketPlace, end: number, { bytes, view, base }: Window, receiver: PacketReceiver): void {
    const { source, at, stored, wire, optionsAt, drops } = place;
    if (!source || at + stored + 4 > end) {
      receiver.tally.note(
        'corrupt-block',
        `offset ${base + end}`,
        1,
        source ? 'a packet longer than its block' : 'a packet of an interface that is not described',
      );
      return;
    }
    this.#give(receiver, source, at, stored, wire, place.atUs);
    if (drops > 0) receiver.tally.noteDropsBetween(drops);
    readOptions(view, optionsAt, end - 4, this.#little, (code, valueAt, length) => {
      receiver.tally.noteComment(commentOf(bytes, code, valueAt, length) ?? '');
      if (code === EPB_DROPCOUNT && length === 8) receiver.tally.noteDropsBetween(readCounter(view, valueAt, this.#little));
    });
  }

  #give(receiver: PacketReceiver, source: CaptureInterface, at: number, stored: number, wire: number, atUs: EpochUs): void {
    if (source.id !== this.#current) {
      this.#current = source.id;
      receiver.tally.noteInterface(source.id, source);
    }
    if (source.id > this.#lastUsed) {
      this.#lastUsed = source.id;
      if (!receiver.tally.passesOver) receiver.tally.noteLinkType(source.link?.name ?? `link type ${source.linkNumber}`);
    }
    receiver.packet(at, at + stored, wire, atUs, source.link, source.id);
    if (source.link === null && !receiver.tally.passesOver)
      receiver.tally.note('unknown-link-type', `packet ${receiver.tally.frames}`, 1, `number ${source.linkNumber}`);
  }

  /** A block that is no packet. */
  #describe(type: number, at: number, end: number, { bytes, view }: Window, receiver: PacketReceiver): void {
    const little = this.#little;
    const { tally } = receiver;
    if (type === INTERFACE_DESCRIPTION) this.#interfaces.push(readInterface(view, at, end, little, this.#interfacesBefore + this.#interfaces.length));
    else if (type === INTERFACE_STATISTICS) {
      const source = this.#interfaces[view.getUint32(at + 8, little)];
      if (source) readStatistics(view, at, end, little, source, tally);
    } else if (type === DECRYPTION_SECRETS) {
      if (view.getUint32(at + 8, little) === TLS_KEY_LOG)
        receiver.keyLog?.(bytes.subarray(at + 16, Math.min(end - 4, at + 16 + view.getUint32(at + 12, little))));
    } else if (isNumberedRecord(type)) tally.frames++;
    const optionsAt = type === SECTION_HEADER ? at + 24 : type === INTERFACE_DESCRIPTION ? at + 16 : end;
    readOptions(view, optionsAt, end - 4, little, (code, valueAt, length) => tally.noteComment(commentOf(bytes, code, valueAt, length) ?? ''));
  }

  #beginSection(little: boolean): void {
    this.#little = little;
    this.#interfacesBefore += this.#interfaces.length;
    this.#interfaces = [];
  }

  /** The file ends here: within a block, or between two. */
  #endHere(window: Window, receiver: PacketReceiver): DecodeStatus {
    if (window.start < window.end) receiver.tally.note('cut-in-record', `offset ${window.offsetOf(window.start)}`);
    window.start = window.end;
    return 'more';
  }

  #giveUp(window: Window, receiver: PacketReceiver): DecodeStatus | 'read' {
    receiver.tally.note('corrupt-block', `offset ${window.offsetOf(window.start)}`, 1, `after packet ${receiver.tally.frames}`);
    window.start++;
    this.#searching = true;
    return 'read';
  }

  /** True: the window begins with a sane block or another capture. False: more octets are needed, or there are none. */
  #search(window: Window): boolean {
    const found = findBlock(window.view, window.start, window.end, window.atEnd, this.#little);
    window.start = found.at >= 0 ? found.at : found.resumeAt;
    this.#searching = found.at < 0;
    return !this.#searching;
  }
}

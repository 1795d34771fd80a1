import type { EpochUs } from '../../model/units.ts';
import { SECOND_US } from '../../model/units.ts';
import { linkTypeOf } from '../links/index.ts';
import type { LinkType } from '../links/link-type.ts';
import type { Window } from '../window.ts';
import type { CaptureFormat, DecodeStatus, Decoder, PacketReceiver } from './capture-format.ts';
import { byteOrderOf, FILE_HEADER_OCTETS, findRecordHeaderOctets, LAYOUT_OCTETS, readFileHeader } from './pcap-header.ts';
import { findRecord, JUMP_SECONDS, judgeRecord, recordUs, storedOctets, USUAL_LIMIT_OCTETS, wireOctets } from './pcap-records.ts';
import type { RecordLayout } from './pcap-records.ts';

/** Classic pcap in all its variants (draft-ietf-opsawg-pcap). */
export const PCAP: CaptureFormat = {
  name: 'pcap',
  headOctets: FILE_HEADER_OCTETS + LAYOUT_OCTETS,
  matches: (view, at, end) => at + 4 <= end && byteOrderOf(view, at) !== null,
  begin(window, receiver) {
    if (window.start + FILE_HEADER_OCTETS > window.end) return null;
    const header = readFileHeader(window.view, window.start);
    const recordsAt = window.start + FILE_HEADER_OCTETS;
    const headerOctets = findRecordHeaderOctets(window.view, header, recordsAt, Math.min(window.end, recordsAt + LAYOUT_OCTETS));
    window.start = recordsAt;
    const link = linkTypeOf(header.linkNumber);
    receiver.tally.noteInterface(0, { linkNumber: header.linkNumber, name: null, snapLength: header.snapLength });
    receiver.tally.noteLinkType(link?.name ?? `link type ${header.linkNumber}`);
    if (!link) receiver.tally.note('unknown-link-type', `offset ${window.offsetOf(recordsAt)}`, 1, `number ${header.linkNumber}`);
    return new PcapDecoder({ header, headerOctets }, link);
  },
};

class PcapDecoder implements Decoder {
  nextUs: EpochUs = Number.NEGATIVE_INFINITY;

  readonly #layout: RecordLayout;
  readonly #link: LinkType | null;
  /** Seconds of the last record. Before the first one it is -Infinity, so that the first one is always judged: another file header may stand there. */
  #lastSeconds = Number.NEGATIVE_INFINITY;
  /** The window begins with the last record given away, this long: it is searched again when its length turns out to be wrong. */
  #kept = 0;
  /** Records have stopped making sense; the search for the next one begins at the window's start. */
  #searching = false;

  constructor(layout: RecordLayout, link: LinkType | null) {
    this.#layout = layout;
    this.#link = link;
  }

  decode(window: Window, receiver: PacketReceiver, untilUs: EpochUs): DecodeStatus {
    for (;;) {
      if (this.#searching && !this.#search(window)) return 'more';
      const status = this.#decodeSane(window, receiver, untilUs);
      if (status === 'more' && window.atEnd && this.#recoverTail(window, receiver)) continue;
      if (status !== 'strange') return status;
      const { view, start, end, atEnd } = window;
      const judgement = judgeRecord(view, start + this.#kept, end, atEnd, this.#layout, this.#lastSeconds);
      if (judgement === 'ahead') return 'more';
      if (judgement === 'foreign') {
        window.start += this.#kept;
        this.#kept = 0;
        return 'foreign';
      }
      if (judgement === 'corrupt') {
        this.#giveUp(window, receiver);
        continue;
      }
      const strange = this.#decodeStrange(window, receiver, untilUs);
      if (strange === 'given' || (strange === 'more' && window.atEnd && this.#recoverTail(window, receiver))) continue;
      return strange;
    }
  }

  /** The loop over records that are as they should be. Leaves the window's start at the last record given away. */
  #decodeSane(window: Window, receiver: PacketReceiver, untilUs: EpochUs): DecodeStatus | 'strange' {
    const { view, end } = window;
    const { headerOctets, header } = this.#layout;
    const { little, perSecond } = header;
    const link = this.#link;
    const unitsPerUs = perSecond / SECOND_US;
    let kept = window.start;
    let at = kept + this.#kept;
    let lastSeconds = this.#lastSeconds;
    let status: DecodeStatus | 'strange' = 'more';
    receiver.use(window.bytes, view);
    while (at + headerOctets <= end) {
      const seconds = view.getUint32(at, little);
      const fraction = view.getUint32(at + 4, little);
      const stored = view.getUint32(at + 8, little);
      const wire = view.getUint32(at + 12, little);
      if (
        stored > wire ||
        stored > USUAL_LIMIT_OCTETS ||
        fraction >= perSecond ||
        seconds - lastSeconds > JUMP_SECONDS ||
        lastSeconds - seconds > JUMP_SECONDS
      ) {
        status = 'strange';
        break;
      }
      const packetAt = at + headerOctets;
      if (packetAt + stored > end) break;
      const atUs = seconds * SECOND_US + (unitsPerUs === 1 ? fraction : fraction / unitsPerUs);
      if (atUs > untilUs) {
        this.nextUs = atUs;
        status = 'paused';
        break;
      }
      receiver.packet(packetAt, packetAt + stored, wire, atUs, link, 0);
      lastSeconds = seconds;
      kept = at;
      at = packetAt + stored;
    }
    this.#lastSeconds = lastSeconds;
    this.#kept = at - kept;
    window.start = kept;
    return status;
  }

  /** Gives away one record that was judged real although it is strange. */
  #decodeStrange(window: Window, receiver: PacketReceiver, untilUs: EpochUs): 'given' | 'paused' | 'more' {
    const { view, end } = window;
    const at = window.start + this.#kept;
    const packetAt = at + this.#layout.headerOctets;
    const stored = storedOctets(view, at, this.#layout);
    if (packetAt + stored > end) return 'more';
    const atUs = recordUs(view, at, this.#layout);
    if (atUs > untilUs) {
      this.nextUs = atUs;
      return 'paused';
    }
    receiver.packet(packetAt, packetAt + stored, wireOctets(view, at, this.#layout), atUs, this.#link, 0);
    this.#lastSeconds = view.getUint32(at, this.#layout.header.little);
    window.start = at;
    this.#kept = packetAt + stored - at;
    return 'given';
  }

  /** The file ends within a record: it was cut there, unless the record's length is wrong and others follow within it. True: go on. */
  #recoverTail(window: Window, receiver: PacketReceiver): boolean {
    const at = window.start + this.#kept;
    const found = at < window.end ? findRecord(window.view, at + 1, window.end, true, this.#layout, this.#lastSeconds) : { at: -1 };
    if (found.at >= 0) this.#noteCorrupt(window, at, receiver);
    else if (at < window.end) receiver.tally.note('cut-in-record', `offset ${window.offsetOf(at)}`);
    window.start = found.at >= 0 ? found.at : window.end;
    this.#kept = 0;
    return found.at >= 0;
  }

  /** Begins the search within the record before: it may be its length that is wrong. */
  #giveUp(window: Window, receiver: PacketReceiver): void {
    const at = window.start + this.#kept;
    this.#noteCorrupt(window, at, receiver);
    window.start = this.#kept > 0 ? Math.min(at, window.start + this.#layout.headerOctets) : at + 1;
    this.#kept = 0;
    this.#searching = true;
  }

  /** True: the window begins with a sane record or another capture. False: more octets are needed, or there are none. */
  #search(window: Window): boolean {
    const found = findRecord(window.view, window.start, window.end, window.atEnd, this.#layout, this.#lastSeconds);
    window.start = found.at >= 0 ? found.at : found.resumeAt;
    this.#searching = found.at < 0;
    return !this.#searching;
  }

  #noteCorrupt(window: Window, at: number, receiver: PacketReceiver): void {
    receiver.tally.note('corrupt-record', `offset ${window.offsetOf(at)}`, 1, `after packet ${receiver.tally.frames}`);
  }
}

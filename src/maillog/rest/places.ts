import type { OctetStore } from '../../model/octet-store.ts';
import type { LineTable } from '../line-table.ts';
import { isTelling, lineOf, type MarkedLine } from '../store.ts';

const FIRST_OCTETS = 1 << 12;
/** A number below 2^53 takes so many octets at most. */
const MAX_NUMBER_OCTETS = 8;

/** Names a list of lines that was put away. */
export type Address = number;

/** What was put away under one address. */
export interface PutAway {
  /** In their order, in the table again under new numbers. */
  readonly lines: MarkedLine[];
  readonly note: string;
}

/** Where lines stand, put away: about seven octets a line, which the table of lines no longer needs to know then. */
export class Places {
  readonly #table: LineTable;
  readonly #records: OctetStore;
  /** The record that is being written. */
  #draft = Buffer.allocUnsafeSlow(FIRST_OCTETS);
  #end = 0;
  /** The record that is being read, and how far. */
  #block: Buffer = this.#draft;
  #at = 0;

  constructor(table: LineTable, records: OctetStore) {
    this.#table = table;
    this.#records = records;
  }

  /** `note`: what is to be known of them besides. */
  put(lines: readonly MarkedLine[], note: string): Address {
    this.#end = 0;
    this.#write(lines.length);
    this.#writeText(note);
    let [seconds, block, from, number] = [0, 0, 0, 0];
    for (const marked of lines) {
      const row = this.#table.rowView(lineOf(marked));
      this.#write((row.length * 2 + (isTelling(marked) ? 1 : 0)) * 2 + (row.made === null ? 0 : 1));
      this.#writeSigned(row.seconds - seconds);
      this.#writeSigned(row.block - block);
      this.#writeSigned(row.from - (row.block === block ? from : 0));
      this.#writeSigned(row.number - number);
      seconds = row.seconds;
      block = row.block;
      from = row.from;
      number = row.number;
      if (row.made !== null) this.#writeText(row.made);
    }
    return this.#records.keep(this.#draft.subarray(0, this.#end));
  }

  get(address: Address): PutAway {
    this.#block = this.#records.blockOf(address);
    this.#at = this.#records.placeOf(address);
    const count = this.#read();
    const note = this.#readText();
    const lines: MarkedLine[] = [];
    let [seconds, block, from, number] = [0, 0, 0, 0];
    for (let left = count; left > 0; left--) {
      const head = this.#read();
      seconds += this.#readSigned();
      const blocks = this.#readSigned();
      block += blocks;
      from = this.#readSigned() + (blocks === 0 ? from : 0);
      number += this.#readSigned();
      const id = this.#table.add(block, number, seconds, from, Math.floor(head / 4));
      if ((head & 1) === 1) this.#table.replaceText(id, this.#readText());
      lines.push(id * 2 + ((head & 2) === 2 ? 1 : 0));
    }
    return { lines, note };
  }

  #writeText(text: string): void {
    if (text === '') return this.#write(0);
    const octets = Buffer.byteLength(text);
    this.#write(octets);
    this.#makeRoom(octets);
    this.#end += this.#draft.write(text, this.#end);
  }

  #readText(): string {
    const octets = this.#read();
    if (octets === 0) return '';
    this.#at += octets;
    return this.#block.toString('utf8', this.#at - octets, this.#at);
  }

  #writeSigned(value: number): void {
    this.#write(value < 0 ? -value * 2 - 1 : value * 2);
  }

  #readSigned(): number {
    const value = this.#read();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** Seven bits an octet, the lowest first. */
  #write(value: number): void {
    if (this.#end + MAX_NUMBER_OCTETS > this.#draft.length) this.#makeRoom(MAX_NUMBER_OCTETS);
    let rest = value;
    while (rest > 127) {
      this.#draft[this.#end++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#draft[this.#end++] = rest;
  }

  #makeRoom(octets: number): void {
    if (this.#end + octets <= this.#draft.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#end + octets));
    this.#draft.copy(larger, 0, 0, this.#end);
    this.#draft = larger;
  }

  #read(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const octet = this.#block[this.#at++] ?? 0;
      value += (octet & 127) * scale;
      if (octet < 128) return value;
    }
  }
}

import type { LineTable } from '../line-table.ts';
import { isTelling, lineOf, type MarkedLine } from '../store.ts';

const PAGE_BITS = 20;
const PAGE_BYTES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_BYTES - 1;

/** Names a list of lines that was put away. */
export type Address = number;

/**
 * Where lines stand, put away: about seven octets a line, which the table of lines no longer needs to know then. Given back, a line has a
 * new number in the table.
 */
export class Places {
  readonly #table: LineTable;
  readonly #pages: Uint8Array[] = [];
  #end = 0;
  /** Texts that stand nowhere as they are, by the address of their line. */
  readonly #made = new Map<Address, string>();

  constructor(table: LineTable) {
    this.#table = table;
  }

  put(lines: readonly MarkedLine[]): Address {
    const address = this.#end;
    this.#write(lines.length);
    let seconds = 0;
    let block = 0;
    let from = 0;
    let number = 0;
    for (const marked of lines) {
      const row = this.#table.rowView(lineOf(marked));
      if (row.made !== null) this.#made.set(this.#end, row.made);
      this.#write((row.length * 2 + (isTelling(marked) ? 1 : 0)) * 2 + (row.made === null ? 0 : 1));
      this.#writeSigned(row.seconds - seconds);
      this.#writeSigned(row.block - block);
      this.#writeSigned(row.from - (row.block === block ? from : 0));
      this.#writeSigned(row.number - number);
      seconds = row.seconds;
      block = row.block;
      from = row.from;
      number = row.number;
    }
    return address;
  }

  /** The lines in their order, in the table again. */
  get(address: Address): MarkedLine[] {
    this.#at = address;
    const lines: MarkedLine[] = [];
    let [seconds, block, from, number] = [0, 0, 0, 0];
    for (let left = this.#read(); left > 0; left--) {
      const made = this.#made.get(this.#at);
      const head = this.#read();
      seconds += this.#readSigned();
      const blocks = this.#readSigned();
      block += blocks;
      from = this.#readSigned() + (blocks === 0 ? from : 0);
      number += this.#readSigned();
      const id = this.#table.add(block, number, seconds, from, Math.floor(head / 4));
      if (made !== undefined && (head & 1) === 1) this.#table.replaceText(id, made);
      lines.push(id * 2 + ((head & 2) === 2 ? 1 : 0));
    }
    return lines;
  }

  /** Where reading stands. */
  #at = 0;

  #writeSigned(value: number): void {
    this.#write(value < 0 ? -value * 2 - 1 : value * 2);
  }

  #readSigned(): number {
    const value = this.#read();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** Seven bits an octet, the lowest first. */
  #write(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#octet((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#octet(rest);
  }

  #octet(octet: number): void {
    const page = this.#end >>> PAGE_BITS;
    if (page === this.#pages.length) this.#pages.push(new Uint8Array(PAGE_BYTES));
    const octets = this.#pages[page];
    if (octets) octets[this.#end & PAGE_MASK] = octet;
    this.#end++;
  }

  #read(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const octet = this.#pages[this.#at >>> PAGE_BITS]?.[this.#at & PAGE_MASK] ?? 0;
      this.#at++;
      value += (octet & 127) * scale;
      if (octet < 128) return value;
    }
  }
}

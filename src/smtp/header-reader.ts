import { HEADER_VALUE_OCTETS } from './budget.ts';
import { latin1, terminatorOf } from './line-reader.ts';

const LF = 10;
const CR = 13;
const COLON = 58;
/** A header block longer than this is read no further: it is a body that pretends. */
const BLOCK_OCTETS = 512 * 1024;

/** Nor one with a line longer than this. */
const LINE_OCTETS = 64 * 1024;

type FieldName = 'messageId' | 'subject' | 'from' | 'date';
const FIELDS: readonly { readonly name: string; readonly key: FieldName }[] = [
  { name: 'message-id', key: 'messageId' },
  { name: 'subject', key: 'subject' },
  { name: 'from', key: 'from' },
  { name: 'date', key: 'date' },
];

/**
 * Reads the header block of a message (RFC 5322, 2.2) as it comes: keeps the fields that name it, the first of each kind,
 * folds undone, and the length of the longest line. Ends at the empty line or at the first line that is no field.
 */
export class HeaderReader {
  longestLine = 0;
  #done = false;
  readonly #values: Record<FieldName, string | null> = { messageId: null, subject: null, from: null, date: null };
  /** Field whose continuation lines are wanted. */
  #field: FieldName | null = null;
  /** Unfinished line; at most what a value may hold. */
  #text = '';
  #length = 0;
  #total = 0;

  get isDone(): boolean {
    return this.#done;
  }

  feed(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#done) {
      let stop = at;
      while (stop < end && bytes[stop] !== LF) stop++;
      const ended = stop < end;
      if (ended) stop++;
      const keep = Math.min(stop - at, HEADER_VALUE_OCTETS + 32 - this.#text.length);
      // Whole lines of fields that nobody asked for are passed over without becoming text.
      if (this.#length > 0 || !ended || this.#isWanted(bytes, at)) {
        if (keep > 0) this.#text += latin1(bytes, at, at + keep);
        this.#length += stop - at;
        if (this.#length > LINE_OCTETS) this.#done = true;
        else if (ended) this.#line(this.#text, this.#length);
      } else this.#skipLine(bytes, at, stop);
      at = stop;
    }
  }

  /** Octets are missing here: what follows cannot be told from the body. */
  cut(): void {
    this.#done = true;
    this.#text = '';
  }

  fields(): Readonly<Record<FieldName, string | null>> {
    return { ...this.#values };
  }

  /** Continuations of a wanted field, and lines that begin like a wanted name. */
  #isWanted(bytes: Uint8Array, at: number): boolean {
    const first = (bytes[at] ?? 0) | 0x20;
    if (bytes[at] === 0x20 || bytes[at] === 9) return this.#field !== null;
    return first === 0x6d || first === 0x73 || first === 0x66 || first === 0x64 || first === 0x3e;
  }

  #skipLine(bytes: Uint8Array, at: number, stop: number): void {
    const first = bytes[at];
    if (first === LF || (first === CR && stop === at + 2)) {
      this.#done = true;
      return;
    }
    this.#count(stop - at);
    if (first === 0x20 || first === 9) return;
    this.#field = null;
    let colon = at;
    while (colon < stop && (bytes[colon] ?? 0) > 0x20 && bytes[colon] !== COLON) colon++;
    while (colon < stop && (bytes[colon] === 0x20 || bytes[colon] === 9)) colon++;
    if (colon === at || bytes[colon] !== COLON) this.#done = true;
  }

  #line(text: string, length: number): void {
    this.#text = '';
    this.#length = 0;
    const line = text.slice(0, text.length - terminatorOf(text));
    if (line === '') {
      this.#done = true;
      return;
    }
    this.#count(length);
    if (line.startsWith(' ') || line.startsWith('\t')) {
      const value = this.#field ? this.#values[this.#field] : null;
      if (this.#field && value !== null) this.#values[this.#field] = (value + line).slice(0, HEADER_VALUE_OCTETS);
      return;
    }
    this.#field = null;
    const name = /^([!-9;-~]+)[ \t]*:/.exec(line);
    if (!name) {
      // The envelope line of mailbox files, sometimes sent along.
      if (this.#total !== length || !/^>?From /.test(line)) this.#done = true;
      return;
    }
    const key = FIELDS.find((field) => field.name === name[1]?.toLowerCase())?.key;
    if (!key || this.#values[key] !== null) return;
    this.#values[key] = line.slice(name[0].length).trim().slice(0, HEADER_VALUE_OCTETS);
    this.#field = key;
  }

  /** `length` includes the line end, the limits of RFC 5322, 2.1.1 do not. */
  #count(length: number): void {
    if (length - 2 > this.longestLine) this.longestLine = length - 2;
    this.#total += length;
    if (this.#total > BLOCK_OCTETS) this.#done = true;
  }
}

/** Fields that begin a header block. */
const HEADER_LINE = /^(Received|Return-Path|Message-ID|From|To|Date|Subject|MIME-Version|DKIM-Signature|Content-Type|X-[A-Za-z-]+):\s/i;

export function beginsHeader(line: string): boolean {
  return HEADER_LINE.test(line);
}

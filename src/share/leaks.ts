import { formatAddress, parseAddress } from '../model/address.ts';
import type { FrameView } from '../model/frame.ts';
import { makeSmall, READINGS } from './encodings.ts';
import { NameIndex } from './names.ts';

/** Files are read in pieces of this length, so that as many readings of them take little memory. */
const PIECE = 1 << 20;
/** Of a longer name this much is looked for. */
const LONGEST_NAME = 120;
/** The longest writing of an octet: `\u0040`. */
const WIDEST = 6;
/** Shorter names come out of any octets by chance, read as base64 or across the headers of packets. */
const SHORTEST_ENCODED = 8;
/** Stands between stretches of frames; part of no name, and of no writing of one. */
const APART = 1;
const PRIVATE = /^(?:10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./;
/** What no word of ours is like: a part of an address, a number, a foreign letter. */
const TELLING = /[@.\d\x80-\xff]/;

/** Something of the original that still stands in what is to be given away. */
export interface Leak {
  readonly what: string;
  /** How it is written there. */
  readonly reading: string;
}

/** What is searched, read piece by piece: an array, or a file. */
export interface Octets {
  readonly length: number;
  subarray(from: number, to: number): Uint8Array;
}

export interface Originals {
  /** Octets as latin1 characters, in small letters. */
  readonly names: Iterable<string>;
  readonly addresses: Iterable<string>;
  /** Twelve hexadecimal digits each. */
  readonly hardware: Iterable<string>;
}

/** Looks for what was replaced, in all forms in which it may stand. The time depends on the octets, not on how many names there are. */
export class LeakSearch {
  readonly #telling: NameIndex;
  readonly #encoded: NameIndex;
  /** Words that our own reports may say, too. */
  readonly #plain: NameIndex;
  readonly #octets: NameIndex;
  readonly #addresses: ReadonlySet<string>;
  readonly #hardware: ReadonlySet<string>;

  constructor({ names, addresses, hardware }: Originals) {
    this.#addresses = new Set(addresses);
    this.#hardware = new Set(hardware);
    const whole = [...names].map(shortened);
    const telling = [
      ...whole.filter((name) => TELLING.test(name)),
      ...[...this.#addresses].flatMap(writingsOfAddress),
      ...[...this.#hardware].flatMap(writingsOfHardware),
    ];
    this.#telling = new NameIndex(telling, true);
    this.#encoded = new NameIndex(
      telling.filter(({ length }) => length >= SHORTEST_ENCODED),
      true,
    );
    this.#plain = new NameIndex(
      whole.filter((name) => !TELLING.test(name)),
      true,
    );
    this.#octets = new NameIndex([...[...this.#addresses].flatMap(octetsOfPublic), ...[...this.#hardware].map(octetsOfHex)], false);
  }

  /** In a file of text, in all readings. `isOurs`: a report in our own words. */
  inText(content: Octets, isOurs: boolean): Leak[] {
    return this.#search(content, READINGS, this.#telling, isOurs ? null : this.#plain);
  }

  /** In a capture as a file, where headers may read like a short name by chance; what its frames hold is searched by `inFrames`. */
  inCapture(content: Octets): Leak[] {
    return this.#search(content, READINGS.slice(0, 1), this.#encoded, null);
  }

  /** What its frames hold besides their headers; the binary forms of addresses there, and where addresses stand. */
  async inFrames(read: (onFrame: (frame: FrameView) => void) => Promise<void>): Promise<Leak[]> {
    const leaks = new Map<string, string>();
    const gathered = new Uint8Array(PIECE);
    let length = 0;
    const flush = (): void => {
      for (const { what, reading } of this.#search(gathered.subarray(0, length), READINGS, this.#telling, this.#plain)) leaks.set(what, reading);
      length = 0;
    };
    await read((frame) => {
      for (const stretch of stretchesOutside(frame)) {
        if (length + stretch.length >= PIECE) flush();
        const fitting = stretch.subarray(0, PIECE - 1);
        gathered.set(fitting, length);
        length += fitting.length;
        gathered[length++] = APART;
        this.#octets.search(stretch, (what, at) => {
          if (!isText(stretch.subarray(at, at + what.length))) leaks.set(Buffer.from(what, 'latin1').toString('hex'), 'octets');
        });
      }
      for (const what of this.#addressesOf(frame)) leaks.set(what, 'octets');
    });
    flush();
    return [...leaks].map(([what, reading]) => ({ what, reading }));
  }

  #search(content: Octets, readings: typeof READINGS, names: NameIndex, plain: NameIndex | null): Leak[] {
    /** How each was written where it was found first. */
    const leaks = new Map<string, string>();
    const overlap = LONGEST_NAME * WIDEST;
    for (let from = 0; from < content.length; from += PIECE) {
      const piece = content.subarray(from, Math.min(content.length, from + PIECE + overlap));
      for (const { name, read } of readings) {
        const octets = makeSmall(read(piece));
        const found = (what: string, at: number): void => {
          // What a piece begins with may be the end of a word, and stands in the piece before as well.
          if ((at > 0 || from === 0) && !leaks.has(what)) leaks.set(what, name);
        };
        (name === 'text' ? names : this.#encoded).search(octets, found);
        if (name === 'text') plain?.search(octets, found);
      }
    }
    return [...leaks].map(([what, reading]) => ({ what, reading }));
  }

  /** Originals where addresses stand. */
  *#addressesOf({ bytes, layers }: FrameView): Generator<string> {
    for (const layer of layers) {
      if (layer.kind === 'ip') {
        for (const at of [layer.addressAt, layer.addressAt + (layer.family === 4 ? 4 : 16)]) {
          const address = formatAddress(bytes, at, layer.family);
          if (this.#addresses.has(address)) yield address;
        }
      } else if (layer.kind === 'link') {
        for (let at = layer.addressAt; at < layer.addressAt + layer.addresses * 6; at += 6) {
          const hardware = Buffer.from(bytes.subarray(at, at + 6)).toString('hex');
          if (this.#hardware.has(hardware)) yield hardware;
        }
      }
    }
  }
}

/** Cut at the end of a word. */
function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : name.slice(0, LONGEST_NAME).replace(/[a-z0-9]+$/, '');
}

/** As text, as hosts are named after it, and in hexadecimal digits. */
function writingsOfAddress(address: string): string[] {
  const octets = parseAddress(address);
  const hex = octets ? [Buffer.from(octets).toString('hex')] : [];
  return address.includes(':') ? [address, ...hex] : [address, address.replaceAll('.', '-'), ...hex];
}

function writingsOfHardware(hex: string): string[] {
  const pairs = hex.match(/../g) ?? [];
  return [hex, pairs.join(':'), pairs.join('-'), (hex.match(/.{4}/g) ?? []).join('.')];
}

function octetsOfHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1');
}

/** Four octets that begin like a private network's are too much like a number. */
function octetsOfPublic(address: string): string[] {
  const octets = parseAddress(address);
  return octets && !PRIVATE.test(address) ? [Buffer.from(octets).toString('latin1')] : [];
}

/** What of a frame is neither an IP nor a TCP header, nor a hardware address. */
function* stretchesOutside({ bytes, layers }: FrameView): Generator<Uint8Array> {
  let at = 0;
  for (const layer of layers) {
    const [from, to] =
      layer.kind === 'link'
        ? [layer.addressAt, layer.addressAt + layer.addresses * 6]
        : layer.kind === 'ip'
          ? [layer.at, layer.addressAt + (layer.family === 4 ? 8 : 32)]
          : layer.kind === 'tcp'
            ? [layer.at, layer.payloadAt]
            : [layer.at, layer.at + 8];
    if (from > at) yield bytes.subarray(at, from);
    at = Math.max(at, to);
  }
  if (at < bytes.length) yield bytes.subarray(at);
}

function isText(octets: Uint8Array): boolean {
  return octets.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 13 || octet === 10 || octet === 9);
}

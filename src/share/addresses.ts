import { formatAddress, parseAddress } from '../model/address.ts';
import type { Keyed } from './keyed.ts';

/** Groups of an address that are drawn from one another, so that the text of an address keeps its length; in order, the first that holds the value. */
type Range = readonly [from: number, to: number];
const OCTETS: readonly Range[] = [
  [0, 9],
  [10, 99],
  [100, 255],
];
/** Without leading zeros, which would not come back. */
const V4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;
/** First octets of public IPv4 addresses; those in between that mean something else stay what they are. */
const FIRST_OCTETS: readonly Range[] = [
  [1, 9],
  [11, 99],
  [100, 126],
  [128, 168],
  [173, 191],
  [193, 223],
  // Reserved (RFC 1112, 4), and in use all the same.
  [240, 255],
];
const GROUPS: readonly Range[] = [
  [1, 0xf],
  [0x10, 0xff],
  [0x100, 0xfff],
  [0x1000, 0xffff],
];
/** Global unicast (RFC 4291, 2.4): what 2000::/3 holds with four digits. */
const FIRST_GROUP: Range = [0x2000, 0x3fff];

/**
 * Addresses in place of addresses. Prefixes are kept at octets (IPv4) and groups (IPv6): what shared a /8, /16, /24 shares one afterwards, and texts keep
 * their length. Private, loopback, link-local and multicast addresses stay such.
 */
export class AddressMap {
  readonly #keyed: Keyed;
  /** By prefix: what stands for each next part, and what is taken. */
  readonly #nodes = new Map<string, { readonly of: Map<number, number>; readonly taken: Set<number> }>();
  /** Texts in canonical form. */
  readonly replaced = new Map<string, string>();

  constructor(keyed: Keyed) {
    this.#keyed = keyed;
  }

  /** Replaces `family` 4 or 16 octets at `at`. */
  rewrite(bytes: Uint8Array, at: number, family: 4 | 6): void {
    const length = family === 4 ? 4 : 16;
    bytes.set(this.#octetsOf(bytes.slice(at, at + length)), at);
  }

  /** The address that stands for the one in `text`; null for text that is none. */
  text(text: string): string | null {
    const octets = parseAddress(text);
    if (!octets || (octets.length === 4 && !V4.test(text))) return null;
    return formatAddress(this.#octetsOf(octets), 0, octets.length === 4 ? 4 : 6);
  }

  #octetsOf(octets: Uint8Array): Uint8Array {
    const isMapped = octets.length === 16 && octets.subarray(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff;
    const mapped =
      octets.length === 4
        ? this.#mapV4(octets)
        : isMapped
          ? Uint8Array.of(...octets.subarray(0, 12), ...this.#mapV4(octets.subarray(12)))
          : this.#mapV6(octets);
    const family = octets.length === 4 ? 4 : 6;
    const before = formatAddress(octets, 0, family);
    const after = formatAddress(mapped, 0, family);
    if (before !== after) this.replaced.set(before, after);
    return mapped;
  }

  #mapV4(octets: Uint8Array): Uint8Array {
    const [a = 0, b = 0, c = 0, d = 0] = octets;
    if (a === 0 || a === 127 || (a >= 224 && a < 240) || octets.every((octet) => octet === 255)) return octets;
    const kept = a === 10 ? 1 : (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254) ? 2 : 0;
    const parts = [a, b, c, d];
    return Uint8Array.from(
      parts.map((part, place) => (place < kept ? part : this.#part(`4 ${parts.slice(0, place).join('.')}`, part, place === 0 ? FIRST_OCTETS : OCTETS))),
    );
  }

  #mapV6(octets: Uint8Array): Uint8Array {
    const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0));
    const [first = 0] = groups;
    if (groups.slice(0, 7).every((group) => group === 0) || first >= 0xff00) return octets;
    const kept = first >= 0xfc00 ? 1 : 0;
    const mapped = groups.map((group, place) => {
      if (place < kept || group === 0) return group;
      return this.#part(
        `6 ${groups.slice(0, place).join(':')}`,
        group,
        place === 0 && group >= FIRST_GROUP[0] && group <= FIRST_GROUP[1] ? [FIRST_GROUP] : GROUPS,
      );
    });
    return Uint8Array.from(mapped.flatMap((group) => [group >> 8, group & 0xff]));
  }

  #part(prefix: string, value: number, ranges: readonly Range[]): number {
    const range = ranges.find(([from, to]) => value >= from && value <= to);
    if (!range) return value;
    let node = this.#nodes.get(prefix);
    if (!node) this.#nodes.set(prefix, (node = { of: new Map(), taken: new Set() }));
    const known = node.of.get(value);
    if (known !== undefined) return known;
    const [from, to] = range;
    let drawn = from + this.#keyed.number('address', `${prefix} ${value}`, 0, to - from + 1);
    // The next free one, and not the value itself unless nothing else is left.
    for (let tries = 0; (node.taken.has(drawn) || drawn === value) && tries <= to - from; tries++) drawn = drawn === to ? from : drawn + 1;
    node.of.set(value, drawn);
    node.taken.add(drawn);
    return drawn;
  }
}

/** Hardware addresses: one for one, marked as locally administered; broadcast and multicast stay. */
export class HardwareMap {
  readonly #keyed: Keyed;
  readonly replaced = new Map<string, string>();

  constructor(keyed: Keyed) {
    this.#keyed = keyed;
  }

  rewrite(bytes: Uint8Array, at: number): void {
    const octets = bytes.slice(at, at + 6);
    if (octets.length < 6 || ((octets[0] ?? 0) & 1) === 1 || octets.every((octet) => octet === 0)) return;
    const before = Buffer.from(octets).toString('hex');
    const drawn = this.#keyed.octets('hardware', before, 0).slice(0, 6);
    drawn[0] = 2;
    bytes.set(drawn, at);
    this.replaced.set(before, Buffer.from(drawn).toString('hex'));
  }
}

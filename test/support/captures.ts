/**
 * Encodes lists of packets to capture files in memory: any format, byte order, resolution and link type.
 * A test that holds for one of `FORMATS` x `LINKS` should hold for all.
 */
import { gzipSync } from 'node:zlib';
import { AnomalyCounter } from '../../src/model/anomaly.ts';
import type { Source, SourceReader } from '../../src/model/source.ts';
import { concat, octetsOf } from './packets.ts';

/** A packet and when it was captured. */
export interface Captured {
  /** Microseconds since 1970; three decimals survive in nanosecond files. */
  readonly atUs: number;
  /** An IP packet (packets.ts), wrapped by the link type of the file. */
  readonly ip?: Uint8Array;
  /** A whole frame instead, written as it is. */
  readonly frame?: Uint8Array;
  /** Octets of the frame that are stored; all. */
  readonly captured?: number;
  /** 6 octets each; made up where left out. */
  readonly srcMac?: Uint8Array;
  readonly dstMac?: Uint8Array;
  /** VLAN identifiers, outermost first (Ethernet only). */
  readonly vlans?: readonly number[];
  /** pcapng interface; 0. */
  readonly interfaceId?: number;
  /** pcapng opt_comment. */
  readonly comment?: string;
}

const SRC_MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const DST_MAC = Uint8Array.of(2, 0, 0, 0, 0, 2);

interface Link {
  /** LINKTYPE number (https://www.tcpdump.org/linktypes.html). */
  readonly number: number;
  wrap(ip: Uint8Array, packet: Captured, little: boolean): Uint8Array;
}

/** Link layers that can carry any IP packet. IPv4-only and IPv6-only types are left to the tests that need them. */
export const LINKS = {
  ethernet: { number: 1, wrap: (ip, packet) => ethernet(etherType(ip), ip, packet) },
  'ethernet-padded': {
    number: 1,
    wrap: (ip, packet) => concat(ethernet(etherType(ip), ip, packet), new Uint8Array(Math.max(0, 46 - ip.length)).fill(0x55), Uint8Array.of(0xde, 0xad)),
  },
  'ethernet-vlan': { number: 1, wrap: (ip, packet) => ethernet(etherType(ip), ip, { ...packet, vlans: packet.vlans ?? [100] }) },
  'ethernet-qinq': { number: 1, wrap: (ip, packet) => ethernet(etherType(ip), ip, { ...packet, vlans: packet.vlans ?? [200, 100] }) },
  'ethernet-mpls': { number: 1, wrap: (ip, packet) => ethernet(0x8847, concat(bytes('00012040'), bytes('00034140'), ip), packet) },
  'ethernet-pppoe': {
    number: 1,
    wrap: (ip, packet) => ethernet(0x8864, concat(Uint8Array.of(0x11, 0, 0, 1), u16(ip.length + 2), u16(pppType(ip)), ip), packet),
  },
  'ethernet-snap': {
    number: 1,
    wrap: (ip, packet) => ethernet(ip.length + 8, concat(bytes('aaaa03000000'), u16(etherType(ip)), ip), packet),
  },
  sll: { number: 113, wrap: (ip, packet) => concat(u16(0), u16(1), u16(6), packet.srcMac ?? SRC_MAC, u16(0), u16(etherType(ip)), ip) },
  sll2: {
    number: 276,
    wrap: (ip, packet) => concat(u16(etherType(ip)), u16(0), u16(0), u16(3), u16(1), Uint8Array.of(0, 6), packet.srcMac ?? SRC_MAC, u16(0), ip),
  },
  raw: { number: 101, wrap: (ip) => ip },
  'raw-dlt12': { number: 12, wrap: (ip) => ip },
  null: { number: 0, wrap: (ip, _packet, little) => concat(u32(addressFamily(ip), little), ip) },
  'null-swapped': { number: 0, wrap: (ip, _packet, little) => concat(u32(addressFamily(ip), !little), ip) },
  loop: { number: 108, wrap: (ip) => concat(u32(addressFamily(ip), false), ip) },
  ppp: { number: 9, wrap: (ip) => concat(u16(pppType(ip)), ip) },
  'ppp-hdlc': { number: 50, wrap: (ip) => concat(Uint8Array.of(0xff, 3), u16(pppType(ip)), ip) },
  'cisco-hdlc': { number: 104, wrap: (ip) => concat(Uint8Array.of(0x0f, 0), u16(etherType(ip)), ip) },
  pflog: {
    number: 117,
    wrap: (ip) => {
      const header = new Uint8Array(64);
      header.set([61, isV6(ip) ? 30 : 2]);
      return concat(header, ip);
    },
  },
  nflog: {
    number: 239,
    wrap: (ip, _packet, little) => {
      // A prefix of five octets (and three of padding), then the packet.
      const prefix = concat(u16(9, little), u16(10, little), bytes('6d61696c00'), new Uint8Array(3));
      return concat(
        Uint8Array.of(isV6(ip) ? 10 : 2, 0, 0, 0),
        prefix,
        u16(ip.length + 4, little),
        u16(9, little),
        ip,
        new Uint8Array((4 - (ip.length % 4)) % 4),
      );
    },
  },
  pktap: {
    number: 258,
    wrap: (ip, packet) => {
      const header = new Uint8Array(108);
      header.set(u32(108, true), 0);
      header.set(u32(1, true), 4);
      header.set(u32(1, true), 8);
      return concat(header, ethernet(etherType(ip), ip, packet));
    },
  },
  gre: { number: 1, wrap: (ip, packet) => ethernet(0x0800, outer(47, concat(u16(0), u16(etherType(ip)), ip)), packet) },
  'gre-keyed': { number: 1, wrap: (ip, packet) => ethernet(0x0800, outer(47, concat(u16(0xb000), u16(etherType(ip)), new Uint8Array(12), ip)), packet) },
  'erspan-1': { number: 1, wrap: (ip, packet) => ethernet(0x0800, outer(47, concat(u16(0), u16(0x88be), ethernet(etherType(ip), ip, packet))), packet) },
  'erspan-2': {
    number: 1,
    wrap: (ip, packet) =>
      ethernet(0x0800, outer(47, concat(u16(0x1000), u16(0x88be), new Uint8Array(4), bytes('1000000000000000'), ethernet(etherType(ip), ip, packet))), packet),
  },
  'erspan-3': {
    number: 1,
    wrap: (ip, packet) =>
      ethernet(
        0x0800,
        outer(
          47,
          concat(u16(0x1000), u16(0x22eb), new Uint8Array(4), bytes('200000000000000000000001'), new Uint8Array(8), ethernet(etherType(ip), ip, packet)),
        ),
        packet,
      ),
  },
  vxlan: {
    number: 1,
    wrap: (ip, packet) => ethernet(0x0800, outer(17, udp(4789, concat(bytes('0800000000002a00'), ethernet(etherType(ip), ip, packet)))), packet),
  },
  geneve: {
    number: 1,
    wrap: (ip, packet) => ethernet(0x0800, outer(17, udp(6081, concat(bytes('0100655800002a0000000000'), ethernet(etherType(ip), ip, packet)))), packet),
  },
  'ip-in-ip': { number: 1, wrap: (ip, packet) => ethernet(0x0800, outer(isV6(ip) ? 41 : 4, ip), packet) },
} as const satisfies Record<string, Link>;

export type LinkName = keyof typeof LINKS;
export const LINK_NAMES = Object.keys(LINKS) as LinkName[];

/** How a file is written down. */
export interface PcapOptions {
  readonly link?: LinkName;
  /** Overrides the number of the link type in the file header. */
  readonly linkNumber?: number;
  readonly little?: boolean;
  readonly nanoseconds?: boolean;
  /** `modified`: magic 0xa1b2cd34 with eight more octets a record · `swapped`: version 2.2 with the two lengths exchanged. */
  readonly variant?: 'standard' | 'modified' | 'swapped';
  readonly snapLength?: number;
}

/** A classic pcap file. */
export function encodePcap(packets: readonly Captured[], options: PcapOptions = {}): Uint8Array {
  const { little = true, nanoseconds = false, variant = 'standard', snapLength = 262_144 } = options;
  const magic = variant === 'modified' ? 0xa1b2cd34 : nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const number = options.linkNumber ?? LINKS[options.link ?? 'ethernet'].number;
  const minor = variant === 'swapped' ? 2 : 4;
  const header = concat(u32(magic, little), u16(2, little), u16(minor, little), u32(0, little), u32(0, little), u32(snapLength, little), u32(number, little));
  return concat(header, ...packets.map((packet) => pcapRecord(packet, options)));
}

/** One record of a classic pcap file, without the file's header. */
export function pcapRecord(packet: Captured, options: PcapOptions = {}): Uint8Array {
  const { little = true, nanoseconds = false, variant = 'standard', snapLength = 262_144 } = options;
  const frame = frameOf(packet, options.link ?? 'ethernet', little);
  const stored = frame.subarray(0, Math.min(packet.captured ?? frame.length, snapLength));
  const seconds = Math.floor(packet.atUs / 1e6);
  const rest = Math.round((packet.atUs - seconds * 1e6) * (nanoseconds ? 1000 : 1));
  const lengths = variant === 'swapped' ? [frame.length, stored.length] : [stored.length, frame.length];
  const head = concat(u32(seconds, little), u32(rest, little), u32(lengths[0] ?? 0, little), u32(lengths[1] ?? 0, little));
  // ifindex (4), protocol (2), packet type (1), padding (1), as the patched libpcap of old Red Hat wrote them.
  const tail = variant === 'modified' ? concat(u32(2, little), u16(0x0800, little), new Uint8Array(2)) : new Uint8Array(0);
  return concat(head, tail, stored);
}

export interface PcapngOptions {
  readonly link?: LinkName;
  readonly linkNumber?: number;
  readonly little?: boolean;
  /** if_tsresol octet: 6 is microseconds, 9 nanoseconds, 0x94 (2^-20 s). */
  readonly resolution?: number;
  /** if_tsoffset in seconds, subtracted from the stamps. */
  readonly offsetSeconds?: number;
  readonly snapLength?: number;
  /** `simple` blocks have no time. */
  readonly block?: 'enhanced' | 'simple' | 'obsolete';
  /** Number of interfaces, all alike. */
  readonly interfaces?: number;
  readonly comment?: string;
  /** Writes name resolution, decryption secrets, custom and unknown blocks in between. */
  readonly otherBlocks?: boolean;
  /** ifdrop of an interface statistics block at the end. */
  readonly drops?: number;
}

/** One section of a pcapng file; sections may be concatenated. */
export function encodePcapng(packets: readonly Captured[], options: PcapngOptions = {}): Uint8Array {
  const { little = true, interfaces = 1, block = 'enhanced' } = options;
  const parts = [sectionHeader(little, options.comment)];
  for (let i = 0; i < interfaces; i++) parts.push(interfaceBlock(options));
  for (const packet of packets) {
    if (options.otherBlocks) parts.push(...fillers(little));
    parts.push(block === 'simple' ? simplePacket(packet, options) : timedPacket(packet, options));
  }
  if (options.drops !== undefined) {
    parts.push(
      pcapngBlock(
        5,
        concat(u32(0, little), u32(0, little), u32(0, little), option(5, concat(u32(options.drops, little), u32(0, little)), little), u32(0, little)),
        little,
      ),
    );
  }
  return concat(...parts);
}

/** Any pcapng block: type, length, body padded to four octets, length again. */
export function pcapngBlock(type: number, body: Uint8Array, little = true): Uint8Array {
  const padded = concat(body, new Uint8Array((4 - (body.length % 4)) % 4));
  const length = padded.length + 12;
  return concat(u32(type, little), u32(length, little), padded, u32(length, little));
}

function sectionHeader(little: boolean, comment?: string): Uint8Array {
  const options = comment === undefined ? new Uint8Array(0) : concat(option(1, Uint8Array.from(Buffer.from(comment)), little), u32(0, little));
  return pcapngBlock(0x0a0d0d0a, concat(u32(0x1a2b3c4d, little), u16(1, little), u16(0, little), new Uint8Array(8).fill(0xff), options), little);
}

function interfaceBlock(options: PcapngOptions): Uint8Array {
  const { little = true, resolution = 6, snapLength = 0, offsetSeconds = 0 } = options;
  const offset = new Uint8Array(8);
  new DataView(offset.buffer).setBigInt64(0, BigInt(offsetSeconds), little);
  const number = options.linkNumber ?? LINKS[options.link ?? 'ethernet'].number;
  const list = concat(option(9, Uint8Array.of(resolution), little), option(14, offset, little), u32(0, little));
  return pcapngBlock(1, concat(u16(number, little), u16(0, little), u32(snapLength, little), list), little);
}

function timedPacket(packet: Captured, options: PcapngOptions): Uint8Array {
  const { little = true, resolution = 6, snapLength = 0, offsetSeconds = 0, block = 'enhanced' } = options;
  const frame = frameOf(packet, options.link ?? 'ethernet', little);
  const stored = frame.subarray(0, Math.min(packet.captured ?? frame.length, snapLength === 0 ? frame.length : snapLength));
  const perSecond = resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
  const seconds = Math.floor(packet.atUs / 1e6);
  const ticks = BigInt(seconds - offsetSeconds) * BigInt(perSecond) + BigInt(Math.round(((packet.atUs - seconds * 1e6) / 1e6) * perSecond));
  const time = concat(u32(Number(ticks >> 32n), little), u32(Number(ticks & 0xffffffffn), little));
  const lengths = concat(u32(stored.length, little), u32(frame.length, little));
  const data = concat(stored, new Uint8Array((4 - (stored.length % 4)) % 4));
  const comment = packet.comment === undefined ? new Uint8Array(0) : concat(option(1, Uint8Array.from(Buffer.from(packet.comment)), little), u32(0, little));
  const id = packet.interfaceId ?? 0;
  if (block === 'obsolete') return pcapngBlock(2, concat(u16(id, little), u16(0xffff, little), time, lengths, data, comment), little);
  return pcapngBlock(6, concat(u32(id, little), time, lengths, data, comment), little);
}

function simplePacket(packet: Captured, options: PcapngOptions): Uint8Array {
  const { little = true, snapLength = 0 } = options;
  const frame = frameOf(packet, options.link ?? 'ethernet', little);
  return pcapngBlock(3, concat(u32(frame.length, little), frame.subarray(0, snapLength === 0 ? frame.length : snapLength)), little);
}

function fillers(little: boolean): Uint8Array[] {
  const name = concat(u16(1, little), u16(9, little), Uint8Array.of(192, 0, 2, 1), bytes('6d61696c00'), new Uint8Array(3), u32(0, little));
  const secrets = concat(bytes('544c534b'), u32(8, little), octetsOf('# keys\r\n'));
  return [
    pcapngBlock(4, name, little),
    pcapngBlock(10, secrets, little),
    pcapngBlock(0xbad, concat(u32(32_473, little), bytes('01020304')), little),
    pcapngBlock(0x7eadbeef, bytes('0102030405'), little),
  ];
}

function option(code: number, value: Uint8Array, little: boolean): Uint8Array {
  return concat(u16(code, little), u16(value.length, little), value, new Uint8Array((4 - (value.length % 4)) % 4));
}

/** Every way of writing the same packets down. */
export const FORMATS: Readonly<Record<string, (packets: readonly Captured[], link?: LinkName) => Uint8Array>> = {
  'pcap µs little': (packets, link = 'ethernet') => encodePcap(packets, { link }),
  'pcap µs big': (packets, link = 'ethernet') => encodePcap(packets, { link, little: false }),
  'pcap ns little': (packets, link = 'ethernet') => encodePcap(packets, { link, nanoseconds: true }),
  'pcap ns big': (packets, link = 'ethernet') => encodePcap(packets, { link, nanoseconds: true, little: false }),
  'pcap modified little': (packets, link = 'ethernet') => encodePcap(packets, { link, variant: 'modified' }),
  'pcap modified big': (packets, link = 'ethernet') => encodePcap(packets, { link, variant: 'modified', little: false }),
  'pcapng little': (packets, link = 'ethernet') => encodePcapng(packets, { link }),
  'pcapng big': (packets, link = 'ethernet') => encodePcapng(packets, { link, little: false }),
  'pcapng ns': (packets, link = 'ethernet') => encodePcapng(packets, { link, resolution: 9 }),
  'pcapng offset': (packets, link = 'ethernet') => encodePcapng(packets, { link, offsetSeconds: 3600 }),
  'pcapng obsolete little': (packets, link = 'ethernet') => encodePcapng(packets, { link, block: 'obsolete' }),
  'pcapng obsolete big': (packets, link = 'ethernet') => encodePcapng(packets, { link, block: 'obsolete', little: false }),
  'pcapng with other blocks': (packets, link = 'ethernet') => encodePcapng(packets, { link, otherBlocks: true, drops: 0, comment: 'scene' }),
};

/** A source in memory, as the room `source` would hand it out; `chunk` limits how many octets a read gives. */
export function memorySource(content: Uint8Array, options: { readonly input?: number; readonly chunk?: number; readonly vantage?: string } = {}): Source {
  const { input = 0, chunk = Number.POSITIVE_INFINITY, vantage = 'appliance' } = options;
  return {
    input,
    path: `memory-${input}`,
    kind: 'capture',
    format: 'pcap',
    bytes: content.length,
    vantage,
    advice: null,
    anomalies: new AnomalyCounter(),
    open: (): SourceReader => readerOf(content, chunk),
  };
}

function readerOf(content: Uint8Array, chunk: number): SourceReader {
  let at = 0;
  return {
    read: async (into, offset, length) => {
      const count = Math.min(length, chunk, content.length - at);
      into.set(content.subarray(at, at + count), offset);
      at += count;
      return count;
    },
    close: async () => {},
  };
}

/** gzip of the octets; several members where several arrays are given. */
export function gzip(...members: readonly Uint8Array[]): Uint8Array {
  return concat(...members.map((member) => Uint8Array.from(gzipSync(member))));
}

function frameOf(packet: Captured, link: LinkName, little: boolean): Uint8Array {
  if (packet.frame) return packet.frame;
  if (!packet.ip) throw new Error('a captured packet needs `ip` or `frame`');
  return LINKS[link].wrap(packet.ip, packet, little);
}

/** An Ethernet frame; tags from `packet.vlans`, the outer one of several as 802.1ad. */
export function ethernet(type: number, content: Uint8Array, packet: Pick<Captured, 'srcMac' | 'dstMac' | 'vlans'> = {}): Uint8Array {
  const vlans = packet.vlans ?? [];
  const tags = vlans.map((vlan, i) => concat(u16(i < vlans.length - 1 ? 0x88a8 : 0x8100), u16(vlan)));
  return concat(packet.dstMac ?? DST_MAC, packet.srcMac ?? SRC_MAC, ...tags, u16(type), content);
}

/** An outer IPv4 header of a tunnel. */
function outer(protocol: number, content: Uint8Array): Uint8Array {
  const header = bytes('45000000000000004000000000000000'.padEnd(40, '0'));
  const view = new DataView(header.buffer);
  view.setUint16(2, 20 + content.length);
  view.setUint8(9, protocol);
  header.set([198, 51, 100, 1, 198, 51, 100, 2], 12);
  return concat(header, content);
}

function udp(port: number, content: Uint8Array): Uint8Array {
  return concat(u16(49_152), u16(port), u16(8 + content.length), u16(0), content);
}

function isV6(ip: Uint8Array): boolean {
  return (ip[0] ?? 0) >> 4 === 6;
}

function etherType(ip: Uint8Array): number {
  return isV6(ip) ? 0x86dd : 0x0800;
}

function pppType(ip: Uint8Array): number {
  return isV6(ip) ? 0x0057 : 0x0021;
}

/** AF_INET is 2 everywhere; 30 is Darwin's AF_INET6. */
function addressFamily(ip: Uint8Array): number {
  return isV6(ip) ? 30 : 2;
}

function u16(value: number, little = false): Uint8Array {
  const octets = new Uint8Array(2);
  new DataView(octets.buffer).setUint16(0, value, little);
  return octets;
}

function u32(value: number, little: boolean): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value, little);
  return octets;
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

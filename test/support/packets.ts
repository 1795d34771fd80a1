/**
 * Builds IP packets octet by octet for the scenes of the tests: every header field can be set, checksums come out right unless told otherwise.
 * The functions return a bare IP packet; `captures.ts` wraps it into a link layer and a capture file.
 */
import { parseAddress } from '../../src/model/address.ts';
import { TCP_ACK } from '../../src/model/packet.ts';

/** Fields of an IP header; addresses as text decide between IPv4 and IPv6. */
export interface IpFields {
  readonly src: string;
  readonly dst: string;
  /** Time to live or hop limit; 64. */
  readonly ttl?: number;
  /** IPv4 only; 0. */
  readonly ipId?: number;
  /** IPv4 only; true. */
  readonly dontFragment?: boolean;
  /** DSCP and ECN; 0. */
  readonly tos?: number;
  /** IPv4 options, padded to four octets. */
  readonly ipOptions?: Uint8Array;
  /** IPv6 extension headers by kind, in order; every one gets eight octets of padding (an authentication header, kind 51, sixteen). */
  readonly extensions?: readonly (0 | 43 | 60 | 51)[];
  /** Overrides the length field: 0 as segmentation offload leaves it. */
  readonly totalLength?: number;
}

export interface TcpFields extends IpFields {
  readonly srcPort: number;
  readonly dstPort: number;
  /** Wire numbers; 0. */
  readonly seq?: number;
  readonly ack?: number;
  /** Bits of model/packet.ts; ACK. */
  readonly flags?: number;
  /** 65,535. */
  readonly window?: number;
  /** Built by `tcpOptions`; padded with zeros to four octets. */
  readonly options?: Uint8Array;
  /** Text becomes its octets in Latin-1. */
  readonly payload?: Uint8Array | string;
  /** Overrides the TCP checksum. */
  readonly checksum?: number;
}

/** An IP packet with one TCP segment. */
export function tcpPacket(fields: TcpFields): Uint8Array {
  const options = pad(fields.options ?? new Uint8Array(0), 4);
  const payload = octetsOf(fields.payload ?? '');
  const segment = new Uint8Array(20 + options.length + payload.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, fields.srcPort);
  view.setUint16(2, fields.dstPort);
  view.setUint32(4, (fields.seq ?? 0) >>> 0);
  view.setUint32(8, (fields.ack ?? 0) >>> 0);
  view.setUint8(12, ((20 + options.length) / 4) << 4);
  view.setUint8(13, fields.flags ?? TCP_ACK);
  view.setUint16(14, fields.window ?? 65_535);
  segment.set(options, 20);
  segment.set(payload, 20 + options.length);
  view.setUint16(16, fields.checksum ?? transportChecksum(fields, 6, segment));
  return ipPacket(fields, 6, segment);
}

/** An IP packet with one UDP datagram. */
export function udpPacket(fields: IpFields & { readonly srcPort: number; readonly dstPort: number; readonly payload?: Uint8Array | string }): Uint8Array {
  const payload = octetsOf(fields.payload ?? '');
  const datagram = new Uint8Array(8 + payload.length);
  const view = new DataView(datagram.buffer);
  view.setUint16(0, fields.srcPort);
  view.setUint16(2, fields.dstPort);
  view.setUint16(4, datagram.length);
  datagram.set(payload, 8);
  view.setUint16(6, transportChecksum(fields, 17, datagram));
  return ipPacket(fields, 17, datagram);
}

/**
 * An ICMP error (ICMPv6 where the addresses say so) that quotes the head of `quoted`, a whole IP packet:
 * its IP header and `quotedOctets` octets behind it (8, as the oldest routers do). `rest` is the header's second word, e.g. the MTU.
 */
export function icmpErrorPacket(
  fields: IpFields & { readonly type: number; readonly code: number; readonly rest?: number; readonly quoted: Uint8Array; readonly quotedOctets?: number },
): Uint8Array {
  const v6 = isV6(fields.src);
  const head = v6 ? 40 : ((fields.quoted[0] ?? 0) & 0x0f) * 4;
  const quote = fields.quoted.subarray(0, head + (fields.quotedOctets ?? 8));
  const message = new Uint8Array(8 + quote.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, fields.type);
  view.setUint8(1, fields.code);
  view.setUint32(4, fields.rest ?? 0);
  message.set(quote, 8);
  view.setUint16(2, v6 ? transportChecksum(fields, 58, message) : foldSum(addOctets(0, message)));
  return ipPacket(fields, v6 ? 58 : 1, message);
}

/** An IP packet with any content; `protocol` is the number behind the last extension header. */
export function ipPacket(fields: IpFields, protocol: number, content: Uint8Array): Uint8Array {
  return isV6(fields.src) ? v6Packet(fields, protocol, content) : v4Packet(fields, protocol, content, 0, false);
}

/** Cuts an IPv4 packet, or an IPv6 packet without extension headers, into fragments whose content is `size` octets (a multiple of eight) but for the last. */
export function fragments(packet: Uint8Array, size: number, identification = 0x1234): Uint8Array[] {
  const v6 = (packet[0] ?? 0) >> 4 === 6;
  const headLength = v6 ? 40 : ((packet[0] ?? 0) & 0x0f) * 4;
  const content = packet.subarray(headLength);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += size) {
    const part = content.subarray(at, at + size);
    const more = at + size < content.length;
    pieces.push(v6 ? v6Fragment(packet, part, at, more, identification) : v4Fragment(packet, headLength, part, at, more));
  }
  return pieces;
}

function v4Fragment(packet: Uint8Array, headLength: number, part: Uint8Array, at: number, more: boolean): Uint8Array {
  const piece = concat(packet.subarray(0, headLength), part);
  const view = new DataView(piece.buffer);
  view.setUint16(2, piece.length);
  view.setUint16(6, (at / 8) | (more ? 0x2000 : 0));
  view.setUint16(10, 0);
  view.setUint16(10, foldSum(addOctets(0, piece.subarray(0, headLength))));
  return piece;
}

function v6Fragment(packet: Uint8Array, part: Uint8Array, at: number, more: boolean, identification: number): Uint8Array {
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint8(0, packet[6] ?? 0);
  view.setUint16(2, at | (more ? 1 : 0));
  view.setUint32(4, identification);
  const piece = concat(packet.subarray(0, 40), header, part);
  new DataView(piece.buffer).setUint16(4, piece.length - 40);
  piece[6] = 44;
  return piece;
}

function v4Packet(fields: IpFields, protocol: number, content: Uint8Array, offset: number, more: boolean): Uint8Array {
  const options = pad(fields.ipOptions ?? new Uint8Array(0), 4);
  const headLength = 20 + options.length;
  const packet = new Uint8Array(headLength + content.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x40 | (headLength / 4));
  view.setUint8(1, fields.tos ?? 0);
  view.setUint16(2, fields.totalLength ?? packet.length);
  view.setUint16(4, fields.ipId ?? 0);
  view.setUint16(6, ((fields.dontFragment ?? true) ? 0x4000 : 0) | (more ? 0x2000 : 0) | (offset / 8));
  view.setUint8(8, fields.ttl ?? 64);
  view.setUint8(9, protocol);
  packet.set(addressOf(fields.src), 12);
  packet.set(addressOf(fields.dst), 16);
  packet.set(options, 20);
  view.setUint16(10, foldSum(addOctets(0, packet.subarray(0, headLength))));
  packet.set(content, headLength);
  return packet;
}

function v6Packet(fields: IpFields, protocol: number, content: Uint8Array): Uint8Array {
  const kinds = fields.extensions ?? [];
  const headers = kinds.map((kind, i) => {
    const header = new Uint8Array(kind === 51 ? 16 : 8);
    header[0] = kinds[i + 1] ?? protocol;
    // The authentication header counts in units of four octets less two (RFC 4302, 2.2), the others in eight less one.
    header[1] = kind === 51 ? 2 : 0;
    if (kind === 0 || kind === 60) header.set([1, 4], 2);
    return header;
  });
  const payload = concat(...headers, content);
  const packet = new Uint8Array(40 + payload.length);
  const view = new DataView(packet.buffer);
  view.setUint32(0, (0x60000000 | ((fields.tos ?? 0) << 20)) >>> 0);
  view.setUint16(4, fields.totalLength ?? payload.length);
  view.setUint8(6, kinds[0] ?? protocol);
  view.setUint8(7, fields.ttl ?? 64);
  packet.set(addressOf(fields.src), 8);
  packet.set(addressOf(fields.dst), 24);
  packet.set(payload, 40);
  return packet;
}

/** Encodes TCP options in the order mss, sackPermitted, timestamps, windowScale, sack, with NOPs where Linux puts them. */
export function tcpOptions(options: {
  readonly mss?: number;
  readonly sackPermitted?: boolean;
  readonly timestamps?: readonly [value: number, echo: number];
  readonly windowScale?: number;
  /** Blocks of left and right edge, wire numbers. */
  readonly sack?: readonly (readonly [number, number])[];
}): Uint8Array {
  const out: number[] = [];
  if (options.mss !== undefined) out.push(2, 4, options.mss >> 8, options.mss & 0xff);
  if (options.sackPermitted) out.push(...(options.timestamps ? [] : [1, 1]), 4, 2);
  if (options.timestamps) out.push(...(options.sackPermitted ? [] : [1, 1]), 8, 10, ...word(options.timestamps[0]), ...word(options.timestamps[1]));
  if (options.windowScale !== undefined) out.push(1, 3, 3, options.windowScale);
  if (options.sack) out.push(1, 1, 5, 2 + 8 * options.sack.length, ...options.sack.flatMap(([left, right]) => [...word(left), ...word(right)]));
  return Uint8Array.from(out);
}

function word(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function transportChecksum(fields: IpFields, protocol: number, content: Uint8Array): number {
  let sum = addOctets(0, addressOf(fields.src));
  sum = addOctets(sum, addressOf(fields.dst));
  return foldSum(addOctets(sum + protocol + content.length, content));
}

function addOctets(sum: number, octets: Uint8Array): number {
  let total = sum;
  for (let i = 0; i < octets.length; i += 2) total += ((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0);
  return total;
}

function foldSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

function isV6(address: string): boolean {
  return address.includes(':');
}

/** IPv4-mapped text would lose its family in `parseAddress`; scenes do not use it. */
function addressOf(text: string): Uint8Array {
  const octets = parseAddress(text);
  if (!octets) throw new Error(`not an address: ${text}`);
  return octets;
}

/** Octets of Latin-1 text, or the octets themselves. */
export function octetsOf(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? Uint8Array.from(Buffer.from(content, 'latin1')) : content;
}

/** One array with all the parts in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function pad(octets: Uint8Array, to: number): Uint8Array {
  const rest = octets.length % to;
  return rest === 0 ? octets : concat(octets, new Uint8Array(to - rest));
}

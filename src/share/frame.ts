import type { FrameView, IcmpLayer, IpLayer, TcpLayer } from '../model/frame.ts';
import type { AddressMap, HardwareMap } from './addresses.ts';
import { internetSum, isIpRight, isWholeRight, renew, transportSum } from './checksum.ts';
import type { Keyed } from './keyed.ts';

const ETHERNET = 1;
const RAW = 101;
const SLL = 113;
const SLL2 = 276;
/** Ethernet with up to two tags of IEEE 802.1Q. */
const LONGEST_ETHERNET = 22;
/** Link headers of these types hold no address: BSD loopback and bare IP. */
const BARE = new Set([0, 12, 14, 101, 108, 228, 229]);
const ICMPV6 = 58;
const TCP = 6;
const FILLER = 0x78;
/** Options of RFC 9293, 7323, 2018: end, no operation, MSS, window scale, SACK permitted, SACK, time stamps. */
const OPEN_OPTIONS = new Set([0, 1, 2, 3, 4, 5, 8]);

export interface DisguisedFrame {
  readonly bytes: Uint8Array;
  readonly linkNumber: number;
  readonly wireLength: number;
}

/** Rewrites frames: addresses of all layers, quotes, options and padding; `payload` says what stands for the octets of the stream. */
export class FrameDisguise {
  readonly #addresses: AddressMap;
  readonly #hardware: HardwareMap;
  readonly #keyed: Keyed;

  constructor(addresses: AddressMap, hardware: HardwareMap, keyed: Keyed) {
    this.#addresses = addresses;
    this.#hardware = hardware;
    this.#keyed = keyed;
  }

  /** Null: nothing of the frame is understood, and it is left out. */
  rewrite(frame: FrameView, payload: (bytes: Uint8Array) => void): DisguisedFrame | null {
    const ips = frame.layers.filter((layer): layer is IpLayer => layer.kind === 'ip' && !layer.quoted);
    const ip = ips.at(-1);
    if (!ip) return null;
    const bytes = new Uint8Array(frame.bytes);
    const view = new DataView(bytes.buffer);
    const tcp = frame.layers.find((layer): layer is TcpLayer => layer.kind === 'tcp' && !layer.quoted) ?? null;
    const icmp = frame.layers.find((layer): layer is IcmpLayer => layer.kind === 'icmp') ?? null;
    const wasRight = { ip: isIpRight(bytes, ip), tcp: tcp !== null && isWholeRight(bytes, ip, tcp), icmp: icmp !== null && isWholeRight(bytes, ip, icmp) };
    payload(bytes);
    if (!tcp && !icmp && ip.fragment === null) bytes.fill(FILLER, ip.contentAt, ip.end);
    if (tcp) this.#tcp(bytes, view, tcp, wasRight.tcp);
    if (icmp) this.#icmp(frame, bytes, view, icmp);
    this.#addressesOf(bytes, ip);
    bytes.fill(0, Math.min(ip.end, bytes.length));
    if (tcp && wasRight.tcp) renew(bytes, tcp.at + 16, transportSum(bytes, ip, tcp, TCP));
    if (icmp && wasRight.icmp) renew(bytes, icmp.at + 2, icmp.family === 4 ? internetSum(bytes, icmp.at, icmp.end) : transportSum(bytes, ip, icmp, ICMPV6));
    if (ip.family === 4 && wasRight.ip) renew(bytes, ip.at + 10, internetSum(bytes, ip.at, ip.contentAt));
    return this.#cutLink(frame, bytes, ip, ips.length > 1);
  }

  #addressesOf(bytes: Uint8Array, ip: IpLayer): void {
    this.#addresses.rewrite(bytes, ip.addressAt, ip.family);
    this.#addresses.rewrite(bytes, ip.addressAt + (ip.family === 4 ? 4 : 16), ip.family);
    // Options record routes and times; of extension headers types and lengths stay.
    if (ip.family === 4) bytes.fill(0, ip.at + 20, Math.min(ip.contentAt, bytes.length));
    else if (ip.fragment === null)
      for (let at = ip.at + 40; at < ip.contentAt; at += 8 + (bytes[at + 1] ?? 0) * 8)
        bytes.fill(0, at + 2, Math.min(ip.contentAt, at + 8 + (bytes[at + 1] ?? 0) * 8));
  }

  #tcp(bytes: Uint8Array, view: DataView, tcp: TcpLayer, wasRight: boolean): void {
    for (let at = tcp.at + 20; at < tcp.payloadAt; ) {
      const kind = bytes[at] ?? 0;
      const length = kind < 2 ? 1 : Math.max(2, bytes[at + 1] ?? 2);
      if (!OPEN_OPTIONS.has(kind)) bytes.fill(0, at + 2, Math.min(tcp.payloadAt, at + length));
      at += length;
    }
    if (!wasRight) this.#hideSum(view, tcp.at + 16);
  }

  /** A sum that does not fit, or cannot be checked, tells of the octets that it was made of: equal ones stay equal, that is all. */
  #hideSum(view: DataView, at: number): void {
    if (at + 2 <= view.byteLength) view.setUint16(at, this.#keyed.number('checksum', String(view.getUint16(at)), 0, 0x1_0000));
  }

  #icmp({ layers }: FrameView, bytes: Uint8Array, view: DataView, icmp: IcmpLayer): void {
    const quoted = layers.find((layer): layer is IpLayer => layer.kind === 'ip' && layer.quoted);
    if (!quoted) {
      bytes.fill(0, icmp.at + 8, icmp.end);
      return;
    }
    const segment = layers.find((layer): layer is TcpLayer => layer.kind === 'tcp' && layer.quoted);
    bytes.fill(FILLER, segment ? segment.payloadAt : quoted.contentAt, icmp.end);
    if (segment && segment.at + 18 <= icmp.end) this.#hideSum(view, segment.at + 16);
    const wasRight = isIpRight(bytes, quoted);
    this.#addressesOf(bytes, quoted);
    if (wasRight) renew(bytes, quoted.at + 10, internetSum(bytes, quoted.at, quoted.contentAt));
  }

  /** Hardware addresses are replaced; link headers that may hold more than these, and tunnels, are cut off. */
  #cutLink({ linkNumber, layers, networkAt, wireLength }: FrameView, bytes: Uint8Array, ip: IpLayer, isTunnel: boolean): DisguisedFrame {
    const [link] = layers;
    const isKept = !isTunnel && ip.at === networkAt;
    if (isKept && link?.kind === 'link' && linkNumber === ETHERNET && link.addressAt === 0 && networkAt <= LONGEST_ETHERNET) {
      this.#hardware.rewrite(bytes, 0);
      this.#hardware.rewrite(bytes, 6);
      return { bytes, linkNumber, wireLength };
    }
    if (isKept && link?.kind === 'link' && (linkNumber === SLL || linkNumber === SLL2) && networkAt <= 20) {
      this.#hardware.rewrite(bytes, link.addressAt);
      bytes.fill(0, link.addressAt + 6, link.addressAt + 8);
      return { bytes, linkNumber, wireLength };
    }
    if (isKept && BARE.has(linkNumber) && networkAt <= 4) return { bytes, linkNumber, wireLength };
    return { bytes: bytes.subarray(ip.at), linkNumber: RAW, wireLength: wireLength - ip.at };
  }
}

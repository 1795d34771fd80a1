import type { FrameLayer, IpLayer } from '../model/frame.ts';
import { followChain } from './headers/ipv6.ts';
import type { ChainView } from './headers/ipv6.ts';
import { GRE, ICMP, ICMPV6, IP_IN_IP, IPV6_IN_IP, MAX_TUNNEL_DEPTH, TCP, UDP } from './headers/protocols.ts';
import { locateInGre, locateInUdp } from './headers/tunnels.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from './links/link-type.ts';
import type { LinkType, NetworkView } from './links/link-type.ts';

/** A frame and its layers in the making. */
interface Body {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly layers: FrameLayer[];
}

/** A stretch of it: to `end` in the file, to `wireEnd` on the wire. */
interface Stretch {
  readonly at: number;
  readonly end: number;
  readonly wireEnd: number;
}

/**
 * Takes a frame apart, for whoever writes it again. The dissector does the same faster, for reading; unlike it, fragments stay apart
 * and the quotes of ICMP errors are looked into.
 */
export function takeApart(
  bytes: Uint8Array,
  view: DataView,
  wireLength: number,
  link: LinkType,
): { readonly networkAt: number; readonly layers: FrameLayer[] } {
  const network: NetworkView = { type: 0, at: -1, macAt: -1, vlan: -1 };
  const layers: FrameLayer[] = [];
  link.locate(bytes, view, 0, bytes.length, network);
  if (network.macAt >= 0) layers.push(addressesOf(link, network.macAt));
  const stretch = { at: network.at, end: bytes.length, wireEnd: Math.max(wireLength, bytes.length) };
  const found = enter({ bytes, view, layers }, network.type, stretch, false, 0);
  return { networkAt: found ? network.at : -1, layers };
}

/** Ethernet has both addresses, cooked captures eight octets for the sender's. */
function addressesOf(link: LinkType, macAt: number): FrameLayer {
  return link.name === 'ethernet' ? { kind: 'link', addressAt: macAt - 6, addresses: 2 } : { kind: 'link', addressAt: macAt, addresses: 1 };
}

function enter(body: Body, etherType: number, stretch: Stretch, quoted: boolean, depth: number): boolean {
  if (etherType !== ETHERTYPE_IPV4 && etherType !== ETHERTYPE_IPV6) return false;
  const ip = etherType === ETHERTYPE_IPV4 ? readIpv4(body, stretch, quoted) : readIpv6(body, stretch, quoted);
  if (!ip) return false;
  body.layers.push(ip);
  if (ip.fragment === null || ip.fragment.offset === 0) enterContent(body, ip, quoted, depth);
  return true;
}

function readIpv4({ bytes, view }: Body, { at, end, wireEnd }: Stretch, quoted: boolean): IpLayer | null {
  if (at + 20 > end || (bytes[at] ?? 0) >> 4 !== 4) return null;
  const contentAt = at + (((bytes[at] ?? 0) & 0x0f) << 2);
  const total = view.getUint16(at + 2) || wireEnd - at;
  if (contentAt < at + 20 || contentAt > end || at + total < contentAt) return null;
  const pieces = view.getUint16(at + 6);
  return {
    kind: 'ip',
    family: 4,
    at,
    addressAt: at + 12,
    protocol: bytes[at + 9] ?? 0,
    contentAt,
    end: Math.min(end, at + total),
    wireEnd: at + total,
    quoted,
    fragment: (pieces & 0x3fff) === 0 ? null : { id: view.getUint16(at + 4), offset: (pieces & 0x1fff) * 8 },
  };
}

function readIpv6({ bytes, view }: Body, { at, end, wireEnd }: Stretch, quoted: boolean): IpLayer | null {
  if (at + 40 > end || (bytes[at] ?? 0) >> 4 !== 6) return null;
  const length = view.getUint16(at + 4);
  const packetEnd = length === 0 ? wireEnd : at + 40 + length;
  const stored = Math.min(end, packetEnd);
  const chain: ChainView = { protocol: 0, at: 0, fragmentAt: -1, routed: false };
  followChain(bytes, view, bytes[at + 6] ?? 0, at + 40, stored, chain);
  if (chain.protocol < 0 || chain.at > stored) return null;
  const fragment = chain.fragmentAt < 0 ? null : { id: view.getUint32(chain.fragmentAt + 4), offset: view.getUint16(chain.fragmentAt + 2) & 0xfff8 };
  return { kind: 'ip', family: 6, at, addressAt: at + 8, protocol: chain.protocol, contentAt: chain.at, end: stored, wireEnd: packetEnd, quoted, fragment };
}

function enterContent(body: Body, ip: IpLayer, quoted: boolean, depth: number): void {
  const stretch = { at: ip.contentAt, end: ip.end, wireEnd: ip.wireEnd };
  if (ip.protocol === TCP) enterTcp(body, stretch, quoted);
  else if (quoted || depth >= MAX_TUNNEL_DEPTH) return;
  else if (ip.protocol === ICMP || ip.protocol === ICMPV6) enterIcmp(body, ip.family, stretch);
  else if (ip.protocol === IP_IN_IP) enter(body, ETHERTYPE_IPV4, stretch, false, depth + 1);
  else if (ip.protocol === IPV6_IN_IP) enter(body, ETHERTYPE_IPV6, stretch, false, depth + 1);
  else if (ip.protocol === GRE || ip.protocol === UDP) enterTunnel(body, ip.protocol === GRE ? locateInGre : locateInUdp, stretch, depth);
}

function enterTunnel(body: Body, locate: LinkType['locate'], stretch: Stretch, depth: number): void {
  const network: NetworkView = { type: 0, at: -1, macAt: -1, vlan: -1 };
  locate(body.bytes, body.view, stretch.at, stretch.end, network);
  if (network.macAt >= 0) body.layers.push({ kind: 'link', addressAt: network.macAt - 6, addresses: 2 });
  enter(body, network.type, { ...stretch, at: network.at }, false, depth + 1);
}

function enterTcp({ bytes, layers }: Body, { at, end, wireEnd }: Stretch, quoted: boolean): void {
  if (quoted ? at + 4 > end : at + 20 > end) return;
  const headerLength = at + 20 <= end ? ((bytes[at + 12] ?? 0) >> 4) << 2 : 20;
  if (!quoted && (headerLength < 20 || at + headerLength > wireEnd)) return;
  layers.push({ kind: 'tcp', at, payloadAt: Math.min(at + Math.max(20, headerLength), end), end, wireEnd, quoted });
}

function enterIcmp(body: Body, family: 4 | 6, { at, end, wireEnd }: Stretch): void {
  if (at + 8 > end) return;
  body.layers.push({ kind: 'icmp', family, at, end, wireEnd });
  const type = body.bytes[at] ?? 0;
  const quotes = family === 4 ? type === 3 || type === 4 || type === 11 || type === 12 : type >= 1 && type <= 4;
  if (quotes) enter(body, family === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6, { at: at + 8, end, wireEnd }, true, MAX_TUNNEL_DEPTH);
}

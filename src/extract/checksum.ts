import type { IcmpLayer, IpLayer, TcpLayer } from '../model/frame.ts';

const TCP = 6;
const ICMPV6 = 58;

/** Sum of 16-bit words, carries folded (RFC 1071); a last odd octet is padded with zero. */
function sum(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let total = start;
  for (let at = from; at < to; at += 2) total += ((bytes[at] ?? 0) << 8) | (at + 1 < to ? (bytes[at + 1] ?? 0) : 0);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x1_0000);
  return total;
}

/** With the pseudo-header in front, which only ICMP in IPv4 (RFC 792) has none of. */
function sumOf(bytes: Uint8Array, ip: IpLayer, layer: TcpLayer | IcmpLayer): number {
  if (layer.kind === 'icmp' && layer.family === 4) return sum(bytes, layer.at, layer.end);
  const length = layer.end - layer.at;
  const protocol = layer.kind === 'tcp' ? TCP : ICMPV6;
  const pseudo = sum(bytes, ip.addressAt, ip.addressAt + (ip.family === 4 ? 8 : 32), protocol + (length & 0xffff) + (length >>> 16));
  return sum(bytes, layer.at, layer.end, pseudo);
}

/** Whether the checksum can be told to be right: of a segment or message that is whole. */
export function isChecksumRight(bytes: Uint8Array, ip: IpLayer, layer: TcpLayer | IcmpLayer): boolean {
  return layer.end === layer.wireEnd && ip.fragment === null && sumOf(bytes, ip, layer) === 0xffff;
}

/** Writes the right checksum into a segment or message whose octets were changed. */
export function renewChecksum(bytes: Uint8Array, ip: IpLayer, layer: TcpLayer | IcmpLayer): void {
  const at = layer.at + (layer.kind === 'tcp' ? 16 : 2);
  bytes[at] = 0;
  bytes[at + 1] = 0;
  const checksum = 0xffff - sumOf(bytes, ip, layer);
  bytes[at] = checksum >> 8;
  bytes[at + 1] = checksum & 0xff;
}

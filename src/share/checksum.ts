import type { IcmpLayer, IpLayer, TcpLayer } from '../model/frame.ts';

/** Sum of 16-bit words, carries folded (RFC 1071); a last odd octet is padded with zero. */
export function internetSum(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let total = start;
  for (let at = from; at < to; at += 2) total += ((bytes[at] ?? 0) << 8) | (at + 1 < to ? (bytes[at + 1] ?? 0) : 0);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x1_0000);
  return total;
}

/** With the pseudo-header in front (RFC 9293, 3.1; RFC 8200, 8.1). */
export function transportSum(bytes: Uint8Array, ip: IpLayer, { at, end }: TcpLayer | IcmpLayer, protocol: number): number {
  const length = end - at;
  const pseudo = internetSum(bytes, ip.addressAt, ip.addressAt + (ip.family === 4 ? 8 : 32), protocol + (length & 0xffff) + (length >>> 16));
  return internetSum(bytes, at, end, pseudo);
}

/** Whether the sum of a whole segment or message can be told to be right. */
export function isWholeRight(bytes: Uint8Array, ip: IpLayer, layer: TcpLayer | IcmpLayer): boolean {
  if (layer.end !== layer.wireEnd || ip.fragment !== null) return false;
  if (layer.kind === 'icmp' && layer.family === 4) return internetSum(bytes, layer.at, layer.end) === 0xffff;
  return transportSum(bytes, ip, layer, layer.kind === 'tcp' ? 6 : 58) === 0xffff;
}

/** Whether an IPv4 header's sum is right; IPv6 has none. */
export function isIpRight(bytes: Uint8Array, ip: IpLayer): boolean {
  return ip.family === 4 && internetSum(bytes, ip.at, ip.contentAt) === 0xffff;
}

/** Corrects the sum at `at`, given what everything, it included, sums to now. */
export function renew(bytes: Uint8Array, at: number, sum: number): void {
  const before = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  let right = before + (0xffff - sum);
  if (right > 0xffff) right = (right & 0xffff) + 1;
  bytes[at] = right >> 8;
  bytes[at + 1] = right & 0xff;
}

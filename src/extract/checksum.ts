import type { IpLayer, TcpLayer } from '../model/frame.ts';

const TCP = 6;

/** Sum of 16-bit words, carries folded (RFC 1071); a last odd octet is padded with zero. */
function sum(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let total = start;
  for (let at = from; at < to; at += 2) total += ((bytes[at] ?? 0) << 8) | (at + 1 < to ? (bytes[at + 1] ?? 0) : 0);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x1_0000);
  return total;
}

function sumOfSegment(bytes: Uint8Array, ip: IpLayer, tcp: TcpLayer): number {
  const length = tcp.end - tcp.at;
  const pseudo = sum(bytes, ip.addressAt, ip.addressAt + (ip.family === 4 ? 8 : 32), TCP + (length & 0xffff) + (length >>> 16));
  return sum(bytes, tcp.at, tcp.end, pseudo);
}

/** Whether the checksum can be told to be right: of a segment that is whole. */
export function isChecksumRight(bytes: Uint8Array, ip: IpLayer, tcp: TcpLayer): boolean {
  return tcp.end === tcp.wireEnd && ip.fragment === null && sumOfSegment(bytes, ip, tcp) === 0xffff;
}

/** Writes the right checksum into a segment whose octets were changed. */
export function renewChecksum(bytes: Uint8Array, ip: IpLayer, tcp: TcpLayer): void {
  const at = tcp.at + 16;
  bytes[at] = 0;
  bytes[at + 1] = 0;
  const checksum = 0xffff - sumOfSegment(bytes, ip, tcp);
  bytes[at] = checksum >> 8;
  bytes[at + 1] = checksum & 0xff;
}

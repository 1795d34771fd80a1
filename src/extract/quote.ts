import type { FrameView, IcmpLayer, IpLayer, TcpLayer } from '../model/frame.ts';
import { overwrite } from './overwrite.ts';

/** Overwrites in `bytes` what an ICMP error quotes behind the headers: a router may quote more than 500 octets of what was said (RFC 1812, 4.3.2.3). */
export function overwriteQuote({ layers }: FrameView, bytes: Uint8Array, icmp: IcmpLayer): number {
  const quoted = layers.find((layer): layer is IpLayer => layer.kind === 'ip' && layer.quoted);
  const segment = layers.find((layer): layer is TcpLayer => layer.kind === 'tcp' && layer.quoted);
  const from = segment?.payloadAt ?? quoted?.contentAt ?? icmp.end;
  return overwrite(bytes, from, icmp.end);
}

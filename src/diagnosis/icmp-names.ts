import type { IcmpError } from '../model/packet.ts';

/** Names of the errors that matter here; RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1, RFC 4443. Keys are `type/code`. */
const V4: Readonly<Record<string, string>> = {
  '3/0': 'network unreachable',
  '3/1': 'host unreachable',
  '3/2': 'protocol unreachable',
  '3/3': 'port unreachable',
  '3/4': 'fragmentation needed',
  '3/9': 'network administratively prohibited',
  '3/10': 'host administratively prohibited',
  '3/13': 'communication administratively prohibited',
  '11/0': 'time to live exceeded in transit',
  '11/1': 'fragment reassembly time exceeded',
};
const V6: Readonly<Record<string, string>> = {
  '1/0': 'no route to destination',
  '1/1': 'communication administratively prohibited',
  '1/3': 'address unreachable',
  '1/4': 'port unreachable',
  '1/5': 'source address failed policy',
  '1/6': 'reject route to destination',
  '2/0': 'packet too big',
  '3/0': 'hop limit exceeded in transit',
  '3/1': 'fragment reassembly time exceeded',
};

export function icmpName(error: Pick<IcmpError, 'family' | 'type' | 'code'>): string {
  const key = `${error.type}/${error.code}`;
  return (error.family === 4 ? V4[key] : V6[key]) ?? `ICMP type ${error.type} code ${error.code}`;
}

import type { IcmpError } from '../model/packet.ts';

/** RFC 792, RFC 1812 (5.2.7.1), RFC 4443: what the common errors say. */
const V4: Readonly<Record<string, string>> = {
  '3/0': 'network unreachable',
  '3/1': 'host unreachable',
  '3/2': 'protocol unreachable',
  '3/3': 'port unreachable',
  '3/4': 'fragmentation needed',
  '3/9': 'network administratively prohibited',
  '3/10': 'host administratively prohibited',
  '3/13': 'administratively prohibited',
  '4/0': 'source quench',
  '11/0': 'time to live exceeded',
  '11/1': 'reassembly time exceeded',
};
const V6: Readonly<Record<string, string>> = {
  '1/0': 'no route to destination',
  '1/1': 'administratively prohibited',
  '1/3': 'address unreachable',
  '1/4': 'port unreachable',
  '1/5': 'source address failed policy',
  '1/6': 'reject route',
  '2/0': 'packet too big',
  '3/0': 'hop limit exceeded',
};

/** `ICMP from 10.0.0.1: administratively prohibited`. */
export function describeIcmp(error: IcmpError): string {
  const words = (error.family === 4 ? V4 : V6)[`${error.type}/${error.code}`] ?? `type ${error.type} code ${error.code}`;
  const mtu = error.mtu === null ? '' : `, MTU ${error.mtu}`;
  return `ICMP${error.family === 6 ? 'v6' : ''} from ${error.fromIp}: ${words}${mtu}`;
}

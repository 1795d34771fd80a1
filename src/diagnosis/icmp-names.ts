import type { IcmpError } from '../model/packet.ts';

/** `prohibited`: a device refuses by policy and names itself · `unreachable`: beyond the sender nothing answers, by whosever fault. */
export type IcmpMeaning = 'prohibited' | 'unreachable' | 'too-big' | 'other';

interface IcmpKind {
  readonly name: string;
  readonly meaning: IcmpMeaning;
}

/** Errors that matter here; RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1. Keys are `type/code`. */
const V4: Readonly<Record<string, IcmpKind>> = {
  '3/0': { name: 'network unreachable', meaning: 'unreachable' },
  '3/1': { name: 'host unreachable', meaning: 'unreachable' },
  '3/2': { name: 'protocol unreachable', meaning: 'unreachable' },
  '3/3': { name: 'port unreachable', meaning: 'prohibited' },
  '3/4': { name: 'fragmentation needed', meaning: 'too-big' },
  '3/9': { name: 'network administratively prohibited', meaning: 'prohibited' },
  '3/10': { name: 'host administratively prohibited', meaning: 'prohibited' },
  '3/13': { name: 'communication administratively prohibited', meaning: 'prohibited' },
  '11/0': { name: 'time to live exceeded in transit', meaning: 'unreachable' },
  '11/1': { name: 'fragment reassembly time exceeded', meaning: 'unreachable' },
};
/** RFC 4443. */
const V6: Readonly<Record<string, IcmpKind>> = {
  '1/0': { name: 'no route to destination', meaning: 'unreachable' },
  '1/1': { name: 'communication administratively prohibited', meaning: 'prohibited' },
  '1/3': { name: 'address unreachable', meaning: 'unreachable' },
  '1/4': { name: 'port unreachable', meaning: 'prohibited' },
  '1/5': { name: 'source address failed policy', meaning: 'prohibited' },
  '1/6': { name: 'reject route to destination', meaning: 'prohibited' },
  '2/0': { name: 'packet too big', meaning: 'too-big' },
  '3/0': { name: 'hop limit exceeded in transit', meaning: 'unreachable' },
  '3/1': { name: 'fragment reassembly time exceeded', meaning: 'unreachable' },
};

export function icmpKind(error: Pick<IcmpError, 'family' | 'type' | 'code'>): IcmpKind {
  const known = (error.family === 4 ? V4 : V6)[`${error.type}/${error.code}`];
  return known ?? { name: `ICMP type ${error.type} code ${error.code}`, meaning: 'other' };
}

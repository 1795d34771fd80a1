/** Where the network layer of a frame lies. Reused for every packet. */
export interface NetworkView {
  /** EtherType of what begins at `at`: 0x0800 IPv4, 0x86dd IPv6, others as they are; 0 where it is not known. */
  type: number;
  at: number;
  /** Offset of the source MAC address, -1 where there is none. */
  macAt: number;
  /** Innermost VLAN identifier, -1 without. */
  vlan: number;
}

/** A frame in its window: from `at` to `end`, as far as it was stored. */
export interface LinkType {
  /** LINKTYPE and DLT numbers that mean this layer. */
  readonly numbers: readonly number[];
  /** As libpcap names it, in lower case. */
  readonly name: string;
  /** Finds the network layer; leaves `type` 0 where the frame is cut or holds none. `macAt` and `vlan` come in as -1. */
  locate(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void;
}

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;
export const ETHERTYPE_ARP = 0x0806;

/** Sets the version of a bare IP packet from its first octet. */
export function locateByVersion(bytes: Uint8Array, at: number, end: number, network: NetworkView): void {
  const version = at < end ? (bytes[at] ?? 0) >> 4 : 0;
  network.type = version === 4 ? ETHERTYPE_IPV4 : version === 6 ? ETHERTYPE_IPV6 : 0;
  network.at = at;
}

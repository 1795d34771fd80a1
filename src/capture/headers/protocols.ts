/** Protocol numbers of IP (IANA) that are entered. */
export const ICMP = 1;
export const IP_IN_IP = 4;
export const TCP = 6;
export const UDP = 17;
export const IPV6_IN_IP = 41;
export const GRE = 47;
export const ICMPV6 = 58;

/** Tunnels within tunnels: two are usual in data centres, more than this is an attack or a loop. */
export const MAX_TUNNEL_DEPTH = 4;

/** What the chain of extension headers leads to. Reused for every packet. */
export interface ChainView {
  /** Protocol number behind the chain; -1 where the chain is cut or too long. */
  protocol: number;
  /** Where that protocol's header begins. */
  at: number;
  /** Offset of a fragment header that makes this a real fragment, -1 without. */
  fragmentAt: number;
  /** A routing header with segments left: the checksum was made with another destination. */
  routed: boolean;
}

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
const MOBILITY = 135;
const HOST_IDENTITY = 139;
const SHIM6 = 140;

/** Longer chains are attacks, not mail. */
const MAX_HEADERS = 16;

/** Follows IPv6 extension headers (RFC 8200, 4; RFC 4302) from `at`; stops at a fragment header of a packet that is really in pieces. */
export function followChain(bytes: Uint8Array, view: DataView, first: number, at: number, end: number, chain: ChainView): void {
  chain.fragmentAt = -1;
  chain.routed = false;
  let next = first;
  let headerAt = at;
  for (let i = 0; i < MAX_HEADERS; i++) {
    const isExtension = next === HOP_BY_HOP || next === ROUTING || next === DESTINATION || next === MOBILITY || next === HOST_IDENTITY || next === SHIM6;
    if (!isExtension && next !== FRAGMENT && next !== AUTHENTICATION) {
      chain.protocol = next;
      chain.at = headerAt;
      return;
    }
    if (headerAt + 8 > end) break;
    // Offset zero and no more to come: an atomic fragment (RFC 6946), whole by itself.
    if (next === FRAGMENT && (view.getUint16(headerAt + 2) & 0xfff9) !== 0) {
      chain.protocol = bytes[headerAt] ?? 0;
      chain.at = headerAt + 8;
      chain.fragmentAt = headerAt;
      return;
    }
    if (next === ROUTING && (bytes[headerAt + 3] ?? 0) > 0) chain.routed = true;
    const length = next === FRAGMENT ? 8 : next === AUTHENTICATION ? ((bytes[headerAt + 1] ?? 0) + 2) * 4 : ((bytes[headerAt + 1] ?? 0) + 1) * 8;
    next = bytes[headerAt] ?? 0;
    headerAt += length;
  }
  chain.protocol = -1;
  chain.at = headerAt;
}

import type { Interest, PacketSink, SegmentView } from '../model/packet.ts';
import type { EpochUs } from '../model/units.ts';
import type { PacketReceiver } from './formats/capture-format.ts';
import { isTcpChecksumRight } from './headers/checksum.ts';
import { FragmentStore } from './headers/fragments.ts';
import { readIcmpError } from './headers/icmp.ts';
import { followChain } from './headers/ipv6.ts';
import type { ChainView } from './headers/ipv6.ts';
import { locateInGre, locateInUdp } from './headers/tunnels.ts';
import { GRE, ICMP, ICMPV6, IP_IN_IP, IPV6_IN_IP, MAX_TUNNEL_DEPTH, TCP, UDP } from './headers/protocols.ts';
import { ETHERNET } from './links/index.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from './links/link-type.ts';
import type { LinkType, NetworkView } from './links/link-type.ts';
import { IPV4_ADDRESSES_AT, passesBy } from './passing.ts';
import type { Tally } from './tally.ts';

/** The largest IP packet of Ethernet; what is longer was joined or not yet cut by the network card. */
const ETHERNET_MTU = 1500;

/** Where packets from a decoder go: walks the headers, counts, and hands segments of interest to the sink. */
export class Dissector implements PacketReceiver {
  /** Whether a port became interesting through its first words, or keys turned up, while the file was read: another reading would show more. */
  asksAgain = false;
  tally: Tally;

  readonly #sink: PacketSink;
  readonly #interest: Interest;
  readonly #ports: Uint8Array;
  readonly #network: NetworkView = { type: 0, at: 0, macAt: -1, vlan: -1 };
  readonly #chain: ChainView = { protocol: 0, at: 0, fragmentAt: -1, routed: false };
  readonly #muteWhenFound: boolean;
  readonly #fragments: FragmentStore;
  readonly #segment: SegmentView;
  #bytes: Uint8Array;
  #view: DataView;
  /** Behind the last octet of the packet, had it been stored whole. */
  #wireEnd = 0;
  #depth = 0;
  /** Only count: the sink is to be replaced, and what it has seen is void. */
  #muted = false;
  #packetOctets = 0;
  /** The checksum cannot match: it was made for another destination. */
  #routed = false;

  /** `muteWhenFound`: everything is read again once SMTP turned up elsewhere or keys did, so that the sink need not hear the rest. */
  constructor(sink: PacketSink, interest: Interest, tally: Tally, muteWhenFound: boolean) {
    this.#sink = sink;
    this.#interest = interest;
    this.#ports = interest.ports;
    this.tally = tally;
    this.#muteWhenFound = muteWhenFound;
    this.#bytes = new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer);
    this.#fragments = new FragmentStore((reason) => this.tally.count(reason === 'budget' ? 'fragment-budget' : 'unfinished-fragments'));
    this.#segment = emptySegment(this.#bytes, this.#view);
  }

  use(bytes: Uint8Array, view: DataView): void {
    this.#bytes = bytes;
    this.#view = view;
    this.#segment.bytes = bytes;
    this.#segment.view = view;
  }

  switchTo(tally: Tally): void {
    this.tally = tally;
    this.#segment.input = tally.input;
  }

  keyLog(octets: Uint8Array): void {
    if (this.#interest.keyLog?.(octets) !== true || this.tally.segments === 0) return;
    this.asksAgain = true;
    if (this.#muteWhenFound) this.#muted = true;
    else this.tally.count('late-secrets');
  }

  /** Packets whose fragments did not all come: told when everything has been read. */
  finish(): void {
    if (this.#fragments.size > 0) this.tally.count('unfinished-fragments', this.#fragments.size);
  }

  packet(at: number, end: number, wireLength: number, atUs: EpochUs, link: LinkType | null, interfaceId: number): void {
    const tally = this.tally;
    const number = ++tally.frames;
    if (tally.passesOver) return;
    tally.packets++;
    if (atUs < tally.previousUs) tally.count('disorder');
    tally.previousUs = atUs;
    if (atUs > tally.lastUs) tally.lastUs = atUs;
    // Simple packet blocks have no time: 0 stands for it when nothing came before.
    if (atUs < tally.firstUs && atUs > 0) tally.firstUs = atUs;
    const stored = end - at;
    if (stored < wireLength) {
      tally.cut++;
      if (stored > tally.longestCut) tally.longestCut = stored;
    }
    if (link === null) return;
    if (link === ETHERNET && passesBy(this.#bytes, this.#view, at, end, this.#ports)) {
      tally.otherPorts = true;
      if (tally.addresses.watching) tally.addresses.take(this.#view, at + IPV4_ADDRESSES_AT, 4);
      return;
    }
    const segment = this.#segment;
    segment.packet = number;
    segment.atUs = atUs;
    segment.interfaceId = interfaceId;
    this.#wireEnd = at + (stored < wireLength ? wireLength : stored);
    this.#depth = 0;
    const network = this.#network;
    network.type = 0;
    network.macAt = -1;
    network.vlan = -1;
    link.locate(this.#bytes, this.#view, at, end, network);
    this.#networkLayer(end);
  }

  #networkLayer(end: number): void {
    const network = this.#network;
    if (network.type === ETHERTYPE_IPV4) this.#ipv4(network.at, end);
    else if (network.type === ETHERTYPE_IPV6) this.#ipv6(network.at, end);
    else if (network.type === ETHERTYPE_ARP) this.tally.arp = true;
  }

  #ipv4(at: number, end: number): void {
    const view = this.#view;
    const bytes = this.#bytes;
    if (at + 20 > end) return this.#unreadable();
    const first = bytes[at] ?? 0;
    const headerLength = (first & 0x0f) << 2;
    // Zero: segmentation offload leaves the length to the network card; the frame's own length stands in.
    const total = view.getUint16(at + 2) || this.#wireEnd - at;
    if (first >> 4 !== 4 || headerLength < 20 || at + headerLength > end || total < headerLength) return this.#unreadable();
    const protocol = bytes[at + 9] ?? 0;
    const pieces = view.getUint16(at + 6);
    const packetEnd = at + total;
    const segment = this.#segment;
    segment.family = 4;
    segment.addressAt = at + 12;
    this.#packetOctets = total;
    this.#routed = false;
    if ((pieces & 0x3fff) !== 0) {
      return this.#fragment(
        at,
        headerLength,
        protocol,
        view.getUint16(at + 4),
        (pieces & 0x1fff) * 8,
        (pieces & 0x2000) !== 0,
        at + headerLength,
        packetEnd,
        end,
      );
    }
    this.#transport(protocol, at, at + headerLength, end < packetEnd ? end : packetEnd, packetEnd);
  }

  #ipv6(at: number, end: number): void {
    const view = this.#view;
    if (at + 40 > end || (this.#bytes[at] ?? 0) >> 4 !== 6) return this.#unreadable();
    const length = view.getUint16(at + 4);
    const packetEnd = length === 0 ? this.#wireEnd : at + 40 + length;
    const stored = end < packetEnd ? end : packetEnd;
    const segment = this.#segment;
    const chain = this.#chain;
    segment.family = 6;
    segment.addressAt = at + 8;
    this.#packetOctets = packetEnd - at;
    followChain(this.#bytes, view, this.#bytes[at + 6] ?? 0, at + 40, stored, chain);
    this.#routed = chain.routed;
    if (chain.protocol < 0) return this.#unreadable();
    if (chain.fragmentAt >= 0) {
      const pieces = view.getUint16(chain.fragmentAt + 2);
      return this.#fragment(at, 40, chain.protocol, view.getUint32(chain.fragmentAt + 4), pieces & 0xfff8, (pieces & 1) === 1, chain.at, packetEnd, end);
    }
    this.#transport(chain.protocol, at, chain.at, stored, packetEnd);
  }

  /** The content of an IP packet, from `at` to `end` in the file and to `packetEnd` on the wire. `ipAt`: its IP header. */
  #transport(protocol: number, ipAt: number, at: number, end: number, packetEnd: number): void {
    if (protocol === TCP) return this.#tcp(ipAt, at, end, packetEnd);
    if (protocol === UDP) {
      this.tally.udp = true;
      if (this.#enterTunnel(locateInUdp, at, end)) return;
    } else if (protocol === ICMP || protocol === ICMPV6) {
      this.tally.icmp = true;
      this.#icmp(ipAt, at, end);
    } else if (protocol === GRE) {
      if (this.#enterTunnel(locateInGre, at, end)) return;
    } else if (protocol === IP_IN_IP || protocol === IPV6_IN_IP) {
      if (this.#enterTunnel(protocol === IP_IN_IP ? locateIpv4 : locateIpv6, at, end)) return;
    }
    this.#noteAddresses();
  }

  #tcp(ipAt: number, at: number, end: number, packetEnd: number): void {
    if (at + 4 > end) return this.#unreadable();
    const view = this.#view;
    const srcPort = view.getUint16(at);
    const dstPort = view.getUint16(at + 2);
    const ports = this.#ports;
    if (this.tally.addresses.watching) this.#noteAddresses();
    if (ports[srcPort] !== 1 && ports[dstPort] !== 1) {
      this.tally.otherPorts = true;
      if (at + 25 > end || !this.#beginsSmtp(at, end) || !this.#askAboutPort(dstPort)) return;
    }
    const headerLength = at + 20 <= end ? ((this.#bytes[at + 12] ?? 0) >> 4) << 2 : 0;
    if (headerLength < 20 || at + headerLength > packetEnd) return this.#unreadable();
    this.tally.segments++;
    if (this.#depth > 0) this.tally.count('tunnel');
    if (this.#packetOctets > ETHERNET_MTU) this.tally.count('offload');
    if (this.#muted) return;
    this.#describe(ipAt, at, headerLength, end, packetEnd);
    this.#sink.segment(this.#segment);
  }

  #describe(ipAt: number, at: number, headerLength: number, end: number, packetEnd: number): void {
    const view = this.#view;
    const bytes = this.#bytes;
    const segment = this.#segment;
    const isV4 = segment.family === 4;
    segment.macAt = this.#network.macAt;
    segment.vlan = this.#network.vlan;
    segment.ttl = bytes[ipAt + (isV4 ? 8 : 7)] ?? 0;
    segment.ipId = isV4 ? view.getUint16(ipAt + 4) : -1;
    segment.dontFragment = isV4 && ((bytes[ipAt + 6] ?? 0) & 0x40) !== 0;
    segment.tos = isV4 ? (bytes[ipAt + 1] ?? 0) : (view.getUint16(ipAt) >> 4) & 0xff;
    segment.srcPort = view.getUint16(at);
    segment.dstPort = view.getUint16(at + 2);
    segment.seq = view.getUint32(at + 4);
    segment.ack = view.getUint32(at + 8);
    segment.flags = bytes[at + 13] ?? 0;
    segment.window = view.getUint16(at + 14);
    segment.checksum = view.getUint16(at + 16);
    const payloadAt = Math.min(at + headerLength, end);
    segment.optionsAt = at + 20;
    segment.optionsLength = payloadAt - (at + 20);
    segment.payloadAt = payloadAt;
    segment.payloadLength = packetEnd - (at + headerLength);
    segment.payloadCaptured = end - payloadAt;
    segment.checksumState = this.#checksumState(at, end, packetEnd);
    if (segment.checksumState === 0) this.tally.count('bad-checksum');
  }

  #checksumState(at: number, end: number, packetEnd: number): 1 | 0 | -1 {
    if (end < packetEnd || this.#routed) return -1;
    const { addressAt, family } = this.#segment;
    return isTcpChecksumRight(this.#bytes, this.#view, addressAt, family === 4 ? 8 : 32, at, end) ? 1 : 0;
  }

  /** Whether the payload begins with EHLO, HELO or LHLO and a blank, in any case. */
  #beginsSmtp(at: number, end: number): boolean {
    const payloadAt = at + (((this.#bytes[at + 12] ?? 0) >> 4) << 2);
    if (payloadAt + 5 > end || this.#bytes[payloadAt + 4] !== 0x20) return false;
    const word = this.#view.getInt32(payloadAt) | 0x20202020;
    return word === 0x65686c6f || word === 0x68656c6f || word === 0x6c686c6f;
  }

  /** True: the port is of interest from now on. */
  #askAboutPort(port: number): boolean {
    this.#interest.smtpElsewhere(port);
    if (this.#ports[port] !== 1) return false;
    this.asksAgain = true;
    this.#muted = this.#muteWhenFound;
    return true;
  }

  #icmp(ipAt: number, at: number, end: number): void {
    const segment = this.#segment;
    segment.ttl = this.#bytes[ipAt + (segment.family === 4 ? 8 : 7)] ?? 0;
    const error = readIcmpError({ packet: segment, at, end }, this.#ports);
    if (error && !this.#muted) this.#sink.icmp(error);
  }

  /** Looks for a packet within the packet; true when there was one and it has been read. */
  #enterTunnel(locate: LinkType['locate'], at: number, end: number): boolean {
    const network = this.#network;
    if (this.#depth >= MAX_TUNNEL_DEPTH) return false;
    network.type = 0;
    locate(this.#bytes, this.#view, at, end, network);
    if (network.type !== ETHERTYPE_IPV4 && network.type !== ETHERTYPE_IPV6) return false;
    this.#depth++;
    this.#networkLayer(end);
    return true;
  }

  #fragment(
    headerAt: number,
    headerLength: number,
    protocol: number,
    identification: number,
    offset: number,
    more: boolean,
    contentAt: number,
    packetEnd: number,
    end: number,
  ): void {
    this.tally.fragments = true;
    this.#noteAddresses();
    // Only what may carry mail is put together; a file server's UDP would fill the store.
    if (protocol !== TCP && protocol !== GRE && protocol !== IP_IN_IP && protocol !== IPV6_IN_IP) {
      if (protocol === UDP) this.tally.udp = true;
      if (protocol === ICMP || protocol === ICMPV6) this.tally.icmp = true;
      return;
    }
    if (packetEnd <= contentAt) return this.#unreadable();
    const { family, addressAt, atUs } = this.#segment;
    const captured = Math.max(0, Math.min(end, packetEnd) - contentAt);
    const macAt = this.#network.macAt;
    const length = packetEnd - contentAt;
    const whole = this.#fragments.add(this.#bytes, {
      protocol,
      family,
      addressAt,
      headerAt,
      headerLength,
      identification,
      offset,
      more,
      contentAt,
      length,
      captured,
      macAt,
      atUs,
    });
    if (whole === 'impossible') return this.#unreadable();
    if (whole === null) return;
    const { bytes, view } = this.#segment;
    this.use(whole.bytes, new DataView(whole.bytes.buffer));
    this.#network.macAt = whole.macAt;
    this.#segment.addressAt = whole.headerAt + (family === 4 ? 12 : 8);
    this.#wireEnd = whole.bytes.length;
    // The pieces were no larger than the path allows, whatever they make together.
    this.#packetOctets = 0;
    this.#transport(whole.protocol, whole.headerAt, whole.contentAt, whole.capturedEnd, whole.bytes.length);
    this.use(bytes, view);
  }

  #noteAddresses(): void {
    const { addresses } = this.tally;
    if (addresses.watching) addresses.take(this.#view, this.#segment.addressAt, this.#segment.family);
  }

  #unreadable(): void {
    this.tally.count('unreadable-packet');
  }
}

const locateIpv4: LinkType['locate'] = (_bytes, _view, at, _end, network) => {
  network.type = ETHERTYPE_IPV4;
  network.at = at;
};

const locateIpv6: LinkType['locate'] = (_bytes, _view, at, _end, network) => {
  network.type = ETHERTYPE_IPV6;
  network.at = at;
};

function emptySegment(bytes: Uint8Array, view: DataView): SegmentView {
  return {
    input: 0,
    packet: 0,
    atUs: 0,
    bytes,
    view,
    macAt: -1,
    vlan: -1,
    interfaceId: 0,
    family: 4,
    addressAt: 0,
    ttl: 0,
    ipId: -1,
    dontFragment: false,
    tos: 0,
    srcPort: 0,
    dstPort: 0,
    seq: 0,
    ack: 0,
    flags: 0,
    window: 0,
    optionsAt: 0,
    optionsLength: 0,
    payloadAt: 0,
    payloadLength: 0,
    payloadCaptured: 0,
    checksum: 0,
    checksumState: -1,
  };
}

import { decode } from './pcap.mjs';

const isFrom = (facts, side, port) => (side === 'client' ? facts.dport === port : facts.sport === port);

/** Named edits of a recorded capture; each takes packets (with TCP facts) and an argument, and gives packets back. */
const EDITS = {
  /** drops everything before the first packet whose octets hold the text */
  startAt: (packets, text) =>
    packets.slice(
      Math.max(
        0,
        packets.findIndex((p) => p.facts?.text.includes(text)),
      ),
    ),
  startAfter: (packets, text) => packets.slice(packets.findIndex((p) => p.facts?.text.includes(text)) + 1),
  /** drops everything from the first packet whose octets hold the text on */
  endBefore: (packets, text) =>
    packets.slice(
      0,
      packets.findIndex((p) => p.facts?.text.includes(text)),
    ),
  endAfter: (packets, text) => packets.slice(0, packets.findIndex((p) => p.facts?.text.includes(text)) + 1),
  endBeforeFlag: (packets, flag) =>
    packets.slice(
      0,
      packets.findIndex((p) => p.facts?.[flag]),
    ),
  skip: (packets, n) => packets.slice(n),
  stop: (packets, n) => packets.slice(0, packets.length - n),
  /** each packet is missing by chance */
  chance: (packets, { of, rnd }) => packets.filter(() => rnd.below(1000) >= of * 1000),
  only: (packets, side, port) => packets.filter((p) => p.facts && isFrom(p.facts, side, port)),
  without: (packets, text) => packets.filter((p) => !p.facts?.text.includes(text)),
  withoutFlag: (packets, flag) => packets.filter((p) => !p.facts?.[flag]),
  snap: (packets, n) => packets.map((p) => ({ ...p, data: p.data.subarray(0, n) })),
  lose: (packets, { every, side }, port) => {
    let k = 0;
    return packets.filter((p) => !p.facts || p.facts.syn || (side && !isFrom(p.facts, side, port)) || p.facts.size === 0 || ++k % every !== 0);
  },
  duplicate: (packets, us = 11) => packets.flatMap((p) => [p, { ...p, us: p.us + us }]),
  swap: (packets, every) => {
    const out = [...packets];
    for (let k = 4; k + 1 < out.length; k += every) [out[k], out[k + 1]] = [out[k + 1], out[k]];
    return out;
  },
  vlan: (packets, tags) =>
    packets.map((p) => {
      const list = [tags].flat().flatMap((tag, k, all) => [k < all.length - 1 ? 0x88a8 : 0x8100, tag]);
      const tag = Buffer.alloc(list.length * 2);
      list.forEach((word, k) => tag.writeUInt16BE(word, k * 2));
      return { ...p, length: p.length + tag.length, data: Buffer.concat([p.data.subarray(0, 12), tag, p.data.subarray(12)]) };
    }),
  shift: (packets, seconds) => packets.map((p) => ({ ...p, us: p.us + seconds * 1e6 })),
  /** a mirror port that shows both sides of a router: every IPv4 frame twice, the second time one hop older and with other MAC addresses */
  routed: (packets, us = 15) => packets.flatMap((p) => [p, { ...p, us: p.us + us, data: hop(p.data) }]),
  /** octets behind every frame, as the padding of short frames or a check sequence leaves them */
  trailer: (packets, { text, upTo = Number.POSITIVE_INFINITY }) =>
    packets.map((p) => {
      const room = Math.max(0, Math.min(text.length, upTo - p.data.length));
      return { ...p, length: p.length + room, data: Buffer.concat([p.data, Buffer.from(text.slice(0, room), 'latin1')]) };
    }),
  /** two captures of one direction each, put one behind the other without sorting */
  bySide: (packets, side, port) => {
    const first = packets.filter((p) => p.facts && isFrom(p.facts, side, port));
    return [...first, ...packets.filter((p) => !first.includes(p))];
  },
  /** the capturing host's clock is set by some seconds behind the first packet that holds the text */
  step: (packets, { text, seconds }) => {
    const at = packets.findIndex((p) => p.facts?.text.includes(text));
    return packets.map((p, k) => (at >= 0 && k > at ? { ...p, us: p.us + seconds * 1e6 } : p));
  },
  /** the capture's filter let only SYN, FIN and RST in */
  flagsOnly: (packets) => packets.filter((p) => p.facts && (p.facts.syn || p.facts.fin || p.facts.rst)),
  /** the capture's filter let only packets in that carry octets, or SYN, FIN, RST */
  noBareAcks: (packets) => packets.filter((p) => !p.facts || p.facts.size > 0 || p.facts.syn || p.facts.fin || p.facts.rst),
  /** the file lacks the FIN and RST of one side */
  dropEnds: (packets, side, port) => packets.filter((p) => !(p.facts && isFrom(p.facts, side, port) && (p.facts.fin || p.facts.rst))),
  /** one direction reaches the capturing host later than the other */
  lag: (packets, { side, us }, port) => packets.map((p) => (p.facts && isFrom(p.facts, side, port) ? { ...p, us: p.us + us } : p)).sort((a, b) => a.us - b.us),
  /** a clock that ticks only every so many microseconds */
  coarse: (packets, us) => packets.map((p) => ({ ...p, us: Math.floor(p.us / us) * us })),
  noIcmp: (packets) => packets.filter((p) => p.facts),
  /** Ethernet to Linux cooked capture, v1 */
  cooked: (packets, side, port) =>
    packets.map((p) => {
      const head = Buffer.alloc(16);
      head.writeUInt16BE(p.facts && isFrom(p.facts, 'client', port) ? 0 : 4, 0);
      head.writeUInt16BE(1, 2);
      head.writeUInt16BE(6, 4);
      p.data.copy(head, 6, 6, 12);
      p.data.copy(head, 14, 12, 14);
      return { ...p, length: p.length + 2, data: Buffer.concat([head, p.data.subarray(14)]) };
    }),
  /** Ethernet to Linux cooked capture, v2 */
  cooked2: (packets, side, port) =>
    packets.map((p) => {
      const head = Buffer.alloc(20);
      p.data.copy(head, 0, 12, 14);
      head.writeUInt32BE(2, 4);
      head.writeUInt16BE(1, 8);
      head.writeUInt8(p.facts && isFrom(p.facts, 'client', port) ? 0 : 4, 10);
      head.writeUInt8(6, 11);
      p.data.copy(head, 12, 6, 12);
      return { ...p, length: p.length + 6, data: Buffer.concat([head, p.data.subarray(14)]) };
    }),
  /** Ethernet to raw IP */
  bare: (packets) => packets.map((p) => ({ ...p, length: p.length - 14, data: p.data.subarray(14) })),
};

/** The frame as a router hands it on. */
function hop(frame) {
  const data = Buffer.from(frame);
  data.fill(0x5a, 0, 12);
  data[0] = data[6] = 2;
  data[11] = 1;
  if (data.readUInt16BE(12) !== 0x0800) return data;
  data[22] -= 1;
  const sum = data.readUInt16BE(24) + 0x100;
  data.writeUInt16BE((sum & 0xffff) + (sum >>> 16), 24);
  return data;
}

const LINKS = { cooked: 113, cooked2: 276, bare: 101 };

export function edit(capture, edits, port) {
  let packets = capture.packets.map((p) => ({ ...p, facts: decode(p.data) }));
  let link = capture.link;
  for (const [name, value] of edits) {
    packets = EDITS[name](packets, value, port);
    link = LINKS[name] ?? link;
  }
  return { link, packets };
}

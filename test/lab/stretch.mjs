import { decode } from './pcap.mjs';

/** The first silence of at least `over` seconds, and by how much it must grow to last `to` seconds: {at, us}, both in microseconds. */
export function findGap({ packets }, { over, to }) {
  const k = packets.findIndex((p, n) => n > 0 && p.us - packets[n - 1].us >= over * 1e6);
  if (k < 1) throw new Error(`no silence of ${over} s to stretch`);
  const length = packets[k].us - packets[k - 1].us;
  return { at: Math.round((packets[k].us + packets[k - 1].us) / 2), us: Math.round(to * 1e6) - length };
}

/** Lets a silence last longer: later packets move, and their timestamp options count on as the hosts' clocks (1 kHz) would have. */
export function stretch({ link, packets }, { at, us }) {
  const ticks = Math.round(us / 1000);
  const border = {};
  const moved = packets.map((p) => {
    if (p.us <= at) return p;
    const data = Buffer.from(p.data);
    const facts = decode(data);
    const option = facts && timestampAt(data);
    if (option) {
      const value = data.readUInt32BE(option + 2);
      const echo = data.readUInt32BE(option + 6);
      border[facts.src] ??= value;
      data.writeUInt32BE((value + ticks) >>> 0, option + 2);
      const other = border[facts.dst];
      if (other !== undefined && (echo - other) >>> 0 < 0x80000000) data.writeUInt32BE((echo + ticks) >>> 0, option + 6);
      sign(data);
    }
    return { ...p, us: p.us + us, data };
  });
  return { link, packets: moved };
}

/** Where TCP begins in an untagged Ethernet frame, and where the IP packet ends. */
function bounds(data) {
  const six = data.readUInt16BE(12) === 0x86dd;
  return six ? { tcp: 54, end: 54 + data.readUInt16BE(18), six } : { tcp: 14 + (data[14] & 15) * 4, end: 14 + data.readUInt16BE(16), six };
}

function timestampAt(data) {
  const { tcp } = bounds(data);
  const last = tcp + (data[tcp + 12] >> 4) * 4;
  for (let at = tcp + 20; at < last; at += data[at] === 1 ? 1 : data[at + 1] || last) {
    if (data[at] === 8) return at;
    if (data[at] === 0) return 0;
  }
  return 0;
}

function sign(data) {
  const { tcp, end, six } = bounds(data);
  data.writeUInt16BE(0, tcp + 16);
  let sum = 6 + end - tcp;
  for (let at = six ? 22 : 26; at < tcp; at += 2) if (six || at < 34) sum += data.readUInt16BE(at);
  for (let at = tcp; at < end; at += 2) sum += at + 1 < end ? data.readUInt16BE(at) : data[at] << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  data.writeUInt16BE(~sum & 0xffff, tcp + 16);
}

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Reads a little-endian classic capture of tcpdump: {link, packets: [{us, data, length}]}. */
export function readPcap(path) {
  const file = readFileSync(path);
  const packets = [];
  if (file.length < 24) return { link: 1, packets };
  for (let at = 24; at + 16 <= file.length; ) {
    const size = file.readUInt32LE(at + 8);
    if (at + 16 + size > file.length) break;
    packets.push({
      us: file.readUInt32LE(at) * 1e6 + file.readUInt32LE(at + 4),
      length: file.readUInt32LE(at + 12),
      data: Buffer.from(file.subarray(at + 16, at + 16 + size)),
    });
    at += 16 + size;
  }
  return { link: file.readUInt32LE(20), packets };
}

function classic({ link, packets }, { nano = false, snap = 262144 } = {}) {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(nano ? 0xa1b23c4d : 0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(snap, 16);
  head.writeUInt32LE(link, 20);
  const parts = [head];
  for (const p of packets) {
    const h = Buffer.alloc(16);
    h.writeUInt32LE(Math.floor(p.us / 1e6), 0);
    h.writeUInt32LE(nano ? (p.us % 1e6) * 1000 + ((p.us * 7) % 1000) : p.us % 1e6, 4);
    h.writeUInt32LE(p.data.length, 8);
    h.writeUInt32LE(p.length, 12);
    parts.push(h, p.data);
  }
  return Buffer.concat(parts);
}

function block(type, body) {
  const pad = (4 - (body.length % 4)) % 4;
  const total = 12 + body.length + pad;
  const out = Buffer.alloc(total);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(total, 4);
  body.copy(out, 8);
  out.writeUInt32LE(total, total - 4);
  return out;
}

/** The interface's statistics at the end of a capture: packets received, and packets that the capturing host dropped. */
function statistics(packets, drops, nano) {
  const body = Buffer.alloc(40);
  const units = BigInt(packets.at(-1)?.us ?? 0) * (nano ? 1000n : 1n);
  body.writeUInt32LE(Number(units >> 32n), 4);
  body.writeUInt32LE(Number(units & 0xffffffffn), 8);
  for (const [k, [code, count]] of [
    [4, packets.length + drops],
    [5, drops],
  ].entries()) {
    body.writeUInt16LE(code, 12 + k * 12);
    body.writeUInt16LE(8, 14 + k * 12);
    body.writeBigUInt64LE(BigInt(count), 16 + k * 12);
  }
  return body;
}

function nextGeneration({ link, packets }, { nano = false, drops } = {}) {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt16LE(1, 4);
  section.writeBigInt64LE(-1n, 8);
  const face = Buffer.alloc(8 + (nano ? 12 : 0));
  face.writeUInt16LE(link, 0);
  face.writeUInt32LE(262144, 4);
  if (nano) {
    face.writeUInt16LE(9, 8);
    face.writeUInt16LE(1, 10);
    face.writeUInt8(9, 12);
  }
  const parts = [block(0x0a0d0d0a, section), block(1, face)];
  for (const p of packets) {
    const units = BigInt(p.us) * (nano ? 1000n : 1n);
    const body = Buffer.alloc(20 + p.data.length);
    body.writeUInt32LE(Number(units >> 32n), 4);
    body.writeUInt32LE(Number(units & 0xffffffffn), 8);
    body.writeUInt32LE(p.data.length, 12);
    body.writeUInt32LE(p.length, 16);
    p.data.copy(body, 20);
    parts.push(block(6, body));
  }
  if (drops !== undefined) parts.push(block(5, statistics(packets, drops, nano)));
  return Buffer.concat(parts);
}

/** The octets and the file name's ending for a form: pcap, nano, pcapng, pcapng-nano, each with ".gz" added when packed; pcapng may report packets dropped. */
export function writeCapture(capture, form, drops) {
  const packed = form.endsWith('.gz');
  const plain = packed ? form.slice(0, -3) : form;
  const octets = plain.startsWith('pcapng') ? nextGeneration(capture, { nano: plain.endsWith('nano'), drops }) : classic(capture, { nano: plain === 'nano' });
  return { octets: packed ? gzipSync(octets) : octets, ending: `${plain.startsWith('pcapng') ? 'pcapng' : 'pcap'}${packed ? '.gz' : ''}` };
}

/** TCP facts of an Ethernet frame, or null. */
export function decode(data) {
  let at = 12;
  let type = data.readUInt16BE(at);
  while (type === 0x8100 || type === 0x88a8) {
    at += 4;
    type = data.readUInt16BE(at);
  }
  at += 2;
  let src, dst, ttl, id, end, tcp;
  if (type === 0x0800) {
    if (data[at + 9] !== 6) return null;
    src = [...data.subarray(at + 12, at + 16)].join('.');
    dst = [...data.subarray(at + 16, at + 20)].join('.');
    ttl = data[at + 8];
    id = data.readUInt16BE(at + 4);
    end = at + data.readUInt16BE(at + 2);
    tcp = at + (data[at] & 15) * 4;
  } else if (type === 0x86dd) {
    if (data[at + 6] !== 6) return null;
    const text = (from) => {
      const words = [];
      for (let k = 0; k < 16; k += 2) words.push(data.readUInt16BE(from + k).toString(16));
      return words.join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
    };
    src = text(at + 8);
    dst = text(at + 24);
    ttl = data[at + 7];
    id = 0;
    end = at + 40 + data.readUInt16BE(at + 4);
    tcp = at + 40;
  } else return null;
  if (data.length < tcp + 20) return null;
  const flags = data[tcp + 13];
  const head = (data[tcp + 12] >> 4) * 4;
  return {
    src,
    dst,
    ttl,
    id,
    sport: data.readUInt16BE(tcp),
    dport: data.readUInt16BE(tcp + 2),
    seq: data.readUInt32BE(tcp + 4),
    ack: data.readUInt32BE(tcp + 8),
    syn: (flags & 2) !== 0,
    fin: (flags & 1) !== 0,
    rst: (flags & 4) !== 0,
    acked: (flags & 16) !== 0,
    win: data.readUInt16BE(tcp + 14),
    ts: head > 20 && data.subarray(tcp + 20, tcp + head).includes(Buffer.from([8, 10])),
    size: end - tcp - head,
    text: data.subarray(tcp + head, Math.min(end, data.length)).toString('latin1'),
  };
}

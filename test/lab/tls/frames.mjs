// A conversation as frames: Ethernet, IPv4, TCP, with times that a clock of its own gives.
const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;

/** One connection; `client` and `server` are {ip, port, ttl}. Every call adds packets to `packets`. */
export class Wire {
  atUs;
  #packets;
  #ends;
  #next;
  #id = { C: 100, S: 7000 };
  #rttUs;
  #segment;

  constructor(packets, ends, { startUs, rttUs, segment }) {
    this.#segment = segment;
    this.#packets = packets;
    this.#ends = ends;
    this.#next = { C: 1_000_000, S: 5_000_000 };
    this.#rttUs = rttUs;
    this.atUs = startUs;
  }

  open() {
    this.#send('C', SYN);
    this.#send('S', SYN | ACK);
    this.#send('C', ACK);
  }

  /** Octets of one side, cut into segments; `pauseUs` before them. */
  say(by, octets, pauseUs = 0) {
    this.atUs += pauseUs + (by === 'C' ? this.#rttUs : 400);
    for (let from = 0; from < octets.length; from += this.#segment) {
      this.#send(by, PSH | ACK, octets.subarray(from, from + this.#segment));
    }
  }

  fin(by) {
    this.atUs += by === 'C' ? this.#rttUs : 300;
    this.#send(by, FIN | ACK);
    this.#send(by === 'C' ? 'S' : 'C', ACK);
  }

  rst(by) {
    this.atUs += this.#rttUs;
    this.#send(by, RST | ACK);
  }

  #send(by, flags, payload = Buffer.alloc(0)) {
    const other = by === 'C' ? 'S' : 'C';
    const from = this.#ends[by];
    const to = this.#ends[other];
    const frame = Buffer.alloc(54 + payload.length);
    frame[5] = by === 'C' ? 1 : 2;
    frame[11] = by === 'C' ? 2 : 1;
    frame[12] = 8;
    frame[14] = 0x45;
    frame.writeUInt16BE(40 + payload.length, 16);
    frame.writeUInt16BE(this.#id[by]++ & 0xffff, 18);
    frame[20] = 0x40;
    frame[22] = from.ttl;
    frame[23] = 6;
    for (const [i, octet] of from.ip.split('.').entries()) frame[26 + i] = Number(octet);
    for (const [i, octet] of to.ip.split('.').entries()) frame[30 + i] = Number(octet);
    frame.writeUInt16BE(from.port, 34);
    frame.writeUInt16BE(to.port, 36);
    frame.writeUInt32BE(this.#next[by], 38);
    frame.writeUInt32BE(flags & ACK ? this.#next[other] : 0, 42);
    frame[46] = 0x50;
    frame[47] = flags;
    frame.writeUInt16BE(flags & RST ? 0 : 64_240, 48);
    payload.copy(frame, 54);
    this.#next[by] += payload.length + (flags & (SYN | FIN) ? 1 : 0);
    this.atUs += 40;
    this.#packets.push({ us: Math.round(this.atUs), data: frame, length: frame.length });
  }
}

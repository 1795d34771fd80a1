import type { Moment, PacketRef } from '../model/evidence.ts';
import type { EpochUs } from '../model/units.ts';
import type { OctetReader, OctetWriter } from './octets.ts';

/** Times, moments and packets as differences to the one before, whoever put it. */
export class MomentCodec {
  readonly #out: OctetWriter;
  readonly #in: OctetReader;
  #atUs = 0;
  #input = 0;
  #packet = 0;

  constructor(out: OctetWriter, from: OctetReader) {
    this.#out = out;
    this.#in = from;
  }

  begin(): void {
    this.#atUs = 0;
    this.#input = 0;
    this.#packet = 0;
  }

  /** Whether it is the moment that was put last. */
  isLast({ atUs, packet }: Moment): boolean {
    return atUs === this.#atUs && packet.number === this.#packet && packet.input === this.#input;
  }

  last(): Moment {
    return { atUs: this.#atUs, packet: { input: this.#input, number: this.#packet } };
  }

  put({ atUs, packet }: Moment): void {
    this.putTime(atUs);
    this.putPacket(packet);
  }

  get(): Moment {
    const atUs = this.getTime();
    return { atUs, packet: this.getPacket(null) };
  }

  putTime(atUs: EpochUs): void {
    const sinceUs = atUs - this.#atUs;
    if (this.#atUs + sinceUs === atUs) this.#out.number(sinceUs);
    else {
      // Fractions may not survive the difference: told in full, behind what no difference is.
      this.#out.number(Number.NaN);
      this.#out.number(atUs);
    }
    this.#atUs = atUs;
  }

  getTime(): EpochUs {
    const sinceUs = this.#in.number();
    const atUs = Number.isNaN(sinceUs) ? this.#in.number() : this.#atUs + sinceUs;
    this.#atUs = atUs;
    return atUs;
  }

  /** Most packets are of the same input as the one before: the number's lowest bit tells whether another one follows. */
  putPacket({ input, number }: PacketRef): void {
    const isOther = input !== this.#input;
    this.#out.number((number - this.#packet) * 2 + (isOther ? 1 : 0));
    if (isOther) this.#out.count(input);
    this.#packet = number;
    this.#input = input;
  }

  /** `before` is used again where it is the same one. */
  getPacket(before: PacketRef | null): PacketRef {
    const head = this.#in.number();
    const since = Math.floor(head / 2);
    this.#packet += since;
    if (since * 2 !== head) this.#input = this.#in.count();
    return before?.number === this.#packet && before.input === this.#input ? before : { input: this.#input, number: this.#packet };
  }
}

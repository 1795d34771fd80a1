import type { Moment } from '../model/evidence.ts';
import { RECORDS_KEPT, type TlsRecord } from '../model/tls.ts';
import type { Side } from '../model/units.ts';

/** The records of a connection in order of arrival: the first and the last ones. */
export class RecordTrail {
  readonly #first: TlsRecord[] = [];
  /** A ring once it is full; `#next` is its oldest place. */
  readonly #last: TlsRecord[] = [];
  #next = 0;
  dropped = 0;

  add(side: Side, type: number, length: number, at: Moment): void {
    const record: TlsRecord = { side, type, length, at };
    if (this.#first.length < RECORDS_KEPT.first) this.#first.push(record);
    else if (this.#last.length < RECORDS_KEPT.last) this.#last.push(record);
    else {
      this.#last[this.#next] = record;
      this.#next = (this.#next + 1) % RECORDS_KEPT.last;
      this.dropped++;
    }
  }

  toArray(): TlsRecord[] {
    return this.#last.length === 0 ? this.#first : [...this.#first, ...this.#last.slice(this.#next), ...this.#last.slice(0, this.#next)];
  }
}

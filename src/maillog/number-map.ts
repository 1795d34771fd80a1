const FIRST_SLOTS = 1 << 6;
/** No number of a log. */
const FREE = -1;

/** A map from numbers from 0 to numbers from 0, in twelve octets a slot: three of five are in use at most. */
export class NumberMap {
  #keys = new Float64Array(FIRST_SLOTS).fill(FREE);
  #values = new Uint32Array(FIRST_SLOTS);
  #used = 0;

  get(key: number): number | undefined {
    const slot = this.#slotOf(key);
    return this.#keys[slot] === key ? this.#values[slot] : undefined;
  }

  set(key: number, value: number): void {
    const slot = this.#slotOf(key);
    if (this.#keys[slot] === FREE) {
      if (this.#used >= this.#keys.length * 0.6) {
        this.#grow();
        this.set(key, value);
        return;
      }
      this.#used++;
      this.#keys[slot] = key;
    }
    this.#values[slot] = value;
  }

  /** The slot of the key, or the free one that it would get. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = Math.imul((key % 2 ** 32) ^ Math.floor(key / 2 ** 32), 0x9e3779b1) & mask;
    while (this.#keys[slot] !== FREE && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Float64Array(keys.length * 2).fill(FREE);
    this.#values = new Uint32Array(keys.length * 2);
    this.#used = 0;
    for (const [slot, key] of keys.entries()) if (key !== FREE) this.set(key, values[slot] ?? 0);
  }
}

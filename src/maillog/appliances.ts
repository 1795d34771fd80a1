import type { ApplianceState, Counters } from './appliance-state.ts';

/** All appliances that the logs speak of: by serial number, else by syslog host, else one without a name. */
export class Appliances {
  readonly #bySerial = new Map<string, ApplianceState>();
  readonly #byHost = new Map<string, ApplianceState>();
  #unnamed: ApplianceState | null = null;
  #onlySerial: string | null = null;
  readonly #newCounters: () => Counters;

  constructor(newCounters: () => Counters) {
    this.#newCounters = newCounters;
  }

  /** Where all headers name one appliance, lines without a header belong to it. */
  assumeSerial(serial: string): void {
    this.#onlySerial = serial;
  }

  ofHost(host: string | null): ApplianceState {
    if (host === null) return this.#withoutHost();
    const known = this.#byHost.get(host);
    if (known) return known;
    const made = this.#new(host, null, host);
    this.#byHost.set(host, made);
    return made;
  }

  #withoutHost(): ApplianceState {
    if (this.#onlySerial !== null) return this.#ofSerial(this.#onlySerial);
    this.#unnamed ??= this.#new('', null, null);
    return this.#unnamed;
  }

  #ofSerial(serial: string): ApplianceState {
    const known = this.#bySerial.get(serial);
    if (known) return known;
    const made = this.#new(serial, serial, null);
    this.#bySerial.set(serial, made);
    return made;
  }

  #new(key: string, serial: string | null, host: string | null): ApplianceState {
    return { key, serial, host, ...this.#newCounters() };
  }

  /** A header names the serial number of what was `current` so far: that gets its name, or another appliance begins. */
  named(current: ApplianceState, serial: string): ApplianceState {
    if (current.serial === serial) return current;
    if (current.serial !== null || this.#bySerial.has(serial)) return this.#ofSerial(serial);
    current.key = serial;
    current.serial = serial;
    this.#bySerial.set(serial, current);
    if (current === this.#unnamed) this.#unnamed = null;
    return current;
  }

  find(key: string): ApplianceState | null {
    return this.#bySerial.get(key) ?? this.#byHost.get(key) ?? (key === '' ? this.#unnamed : null);
  }
}

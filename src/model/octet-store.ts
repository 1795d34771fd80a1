/** Keeps records of octets for the whole run, wherever there is room for them. */
export interface OctetStore {
  /** Copies `octets`; returns the record's address, by which it is found again. */
  keep(octets: Uint8Array): number;
  /** The block that holds the record of that address. Borrowed: valid until the next call of the store. */
  blockOf(address: number): Buffer;
  /** Where in its block the record begins. */
  placeOf(address: number): number;
}

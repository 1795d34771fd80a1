import { NumberColumn, type PageFile, type ValueOctets } from '../model/number-column.ts';
import { NumberIndex } from '../model/number-index.ts';
import type { Depot, Shelf } from '../model/octet-store.ts';
import { BlockStore } from './block-store.ts';
import { RecordShelf } from './record-shelf.ts';
import { openedOnce, openScratch, type ScratchFile } from './scratch-file.ts';

/** A depot in scratch files, one for records and one for columns; in memory where none can be made. */
export class ScratchDepot implements Depot, PageFile {
  readonly store: BlockStore;
  readonly #file: () => ScratchFile | null;
  #end = 0;

  /** `residentOctets`: of records in memory. */
  constructor(residentOctets?: number, open: () => ScratchFile | null = openScratch) {
    this.store = new BlockStore(residentOctets, open);
    this.#file = openedOnce(open);
  }

  readonly newShelf = <T>(): Shelf<T> => new RecordShelf<T>(this.store);

  readonly newColumn = (octets: ValueOctets): NumberColumn => new NumberColumn(octets, this);

  readonly newIndex = (): NumberIndex => new NumberIndex(() => this.newColumn(4));

  reserve(octets: number): number {
    const at = this.#end;
    this.#end += octets;
    return at;
  }

  write(octets: Uint8Array, at: number): boolean {
    return this.#file()?.write(octets, at) ?? false;
  }

  read(octets: Uint8Array, at: number): void {
    this.#file()?.read(octets, at);
  }
}

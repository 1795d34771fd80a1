import type { Archive, NumberColumn, NumberIndex } from '../model/octet-store.ts';
import { BlockStore } from './block-store.ts';
import { ColumnIndex, PagedColumn } from './columns.ts';
import { openScratch, type ScratchFile } from './scratch-file.ts';

/** Octets of records that stay in memory: they are asked for again soon, or never. */
const RESIDENT_OCTETS = 24 << 20;

/** An archive in scratch files; in memory where none can be made. */
export class ScratchArchive implements Archive {
  readonly #open: () => ScratchFile | null;
  readonly records: BlockStore;
  #file: ScratchFile | null | 'unopened' = 'unopened';
  #end = 0;

  constructor(open: () => ScratchFile | null = openScratch) {
    this.#open = open;
    this.records = new BlockStore(RESIDENT_OCTETS, open);
  }

  column(octets: 4 | 8): NumberColumn {
    return new PagedColumn(octets, this);
  }

  index(): NumberIndex {
    return new ColumnIndex(() => this.column(4));
  }

  get file(): ScratchFile | null {
    if (this.#file === 'unopened') this.#file = this.#open();
    return this.#file;
  }

  reserve(octets: number): number {
    const at = this.#end;
    this.#end += octets;
    return at;
  }
}

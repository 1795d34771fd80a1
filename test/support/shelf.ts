import type { NewShelf } from '../../src/model/octet-store.ts';
import { BlockStore, RecordShelf } from '../../src/vault/index.ts';

/** Shelves of one store, as the route makes them. */
export const newShelf: NewShelf = <T>() => new RecordShelf<T>(store);
const store = new BlockStore();

export { BlockStore, type WrittenStore } from './block-store.ts';
export { RecordShelf } from './record-shelf.ts';
export { ScratchArchive } from './scratch-archive.ts';
export type { KeptStream } from './kept-stream.ts';
export { joinVaults, SessionVault, type WrittenSessions } from './session-vault.ts';

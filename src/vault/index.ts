export { BlockStore, type WrittenStore } from './block-store.ts';
export { ScratchDepot } from './scratch-depot.ts';
export type { KeptStream } from './kept-stream.ts';
export { joinVaults, SessionVault, type WrittenSessions } from './session-vault.ts';

export { readCaptures } from './read-captures.ts';
export type { ReadOptions } from './read-captures.ts';
export { CAPTURE_FORMATS } from './formats/index.ts';
export { LINK_TYPES } from './links/index.ts';
export { readPackets } from './read-packets.ts';
export type { PacketRecordView } from './read-packets.ts';

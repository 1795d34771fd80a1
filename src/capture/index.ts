export { mailShare } from './mail-share.ts';
export { readCaptures } from './read-captures.ts';
export { readFrames } from './read-frames.ts';
export { firstPacketUs, readKeyLogs, readPackets } from './read-packets.ts';
export { CAPTURE_FORMATS } from './formats/index.ts';
export { LINK_TYPES } from './links/index.ts';

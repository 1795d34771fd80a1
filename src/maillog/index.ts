/** Reads the appliance's logs into histories of connections and messages. */
export { decodeHeaderText } from './encoded-words.ts';
export { placesOfLine } from './places.ts';
export { LOG_PATTERNS } from './patterns/index.ts';
export { readLogs, type ReadLogsOptions } from './read-logs.ts';
export { type PassingOptions, readLogsInPassing } from './rest/passing-log.ts';
export { siftLogs } from './sieve/sift-logs.ts';

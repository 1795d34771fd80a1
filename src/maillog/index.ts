/** Reads the appliance's logs into histories of connections and messages. */
export { decodeHeaderText } from './encoded-words.ts';
export { LOG_PATTERNS, type LogPattern } from './patterns/index.ts';
export { readLogs, type ReadLogsOptions } from './read-logs.ts';

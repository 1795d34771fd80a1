/** The ways of messages: from the log's histories, the judged sessions and the clock to stories. */
export { listConnections, type TracedConnection } from './connections.ts';
export type { TraceInput, TracedSession } from './input.ts';
export { MessageTraces } from './traces.ts';

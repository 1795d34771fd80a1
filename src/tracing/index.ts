/** The ways of messages: from the log's histories, the judged sessions and the clock to stories. */
export { listConnections } from './connections.ts';
export type { TracedSession, TracedSessions } from './input.ts';
export { PassingStories } from './passing.ts';
export { type ConnectionOrders, MessageTraces } from './traces.ts';

export { type TcpBudget } from './budget.ts';
export { type ConnectionTracker, type StreamOpening, trackConnections } from './tracker.ts';

export { DEFAULT_TCP_BUDGET, type TcpBudget } from './budget.ts';
export { type ConnectionTracker, type StreamOpening, type TrackerOptions, trackConnections } from './tracker.ts';

export { DEFAULT_TCP_BUDGET, type TcpBudget } from './budget.ts';
export { openLog } from './segment-log.ts';
export { FrameOwners, type Ownership } from './frame-owners.ts';
export { type ConnectionTracker, type StreamOpening, trackConnections } from './tracker.ts';

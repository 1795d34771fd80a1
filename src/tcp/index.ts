export { DEFAULT_TCP_BUDGET, type TcpBudget } from './budget.ts';
export { openLog } from './segment-log.ts';
export { laneOf } from './lane.ts';
export { FrameOwners, type Ownership } from './frame-owners.ts';
export { type ConnectionTracker, type StreamOpening, trackConnections } from './tracker.ts';

import { parentPort, workerData } from 'node:worker_threads';
import { tuneEngine } from './engine.ts';
import { type LaneTask, readLane } from './lane.ts';
import { Pace } from './pace.ts';

/** The thread of a lane: one task, one answer. */
tuneEngine();
const task = workerData as LaneTask;
const result = await readLane(task);
if (result === null) new Pace(task.pace).refuse();
parentPort?.postMessage(result);

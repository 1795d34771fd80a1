import type { CaptureContext } from '../model/judgement.ts';
import type { LogContext } from '../model/judgement.ts';
import { isoTime } from './times.ts';

/** Whether captures and logs tell of the same time; sentences for the report. Both spans are in the capture's clock. */
export function describeCoverage(capture: CaptureContext | null, log: LogContext | null): string[] {
  if (!capture || !log || log.firstUs === null || log.lastUs === null) return [];
  const span = `the captures run from ${isoTime(capture.firstUs)} to ${isoTime(capture.lastUs)}, the logs from ${isoTime(log.firstUs)} to ${isoTime(log.lastUs)} by the capture's clock`;
  if (log.lastUs < capture.firstUs - SLACK_US || log.firstUs > capture.lastUs + SLACK_US) return [`captures and logs have no time in common: ${span}`];
  const limits: string[] = [];
  if (capture.firstUs > log.firstUs + SLACK_US || capture.lastUs < log.lastUs - SLACK_US)
    limits.push(`the captures cover only a part of the logs' time: ${span}`);
  if (log.lastUs < capture.lastUs - SLACK_US) limits.push(`the logs end before the captures do: ${span}`);
  return limits;
}

/** A log is written some seconds behind, tells whole seconds, and starts where its file does. */
const SLACK_US = 5_000_000;

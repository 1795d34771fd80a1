import type { AnalyzeProgress } from '../model/analysis.ts';
import { showOctets } from '../render/index.ts';
import type { TextTarget } from './io.ts';
import { tell } from './output.ts';

const INTERVAL_MS = 200;
/** Small inputs are done before anyone could read it. */
const FIRST_AFTER_MS = 400;

/** Bytes and rate on one line of standard error, where that is a terminal. */
export interface ProgressLine {
  readonly show: (progress: AnalyzeProgress) => void;
  readonly clear: () => void;
}

export function progressLine(target: TextTarget, quiet: boolean, now: () => number = () => performance.now()): ProgressLine {
  if (quiet || !target.isTerminal) return { show: () => undefined, clear: () => undefined };
  const startMs = now();
  let lastMs = startMs + FIRST_AFTER_MS - INTERVAL_MS;
  let isShown = false;
  return {
    show({ bytes, totalBytes }) {
      const nowMs = now();
      if (nowMs - lastMs < INTERVAL_MS) return;
      lastMs = nowMs;
      isShown = true;
      const rate = bytes / Math.max(0.001, (nowMs - startMs) / 1000);
      const left = totalBytes !== null && rate > 0 ? `, ${Math.ceil(Math.max(0, totalBytes - bytes) / rate)} s left` : '';
      const of = totalBytes === null ? '' : ` of ${showOctets(totalBytes)}`;
      void tell(target, [`\r\u001b[Kread ${showOctets(bytes)}${of}, ${showOctets(rate)}/s${left}`]);
    },
    clear() {
      if (isShown) void tell(target, ['\r\u001b[K']);
      isShown = false;
    },
  };
}

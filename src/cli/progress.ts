import type { AnalyzeProgress } from '../model/analysis.ts';
import { showOctets } from '../render/index.ts';
import type { TextTarget } from './io.ts';
import { tell } from './output.ts';

const INTERVAL_MS = 200;
/** Small inputs are done before anyone could read it. */
const FIRST_AFTER_MS = 400;

/** What was read or judged, how fast, and how long the rest will take, on one line of standard error, where that is a terminal. */
export interface ProgressLine {
  readonly read: (progress: AnalyzeProgress) => void;
  readonly judged: (sessions: number, of: number) => void;
  readonly clear: () => void;
}

export function progressLine(target: TextTarget, quiet: boolean, now: () => number = () => performance.now()): ProgressLine {
  if (quiet || !target.isTerminal) return { read: () => undefined, judged: () => undefined, clear: () => undefined };
  let startMs = now();
  let lastMs = startMs + FIRST_AFTER_MS - INTERVAL_MS;
  let stage: 'reading' | 'judging' = 'reading';
  let isShown = false;
  const show = (done: number, total: number | null, words: (rate: number) => string): void => {
    const nowMs = now();
    if (nowMs - lastMs < INTERVAL_MS) return;
    lastMs = nowMs;
    isShown = true;
    const rate = done / Math.max(0.001, (nowMs - startMs) / 1000);
    const left = total !== null && rate > 0 ? `, ${Math.ceil(Math.max(0, total - done) / rate)} s left` : '';
    void tell(target, [`\r\u001b[K${words(rate)}${left}`]);
  };
  return {
    read({ bytes, totalBytes }) {
      const of = totalBytes === null ? '' : ` of ${showOctets(totalBytes)}`;
      show(bytes, totalBytes, (rate) => `read ${showOctets(bytes)}${of}, ${showOctets(rate)}/s`);
    },
    judged(sessions, of) {
      if (stage === 'reading') startMs = now();
      stage = 'judging';
      show(sessions, of, (rate) => `judged ${sessions} of ${of} sessions, ${Math.round(rate)}/s`);
    },
    clear() {
      if (isShown) void tell(target, ['\r\u001b[K']);
      isShown = false;
    },
  };
}

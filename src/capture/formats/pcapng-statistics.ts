import type { Tally } from '../tally.ts';
import type { CaptureInterface } from './pcapng-interface.ts';
import { readCounter, readOptions } from './pcapng-options.ts';

const ISB_STARTTIME = 2;
const ISB_ENDTIME = 3;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

/** Interface statistics block from `at` to `end` (draft-ietf-opsawg-pcapng, 4.6): when the capture ran, and how many packets it lost. */
export function readStatistics(view: DataView, at: number, end: number, little: boolean, source: CaptureInterface, tally: Tally): void {
  let drops: number | null = null;
  let startUs = Number.POSITIVE_INFINITY;
  let endUs = Number.NEGATIVE_INFINITY;
  readOptions(view, at + 20, end - 4, little, (code, valueAt, length) => {
    if (length !== 8) return;
    if (code === ISB_IFDROP || code === ISB_OSDROP) drops = (drops ?? 0) + readCounter(view, valueAt, little);
    else if (code === ISB_STARTTIME) startUs = source.toUs(view.getUint32(valueAt, little), view.getUint32(valueAt + 4, little));
    else if (code === ISB_ENDTIME) endUs = source.toUs(view.getUint32(valueAt, little), view.getUint32(valueAt + 4, little));
  });
  if (drops !== null) tally.noteDropsOf(source.id, source.name, drops);
  if (startUs <= endUs) tally.noteRunning(source.name, startUs, endUs);
}

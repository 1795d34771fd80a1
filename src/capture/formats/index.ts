import type { CaptureFormat } from './capture-format.ts';
import { PCAP } from './pcap.ts';
import { PCAPNG } from './pcapng.ts';

/** Every capture format that is read, in the order in which they are tried. */
export const CAPTURE_FORMATS: readonly CaptureFormat[] = [PCAP, PCAPNG];

/** What of a session is written out as evidence, and how. */
export { isChecksumRight, renewChecksum } from './checksum.ts';
export { Concealment } from './conceal.ts';
export { formatLog } from './log-lines.ts';
export { clearTrailer } from './overwrite.ts';
export { overwriteQuote } from './quote.ts';
export { PcapngWriter } from './pcapng.ts';

// Reads one log file with the log room alone and tells how long that took: `node read-logs.mjs FILE`.
import { readLogs } from '../../dist/maillog/index.js';
import { openSources } from '../../dist/source/index.js';
import { ScratchDepot } from '../../dist/vault/index.js';

const { sources } = await openSources([{ path: process.argv[2], vantage: null }]);
const start = performance.now();
const before = process.cpuUsage();
const log = await readLogs(sources, { depot: new ScratchDepot() });
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(before);
const cpuSeconds = (user + system) / 1e6;
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  JSON.stringify({ seconds, cpuSeconds, peakMb, lines: log.files[0].lines, unknown: log.files[0].unknownLines, histories: log.injections.length }),
);

// Recognises every line of one log file without keeping any, and tells how long that took: `node recognise-log.mjs FILE`.
import { AnomalyCounter } from '../../dist/model/anomaly.js';
import { HotLine } from '../../dist/maillog/hot-line.js';
import { recognise } from '../../dist/maillog/hot-shapes.js';
import { LogScanner } from '../../dist/maillog/log-scanner.js';
import { isHot, readEntry } from '../../dist/maillog/read-entry.js';
import { YearGuess } from '../../dist/maillog/stamps.js';
import { BLOCK_BYTES, TextBlocks } from '../../dist/maillog/text-blocks.js';
import { openSources } from '../../dist/source/index.js';

const { sources } = await openSources([{ path: process.argv[2], vantage: null }]);
const line = new HotLine();
let quick = 0;
let table = 0;
let unknown = 0;
const sink = {
  place(_head, _number, block, from, to) {
    if (isHot(block, from, to) && recognise(block.view, from, to, line) !== null) quick++;
    else if (readEntry(block, from, to) !== null) table++;
    else unknown++;
  },
  made() {
    unknown++;
  },
};
const start = performance.now();
const before = process.cpuUsage();
const reader = sources[0].open();
const scanner = new LogScanner(new TextBlocks(reader, BLOCK_BYTES), new YearGuess({}), new AnomalyCounter(), () => 0);
while (scanner.advance(Number.POSITIVE_INFINITY, sink) === 'need-more') await scanner.fill();
await reader.close();
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - start) / 1000;
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakMb, lines: scanner.lines, quick, table, unknown }));

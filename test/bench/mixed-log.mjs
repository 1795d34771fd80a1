// Writes a log that holds every shape of line that is known, each as often as the others: `mixed-log.mjs FILE LINES`.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { LOG_PATTERNS } from '../../dist/maillog/index.js';

/** The numbers of the samples are counted up; gives the octets written. */
export function writeMixedLog(path, count) {
  const samples = LOG_PATTERNS.flatMap((pattern) => pattern.samples.map(({ line }) => line));
  const lines = [];
  for (let i = 0; i < count; i++) {
    const stamp = new Date(Date.UTC(2026, 4, 6) + Math.floor(i / 40) * 1000).toUTCString();
    const round = Math.floor(i / samples.length);
    const text = samples[i % samples.length].replace(/\b(?:1404|1357|1361|48213|165)\b/g, (id) => String(Number(id) + 50_000 + round * 10));
    lines.push(
      `${stamp.slice(0, 3)} ${stamp.slice(8, 11)} ${stamp.slice(5, 7).replace(/^0/, ' ')} ${stamp.slice(17, 25)} ${stamp.slice(12, 16)} Info: ${text}\n`,
    );
  }
  const octets = Buffer.from(lines.join(''), 'utf8');
  writeFileSync(path, octets);
  return octets.length;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(writeMixedLog(process.argv[2], Number(process.argv[3])));

import { AnomalyCounter } from '../../model/anomaly.ts';
import type { MailLog } from '../../model/maillog.ts';
import type { Source } from '../../model/source.ts';
import { type ReadLogsOptions, readLogs } from '../read-logs.ts';
import { Links, type Quest, type Wanted } from './links.ts';
import { HEADER_NEEDLES } from './needles.ts';
import { SiftedFile } from './sift-file.ts';

/** Chains are short: most messages are found whole in the first round. */
const MAX_ROUNDS = 12;
/** Beyond so many lines reading everything is no slower. */
const MAX_KEPT_LINES = 400_000;

/**
 * Reads of the logs only what belongs to the messages asked for: goes through the octets without understanding them, keeps the lines that
 * name the wanted, and learns from these on the way which connections and further messages belong to them. Goes through a file again only
 * for what began before the place where it was learned. Null where that cannot be: nothing in the selection can be searched for, an input
 * can be read only once, or too much was found.
 */
export async function siftLogs(sources: readonly Source[], wanted: Wanted, { onProgress, ...options }: ReadLogsOptions = {}): Promise<MailLog | null> {
  const links = Links.of(wanted);
  const texts = sources.filter((source) => source.kind === 'text');
  if (links === null || texts.some((source) => source.once)) return null;
  const files = texts.map((source) => new SiftedFile(source));
  const signal = options.signal ?? null;
  let todo = files.map((): readonly Quest[] => links.quests);
  for (let round = 0; todo.some((quests) => quests.length > 0); round++) {
    if (round === MAX_ROUNDS) return null;
    for (const [at, file] of files.entries()) {
      const quests = todo[at] ?? [];
      if (quests.length === 0) continue;
      const needles = quests.flatMap((quest) => quest.needles);
      // Later rounds leave out files, so that what is learned there must be looked for in all.
      const learn = (line: string) => links.learn(line, round === 0 ? at : files.length);
      // oxlint-disable-next-line no-await-in-loop -- one file at a time
      if (!(await file.sift(round === 0 ? [...needles, ...HEADER_NEEDLES] : needles, learn, round === 0 && onProgress ? onProgress : ignore, signal)))
        return null;
    }
    if (files.reduce((sum, { kept }) => sum + kept.size, 0) > MAX_KEPT_LINES) return null;
    if (signal?.aborted) break;
    // oxlint-disable-next-line no-await-in-loop -- what was found tells what to look for next
    todo = await planRound(files, links, options);
  }
  return await readLogs(
    files.map((file) => toSource(file, file.source.anomalies)),
    options,
  );
}

/** What must still be looked for, file by file: what was learned behind them, or inside but after it had begun. */
async function planRound(files: readonly SiftedFile[], links: Links, options: ReadLogsOptions): Promise<Quest[][]> {
  const open = links.quests.filter(({ since }) => since >= 0);
  if (open.length === 0) return [];
  const log = await readLogs(
    files.map((file) => toSource(file, new AnomalyCounter())),
    options,
  );
  const unbegun = new Set(open.filter((quest) => !links.isBegun(quest, log)));
  const todo = files.map((_, at) => open.filter((quest) => at < quest.since || (at === quest.since && unbegun.has(quest))));
  for (const quest of open) quest.since = -1;
  return todo;
}

/** The kept lines as if they were the file. */
function toSource({ source, kept, lines }: SiftedFile, anomalies: AnomalyCounter): Source {
  const numbers = Uint32Array.from(kept.keys()).sort();
  const bytes = Buffer.from([...numbers].map((number) => kept.get(number) ?? '').join('\n'), 'latin1');
  return {
    input: source.input,
    path: source.path,
    kind: source.kind,
    format: source.format,
    bytes: source.bytes,
    vantage: source.vantage,
    advice: source.advice,
    anomalies,
    excerpt: { numbers, lines },
    open() {
      let at = 0;
      return {
        read: (into, offset, length) => {
          const count = Math.min(length, bytes.length - at);
          into.set(bytes.subarray(at, at + count), offset);
          at += count;
          return Promise.resolve(count);
        },
        close: () => Promise.resolve(),
      };
    },
  };
}

function ignore(): void {}

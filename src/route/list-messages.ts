import { decodeHeaderText, type PassingOptions, readLogsInPassing } from '../maillog/index.ts';
import type { MailLog } from '../model/maillog.ts';
import type { ClockMap } from '../model/pairing.ts';
import type { MessageList } from '../model/report.ts';
import type { Selection } from '../model/settings.ts';
import type { Source } from '../model/source.ts';
import { PassingStories } from '../tracing/index.ts';

/** What the selection means by what is known of the clocks. */
export interface Meaning {
  readonly selection: Selection;
  readonly clock: ClockMap;
}

/** The messages of a log, listed while it was read. */
export interface ListedMessages {
  readonly log: MailLog;
  readonly list: MessageList;
}

/**
 * Lists messages while the logs are read, so that only those are held of which more may be heard. Null where that cannot be: a file cannot be
 * read again, connections are asked for, or the zone of a file, by which times are selected, turned out to be another later on.
 */
export async function listMessages(
  sources: readonly Source[],
  selection: Selection,
  most: number,
  meaningOf: (log: MailLog) => Meaning,
  options: PassingOptions,
): Promise<ListedMessages | null> {
  if (selection.icid.length + selection.dcid.length + selection.stream.length > 0 || sources.some(({ reread }) => !reread)) return null;
  const stories = new PassingStories(decodeHeaderText, options.archive);
  const zones = new Map<number, number>();
  let isSure = true;
  const passing = await readLogsInPassing(sources, options, (silence) => {
    const { selection: meant, clock } = meaningOf(silence.log);
    for (const { input, firstUs } of silence.log.files) {
      if (firstUs === null) continue;
      const offsetUs = clock.toUtc(firstUs, input) - firstUs;
      isSure &&= (zones.get(input) ?? offsetUs) === offsetUs || (meant.since === null && meant.until === null);
      zones.set(input, offsetUs);
    }
    stories.settle(silence, meant, clock);
  });
  if (!isSure) return null;
  return { log: passing.log, list: stories.list(passing, meaningOf(passing.log).clock, most) };
}

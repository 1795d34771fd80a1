import type { CaptureSummary, Interest, PacketSink } from '../model/packet.ts';
import type { Source } from '../model/source.ts';
import { Cursor } from './cursor.ts';
import type { ReadingContext } from './cursor.ts';
import { Dissector } from './dissector.ts';
import { mergeByTime } from './merge.ts';

interface ReadOptions {
  /**
   * Called at most once, when a port became interesting through `Interest.smtpElsewhere`, or keys turned up behind packets, and all sources can be opened again:
   * everything the first sink has received is void, the captures are read again from the start into the sink that this returns.
   * Without it (or with a pipe among the sources) reading goes on, and the port's packets are delivered, or the keys used, from there on.
   */
  readonly restart?: () => PacketSink;
  /** Asked before each chunk; where it says no, what was read until then stands. */
  readonly goesOn?: () => boolean;
  /** Octets read since the last call, unpacked; called once a chunk. */
  readonly onOctets?: (octets: number) => void;
}

/**
 * Reads the captures of one vantage point as one timeline: files in the order of their first packets, merged by time where they overlap,
 * each file's packets in its own order. The summaries come in the order of `sources`; anomalies are noted at the sources.
 * Rejects only with what the sink throws.
 */
export async function readCaptures(sources: readonly Source[], sink: PacketSink, interest: Interest, options: ReadOptions = {}): Promise<CaptureSummary[]> {
  const { restart } = options;
  const goesOn = options.goesOn ?? (() => true);
  const onOctets = options.onOctets ?? (() => {});
  const mayRestart = restart !== undefined && sources.every((source) => !source.once);
  const context = { files: sources.length, goesOn, onOctets };
  const first = await readOnce(sources, sink, interest, context, mayRestart);
  if (!restart || !mayRestart || !first.asksAgain || !goesOn()) return first.cursors.map((cursor) => cursor.summarise());
  const second = await readOnce(sources, restart(), interest, context, false);
  return second.cursors.map((cursor) => cursor.summarise());
}

interface Pass {
  readonly cursors: readonly Cursor[];
  readonly asksAgain: boolean;
}

async function readOnce(sources: readonly Source[], sink: PacketSink, interest: Interest, context: ReadingContext, muteWhenFound: boolean): Promise<Pass> {
  const cursors = sources.map((source) => new Cursor(source, context));
  const [first] = cursors;
  if (!first) return { cursors, asksAgain: false };
  const dissector = new Dissector(sink, interest, first.tally, muteWhenFound);
  try {
    await mergeByTime(cursors, dissector);
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
  dissector.finish();
  return { cursors, asksAgain: dissector.asksAgain };
}

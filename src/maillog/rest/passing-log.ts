import type { MessageHistory, PassingLog, Silence } from '../../model/maillog.ts';
import { SECOND_US } from '../../model/units.ts';
import type { Depot } from '../../model/octet-store.ts';
import type { Source } from '../../model/source.ts';
import { Histories } from '../histories.ts';
import type { InjectionRecord } from '../injection-record.ts';
import type { LineId } from '../line-table.ts';
import { putToRest } from './put-to-rest.ts';
import { LogReading, type ReadLogsOptions } from '../read-logs.ts';

/** A message of which nothing was heard for so long is put to rest: it is woken by its next line. */
const QUIET_SECONDS = 60;
/** An ICID without an end is given up after so long: the appliance itself ends it after a quarter of an hour. */
const OPEN_SECONDS = 3600;
/** After so many octets the silent are put to rest. */
const ROUND_BYTES = 1 << 24;

export interface PassingOptions extends ReadLogsOptions {
  /** Where the silent are put away. */
  readonly archive: Depot;
  /** Octets between two rounds. */
  readonly roundBytes?: number;
  /** How long a message must be silent. */
  readonly quietSeconds?: number;
}

/**
 * Reads all logs as one, and lets go what has fallen silent: messages are shown to `onSilent`, then only the places of their lines are kept, from
 * which they are built again when a further line names them or somebody asks. For files that can be read again only.
 */
export async function readLogsInPassing(
  sources: readonly Source[],
  { archive, onProgress, roundBytes = ROUND_BYTES, quietSeconds = QUIET_SECONDS, ...options }: PassingOptions,
  onSilent: (silence: Silence) => void,
): Promise<PassingLog> {
  const histories = new Histories({ archive });
  let octetsLeft = roundBytes;
  let since = 0;
  const reading = new LogReading(sources, options, histories, (octets) => {
    onProgress?.(octets);
    octetsLeft -= octets;
    if (octetsLeft > 0) return;
    octetsLeft = roundBytes;
    since = round(since, quietSeconds);
  });
  const byOrder = (order: number): MessageHistory | null => histories.byOrder(order);
  const round = (before: LineId, leastSeconds: number): LineId => {
    const mark = histories.table.count;
    const log = reading.soFar();
    const nowSeconds = Math.max(...log.files.map(({ lastUs }) => lastUs ?? Number.NEGATIVE_INFINITY)) / SECOND_US;
    const isQuiet = (record: { readonly lastId: number }): boolean => nowSeconds - histories.table.seconds(record.lastId) >= leastSeconds;
    const isSilent = (message: MessageHistory): boolean => nowSeconds - message.last.atUs / SECOND_US >= leastSeconds;
    onSilent({ log, byOrder, messages: (histories.awake?.messages ?? []).filter(isQuiet).sort((a, b) => a.order - b.order), isSilent });
    const isOver = (connection: InjectionRecord): boolean => {
      const left = nowSeconds - histories.table.seconds(connection.lastId);
      return left >= (connection.isClosed ? leastSeconds : OPEN_SECONDS);
    };
    putToRest(histories, isQuiet, isOver, before, reading.heldLines);
    return mark;
  };
  await reading.toEnd();
  round(since, Number.NEGATIVE_INFINITY);
  return { log: reading.soFar(), byOrder };
}

import type { Cursor } from './cursor.ts';
import type { PacketReceiver } from './formats/capture-format.ts';

/** Decodes all files as one timeline: always the one whose next packet is earliest, up to where another one takes over. */
export async function mergeByTime(cursors: readonly Cursor[], receiver: PacketReceiver): Promise<void> {
  const [only] = cursors;
  if (only && cursors.length === 1) return only.decode(receiver, Number.POSITIVE_INFINITY);
  for (const cursor of cursors) await cursor.peek(receiver);
  const queue = cursors.filter((cursor) => Number.isFinite(cursor.nextUs)).sort((a, b) => a.nextUs - b.nextUs);
  for (let cursor = queue.shift(); cursor; cursor = queue.shift()) {
    await cursor.decode(receiver, queue[0]?.nextUs ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(cursor.nextUs)) insert(queue, cursor);
  }
}

/** Behind all that are not later, so that files of equal times alternate. */
function insert(queue: Cursor[], cursor: Cursor): void {
  const later = queue.findIndex((other) => other.nextUs > cursor.nextUs);
  if (later < 0) queue.push(cursor);
  else queue.splice(later, 0, cursor);
}

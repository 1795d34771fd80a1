import type { Histories } from '../histories.ts';
import type { InjectionRecord } from '../injection-record.ts';
import type { LineId } from '../line-table.ts';
import type { MessageRecord } from '../message-record.ts';
import { lineOf } from '../store.ts';

/**
 * Puts messages to rest, and forgets connections that are over and lines that nobody asks for any more. `since`: lines before that are
 * forgotten unless a message or connection that stays has it, or it is held otherwise.
 */
export function putToRest(
  histories: Histories,
  rests: (message: MessageRecord) => boolean,
  isOver: (connection: InjectionRecord) => boolean,
  since: LineId,
  held: readonly LineId[],
): void {
  const { resting, awake } = histories;
  if (resting === null || awake === null) return;
  const { messages, injections } = awake;
  histories.forgetLast();
  const staying: MessageRecord[] = [];
  const needed = new Set<InjectionRecord>();
  for (const message of messages) {
    if (rests(message)) {
      resting.put(message);
      if (message.state.messages.get(message.mid) === message) message.state.messages.delete(message.mid);
    } else {
      staying.push(message);
      if (message.injection) needed.add(message.injection);
    }
  }
  replaceAll(messages, staying);
  replaceAll(
    injections,
    injections.filter((injection) => needed.has(injection) || !isOver(injection) || drop(injection)),
  );
  const kept: LineId[] = [...held];
  for (const one of [...messages, ...new Set([...injections, ...needed])]) {
    if (one.firstId >= since) continue;
    kept.push(one.firstId, one.lastId, ...one.marked.map(lineOf));
  }
  histories.table.release(since, kept);
}

function replaceAll<T>(list: T[], by: readonly T[]): void {
  list.length = 0;
  for (const one of by) list.push(one);
}

/** Forgets a connection under its number; false, so that a filter leaves it out. */
function drop(injection: InjectionRecord): false {
  const { state, icid } = injection;
  if (state.injections.get(icid) === injection) state.injections.delete(icid);
  return false;
}

import type { MessageList, Report, ReportMessage } from '../model/report.ts';
import { type TextStyle, layOut } from './layout.ts';
import { renderMessageDetail } from './message-detail.ts';
import { renderMessageTable } from './message-table.ts';
import { refStyleOf } from './refs.ts';

/** `trace` for people: one hit in full; several as a list, newest last, with what helps to choose. */
export function* renderTrace(report: Report, style: TextStyle): Generator<string> {
  const [first, second] = takeTwo(report.messages);
  if (!first) return;
  if (!second) {
    const sessions = new Map(report.sessions.map((session) => [session.id, session]));
    yield* renderMessageDetail(first, sessions, refStyleOf(report), style);
    for (const caveat of report.caveats) yield layOut(style, '  * ', caveat);
    return;
  }
  yield renderMessageTable(report.messages, style);
  yield layOut(style, '  ', describeChoice(first, second));
}

/** Why several fit, and which option tells them apart. */
function describeChoice(first: ReportMessage, second: ReportMessage): string {
  if (first.mid !== second.mid) return `Several messages fit. One is told in full: add --mid, for example --mid ${second.mid}.`;
  if (first.serial !== second.serial) return `The number was used by several appliances: add --serial, for example --serial ${second.serial ?? ''}.`;
  return `The number was used again, after a reset of the counters: add --since or --until, for example --since ${second.first}.`;
}

function takeTwo(messages: Iterable<ReportMessage>): [ReportMessage | undefined, ReportMessage | undefined] {
  const two: ReportMessage[] = [];
  for (const message of messages) {
    two.push(message);
    if (two.length === 2) break;
  }
  return [two[0], two[1]];
}

/** `messages` for people. */
export function* renderMessages(report: Report, style: TextStyle, list: MessageList | null): Generator<string> {
  yield renderMessageTable(report.messages, style, list);
}

import type { LogEntry } from '../entry.ts';
import type { LineId } from '../line-table.ts';
import type { MessageRecord } from '../message-record.ts';

/** Adds to a message that is built anew what one of its lines says, as `Histories` did when the line came. */
export function refold(
  message: MessageRecord,
  entry: LogEntry,
  line: LineId,
  handed: { readonly dcid: number; readonly remoteIp: string | null } | null,
): void {
  if ('icid' in entry && 'mid' in entry && entry.icid !== null && message.icid === null) message.icid = entry.icid;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- other lines change nothing of a message
  switch (entry.kind) {
    case 'mid-start':
    case 'mid-from':
    case 'mid-to':
    case 'mid-to-rejected':
    case 'mid-system':
    case 'mid-message-id':
    case 'mid-subject':
    case 'mid-ready':
    case 'mid-aborted':
    case 'mid-finished':
      message.apply(entry, line);
      return;
    case 'mid-relation':
      if (entry.from === message.mid) message.relate(entry.relation, entry.to, entry.by, line);
      return;
    case 'consolidated':
      message.consolidate(entry, line);
      return;
    case 'quarantine-in':
      if (entry.centralized) message.handOver(line, null, null);
      return;
    case 'dcid-start':
    case 'dcid-done':
      if (handed?.dcid === entry.dcid) message.handOver(line, handed.dcid, handed.remoteIp);
      return;
    default:
  }
}

import type { LogLine, MailLog } from '../model/maillog.ts';
import type { Lineage } from './lineage.ts';

/** A status line that shows the appliance under pressure. */
export interface Overload {
  readonly line: LogLine;
  readonly text: string;
}

/** Messages in the work queue beyond which waiting there is no accident. */
const LONG_WORK_QUEUE = 500;
/** Status lines of a story that are told. */
const MAX_TOLD = 20;

/** Status lines between the first and the last line of a story that show a long work queue or resource conservation (AsyncOS slows receiving then). */
export function findOverload({ statuses }: Pick<MailLog, 'statuses'>, { members }: Lineage): Overload[] {
  if (statuses.length === 0) return [];
  const firstUs = Math.min(...members.map(({ history }) => history.first.atUs));
  const lastUs = Math.max(...members.map(({ history }) => history.last.atUs));
  const appliances = new Set(members.map(({ history }) => history.appliance));
  const found: Overload[] = [];
  for (const { appliance, line, fields } of statuses) {
    if (found.length === MAX_TOLD || !appliances.has(appliance) || line.atUs < firstUs || line.atUs > lastUs) continue;
    const conservation = valueOf(fields, 'ResCon');
    const waiting = valueOf(fields, 'WorkQ');
    if (conservation === 0 && waiting < LONG_WORK_QUEUE) continue;
    found.push({ line, text: `the appliance is busy: resource conservation ${conservation}, ${waiting} messages in the work queue` });
  }
  return found;
}

function valueOf(fields: string, name: string): number {
  return Number(new RegExp(`(?:^| )${name} (\\d{1,12})`).exec(fields)?.[1] ?? 0);
}

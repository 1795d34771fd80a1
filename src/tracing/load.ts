import type { InjectionHistory, LogLine, MailLog, MessageHistory, StatusSample } from '../model/maillog.ts';
import { namePressure, pressureOf, statusValue } from '../model/status-line.ts';
import { isoOf, type TraceInput } from './input.ts';
import type { Lineage } from './lineage.ts';

/** A status line that shows the appliance under pressure. */
export interface Overload {
  readonly line: LogLine;
  readonly text: string;
}

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
    const pressure = pressureOf(fields);
    if (pressure) found.push({ line, text: `the appliance is busy: ${namePressure(pressure)}` });
  }
  return found;
}

/** Messages of which the logs show no start: when their numbers were given, by the status lines before and after. Tells which log to fetch. */
export function bracketStarts({ log, clock }: Pick<TraceInput, 'log' | 'clock'>, { members, edges }: Lineage): string[] {
  if (log.statuses.length === 0) return [];
  const carried = new Set(edges.map(({ to }) => to.mid));
  return members.flatMap(({ history }) => {
    if (history.started !== null || history.icid === 0 || carried.has(history.mid)) return [];
    return describePair(findPair(log.statuses, history, 'CrtMID', history.mid), clock, `MID ${history.mid}`);
  });
}

/** The same for connections of which the logs show no opening. */
export function bracketOpenings({ log, clock }: Pick<TraceInput, 'log' | 'clock'>, injections: readonly InjectionHistory[]): string[] {
  if (log.statuses.length === 0) return [];
  return injections.flatMap((history) => {
    if (history.opened !== null) return [];
    return describePair(findPair(log.statuses, history, 'CrtICID', history.icid), clock, `ICID ${history.icid}`);
  });
}

type Pair = readonly [before: StatusSample, after: StatusSample];

function describePair(pair: Pair | null, clock: TraceInput['clock'], name: string): string[] {
  if (pair === null) return [];
  const [from, to] = pair.map(({ line }) => isoOf(clock, line).slice(0, 19).replace('T', ' '));
  return [`status lines show that ${name} was given between ${from} and ${to} UTC: the logs of that time have its start`];
}

/** Between which two lines a counter passed a number. Of one that was used again the last use before the history's first line. */
function findPair(
  statuses: readonly StatusSample[],
  { appliance, first }: Pick<MessageHistory, 'appliance' | 'first'>,
  counter: 'CrtMID' | 'CrtICID',
  number: number,
): Pair | null {
  let before: StatusSample | null = null;
  let found: Pair | null = null;
  for (const status of statuses) {
    if (status.appliance !== appliance) continue;
    if (before && before.line.atUs <= first.atUs && statusValue(before.fields, counter) < number && number <= statusValue(status.fields, counter))
      found = [before, status];
    before = status;
  }
  return found;
}

/** Messages in the work queue beyond which waiting there is no accident. */
const LONG_WORK_QUEUE = 500;

/** How hard-pressed the appliance was by a status line. */
export interface Pressure {
  /** `ResCon`: 0 to 999, how far receiving is slowed down or stopped because memory, queue or disk run short (AsyncOS guide, status log). */
  readonly conservation: number;
  /** `WorkQ`: messages that wait to be scanned. */
  readonly waiting: number;
}

/** A number of a status line by its name; 0 where it is not there. `fields` are names and values in turn. */
export function statusValue(fields: string, name: string): number {
  return Number(new RegExp(`(?:^| )${name} (\\d{1,12})`).exec(fields)?.[1] ?? 0);
}

/** Null where a status line shows neither resource conservation nor a long work queue. */
export function pressureOf(fields: string): Pressure | null {
  const conservation = statusValue(fields, 'ResCon');
  const waiting = statusValue(fields, 'WorkQ');
  return conservation === 0 && waiting < LONG_WORK_QUEUE ? null : { conservation, waiting };
}

/** The words for it. */
export function namePressure({ conservation, waiting }: Pressure): string {
  return `resource conservation ${conservation}, ${waiting} messages in the work queue`;
}

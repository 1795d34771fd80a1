import { partitionPoint } from '../model/bisect.ts';
import type { LogLine, StatusSample } from '../model/maillog.ts';
import type { Session } from '../model/pairing.ts';
import { type Pressure, pressureOf } from '../model/status-line.ts';
import { SECOND_US } from '../model/units.ts';

/** A status line is written every minute (AsyncOS guide): one tells of the minute before it, too. */
const STATUS_EVERY_US = 60 * SECOND_US;

/** A status line that shows the appliance under pressure. */
export interface Pressed extends Pressure {
  readonly line: LogLine;
}

/** When each appliance was under pressure, by its status log. */
export class PressedTimes {
  readonly #byAppliance = new Map<string, Pressed[]>();

  constructor(statuses: readonly StatusSample[]) {
    for (const { appliance, line, fields } of statuses) {
      const pressure = pressureOf(fields);
      if (!pressure) continue;
      const known = this.#byAppliance.get(appliance);
      const pressed = { line, ...pressure };
      if (known) known.push(pressed);
      else this.#byAppliance.set(appliance, [pressed]);
    }
    for (const list of this.#byAppliance.values()) list.sort((a, b) => a.line.atUs - b.line.atUs);
  }

  /** The first such line of the session's appliance that tells of its last minute or the one after it; null for none, and for sessions without a log. */
  atEndOf({ injection, delivery }: Session): Pressed | null {
    const history = injection ?? delivery;
    const list = history ? this.#byAppliance.get(history.appliance) : undefined;
    if (!history || !list) return null;
    const fromUs = history.last.atUs - STATUS_EVERY_US;
    const found = list[partitionPoint(list.length, (place) => (list[place]?.line.atUs ?? 0) < fromUs)];
    return found && found.line.atUs <= history.last.atUs + STATUS_EVERY_US ? found : null;
  }
}

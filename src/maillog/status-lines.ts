import type { StatusSample } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { LineId, LineTable } from './line-table.ts';

/** One a minute: two months of them. */
const MAX_STATUSES = 100_000;

/** Status lines as they came. */
export class StatusLines {
  readonly #table: LineTable;
  readonly #statuses: { readonly appliance: ApplianceState; readonly line: LineId; readonly fields: string }[] = [];

  constructor(table: LineTable) {
    this.#table = table;
  }

  add(appliance: ApplianceState, line: LineId, fields: string): void {
    if (this.#statuses.length < MAX_STATUSES) this.#statuses.push({ appliance, line, fields });
  }

  samples(): StatusSample[] {
    return this.#statuses.map(({ appliance, line, fields }) => ({ appliance: appliance.key, line: this.#table.line(line), fields }));
  }
}

/** A cost that no assignment takes when there is any other way. */
export const FORBIDDEN = 1e9;

/**
 * The cheapest assignment of rows to columns (Kuhn 1955, Munkres 1957) by shortest augmenting paths, in rows × rows × columns: the column of each row.
 * `cost` is row-major; there are at least as many columns as rows.
 */
export function assign(cost: Float64Array, rows: number, columns: number): Int32Array {
  const state: State = {
    cost,
    columns,
    rowPrice: new Float64Array(rows),
    columnPrice: new Float64Array(columns),
    rowOf: new Int32Array(columns).fill(-1),
  };
  const columnOf = new Int32Array(rows).fill(-1);
  for (let row = 0; row < rows; row++) {
    // The price of a new row is what makes its cheapest column cost nothing: no reduced cost is ever negative.
    state.rowPrice[row] = cheapest(state, row);
    const { distance, cameFrom, visited } = search(state, row);
    const end = visited.at(-1) ?? 0;
    reprice(state, row, distance, visited, distance[end] ?? 0);
    for (let column = end; column >= 0; ) {
      const previous = cameFrom[column] ?? -1;
      const owner = previous < 0 ? row : (state.rowOf[previous] ?? row);
      state.rowOf[column] = owner;
      columnOf[owner] = column;
      column = previous;
    }
  }
  return columnOf;
}

/** Costs and dual prices while rows are added one by one. */
interface State {
  readonly cost: Float64Array;
  readonly columns: number;
  readonly rowPrice: Float64Array;
  readonly columnPrice: Float64Array;
  readonly rowOf: Int32Array;
}

function cheapest({ cost, columns, columnPrice }: State, row: number): number {
  let least = Infinity;
  for (let column = 0; column < columns; column++) least = Math.min(least, (cost[row * columns + column] ?? FORBIDDEN) - (columnPrice[column] ?? 0));
  return least;
}

/** Shortest paths by reduced cost from a new row up to the nearest free column, which is the last one visited. */
function search(state: State, start: number): { distance: Float64Array; cameFrom: Int32Array; visited: number[] } {
  const distance = new Float64Array(state.columns).fill(Infinity);
  const cameFrom = new Int32Array(state.columns).fill(-1);
  const closed = new Uint8Array(state.columns);
  const visited: number[] = [];
  let row = start;
  let reached = 0;
  let via = -1;
  while (row >= 0) {
    const base = row * state.columns;
    const price = state.rowPrice[row] ?? 0;
    let next = -1;
    for (let column = 0; column < state.columns; column++) {
      if (closed[column] === 1) continue;
      // Rounding must not make a reduced cost negative.
      const through = reached + Math.max(0, (state.cost[base + column] ?? FORBIDDEN) - price - (state.columnPrice[column] ?? 0));
      if (through < (distance[column] ?? Infinity)) {
        distance[column] = through;
        cameFrom[column] = via;
      }
      if (next < 0 || (distance[column] ?? Infinity) < (distance[next] ?? Infinity)) next = column;
    }
    if (next < 0) break;
    closed[next] = 1;
    visited.push(next);
    reached = distance[next] ?? 0;
    via = next;
    row = state.rowOf[next] ?? -1;
  }
  return { distance, cameFrom, visited };
}

function reprice(state: State, row: number, distance: Float64Array, visited: readonly number[], reach: number): void {
  state.rowPrice[row] = (state.rowPrice[row] ?? 0) + reach;
  for (const column of visited) {
    const owner = state.rowOf[column] ?? -1;
    if (owner < 0) continue;
    const slack = reach - (distance[column] ?? 0);
    state.columnPrice[column] = (state.columnPrice[column] ?? 0) - slack;
    state.rowPrice[owner] = (state.rowPrice[owner] ?? 0) + slack;
  }
}

/** Sorts in place what is not in order already. Most short lists are, and the engine would copy them before it looks. */
export function putInOrder<T>(list: T[], compare: (a: T, b: T) => number): T[] {
  return list.every((one, at) => isInOrder(list[at - 1], one, compare)) ? list : list.sort(compare);
}

function isInOrder<T>(before: T | undefined, one: T, compare: (a: T, b: T) => number): boolean {
  return before === undefined || compare(before, one) <= 0;
}

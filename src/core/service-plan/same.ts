/** Whether two JSON values say the same, whatever the order of their keys; a key without a value is no key. */
export function same(left: unknown, right: unknown): boolean {
  // Mostly they are the same, in the same order.
  if (left === right || JSON.stringify(left) === JSON.stringify(right)) return true;
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

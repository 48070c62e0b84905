/** All units that flows are shared among at a step of a chain. */
export function unitsOfHop({
  unit,
  beside = [],
}: {
  readonly unit: string;
  readonly beside?: readonly string[];
}): readonly string[] {
  return [unit, ...beside];
}

/** Is it an object with named values? */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Is it a list? Unlike `Array.isArray` it leaves its items unknown. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

import type { z } from 'zod';

/**
 * A parser that remembers what it has found in an object. The same content goes to many agents of one process as one object, which
 * nobody changes: it is read once then, not by each. What comes from another process is an object of its own.
 */
export function parseOnce<T>(schema: z.ZodType<T>): (content: unknown) => T | undefined {
  const parsed = new WeakMap<object, T>();
  return (content) => {
    if (typeof content !== 'object' || content === null) return undefined;
    const known = parsed.get(content);
    if (known !== undefined) return known;
    const result = schema.safeParse(content);
    if (!result.success) return undefined;
    parsed.set(content, result.data);
    return result.data;
  };
}

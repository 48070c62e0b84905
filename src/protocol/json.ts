import { z } from 'zod';
import type { Json } from './journal.ts';

/** Deepest nesting of JSON that is taken from outside. */
const MAX_DEPTH = 16;

/** Any JSON value, nested at most 16 deep: checked in one walk, since every message carries some. */
export const JsonSchema: z.ZodType<Json> = z.custom<Json>((value) => isJson(value, MAX_DEPTH), 'not JSON');

export function isJson(value: unknown, depth: number): value is Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((each) => isJson(each, depth - 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    // A key of that object, as the loop gives it.
    const each: unknown = value[key as keyof typeof value];
    if (each !== undefined && !isJson(each, depth - 1)) return false;
  }
  return true;
}

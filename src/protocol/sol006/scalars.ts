import { z } from 'zod';

/** Longest text of a descriptor, in characters. */
export const MAX_TEXT = 4096;
/** Longest list of a descriptor. */
export const MAX_LIST = 1000;

const NUMBER = /^[+-]?\d{1,15}(\.\d{1,18})?$/;
const TRUE = ['true', 'yes', 'on'];
const FALSE = ['false', 'no', 'off'];

/**
 * Scalars of SOL006 as real files have them: every one comes as text (`"1"`, `"1.0"`, `'15.0000000000'`, `"true"`,
 * unquoted `1.0`), since the reader leaves them as they are written.
 */
export const number = (low: number, high: number) => z.preprocess(toNumber, z.number().min(low).max(high));
export const whole = (low: number, high: number) => z.preprocess(toNumber, z.int().min(low).max(high));
export const flag = z.preprocess(toFlag, z.boolean());
export const text = z.string().max(MAX_TEXT);
/** What something is called, and referred to. */
export const id = z
  .string()
  .min(1)
  .max(255)
  .refine((value) => !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(value), 'names hold no control characters');

/** Known, and not used by Muster: taken without a warning. */
export const unused = z.unknown().optional();

/** A list; one entry alone may stand without its dash, as some files have it. */
export function list<T extends z.ZodType>(entry: T) {
  return z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(entry).max(MAX_LIST),
  );
}

function toNumber(value: unknown): unknown {
  return typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value;
}

function toFlag(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const word = value.toLowerCase();
  return TRUE.includes(word) ? true : FALSE.includes(word) ? false : value;
}

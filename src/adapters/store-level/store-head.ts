import { z } from 'zod';

/** Keys of the database: the head, and a value under each key of the store. */
export const HEAD_KEY = '!head';
export const VALUE = 'v/';

const HeadSchema = z.strictObject({
  /** Of what is kept in the store. */
  format: z.int().positive(),
  /** Of all seals, hexadecimal. */
  total: z.string().regex(/^[0-9a-f]{64}$/),
});

export function headOf(bytes: Uint8Array): z.infer<typeof HeadSchema> | undefined {
  try {
    return HeadSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

export function writtenHead(format: number, total: Uint8Array): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ format, total: Buffer.from(total).toString('hex') }));
}

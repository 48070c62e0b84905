import { crc32 } from 'node:zlib';
import { z } from 'zod';

const hash = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{64}$/)]);
const raw = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]*$/)]);
const count = z.number().int().nonnegative();

/**
 * What the embedded node writes down, in order: the chain it is; transactions that were taken; a block about to be mined; the hash it got.
 * A block is final once its `block` record is on disk.
 */
const RecordSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('chain'),
    format: z.literal(1),
    chainId: count,
    genesisTime: count,
    genesisHash: hash,
  }),
  z.strictObject({ kind: z.literal('taken'), raws: z.array(raw).min(1).readonly() }),
  z.strictObject({
    kind: z.literal('mine'),
    number: count,
    parent: hash,
    /** Seconds. */
    time: count,
    /** Every transaction that waited then, in the order in which they came. */
    waiting: z.array(hash).readonly(),
  }),
  z.strictObject({ kind: z.literal('block'), number: count, hash }),
]);
export type LedgerRecord = z.infer<typeof RecordSchema>;

const FramedSchema = z.tuple([count, RecordSchema]);

/** One line: CRC-32 of the rest in eight hexadecimal digits, a space, then [position, record] as JSON. */
export function frameRecord(position: number, record: LedgerRecord): string {
  const body = JSON.stringify([position, record]);
  return `${checksum(body)} ${body}\n`;
}

/** The record of a line (without its line feed), or undefined when it is damaged. */
export function readRecord(line: string): { position: number; record: LedgerRecord } | undefined {
  const body = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(body)) return undefined;
  const parsed = FramedSchema.safeParse(parse(body));
  return parsed.success ? { position: parsed.data[0], record: parsed.data[1] } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

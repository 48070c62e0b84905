import { z } from 'zod';
import type { Hex } from '../../protocol/ledger.ts';

/** What an endpoint may answer. Everything else is nonsense, and said to be. */
export const HexSchema = z.custom<Hex>(
  (value) => typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value),
  'not hexadecimal',
);
const HashSchema = z.custom<Hex>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value),
  'not a hash',
);
const AddressSchema = HexSchema.transform((text): Hex => `0x${text.slice(2).toLowerCase()}`);
export const QuantitySchema = HexSchema.transform(Number).pipe(z.number().int().nonnegative());

const Header = {
  number: QuantitySchema,
  hash: HashSchema,
  parentHash: HashSchema,
  timestamp: QuantitySchema,
};

/** A block's header, as far as we look at it; `timestamp` in seconds. */
export const HeaderSchema = z.object(Header);
export type Header = z.infer<typeof HeaderSchema>;

export const FullBlockSchema = z.object({
  ...Header,
  transactions: z.array(z.object({ hash: HashSchema, from: AddressSchema, input: HexSchema })),
});
export type FullBlock = z.infer<typeof FullBlockSchema>;

export const LogSchema = z.object({
  address: AddressSchema,
  topics: z.array(HashSchema),
  data: HexSchema,
  blockNumber: QuantitySchema,
  blockHash: HashSchema,
  transactionHash: HashSchema,
  logIndex: QuantitySchema,
  removed: z.boolean().default(false),
});
export type ChainLog = z.infer<typeof LogSchema>;

export const ReceiptSchema = z.object({
  transactionHash: HashSchema,
  blockNumber: QuantitySchema,
  blockHash: HashSchema,
  status: QuantitySchema,
  contractAddress: AddressSchema.nullish(),
});
export type Receipt = z.infer<typeof ReceiptSchema>;

import { z } from 'zod';
import type { Hex, PipelineAddress } from './ledger.ts';

const hex = (digits: number) =>
  z.custom<Hex>(
    (value) => typeof value === 'string' && new RegExp(`^0x[0-9a-fA-F]{${digits}}$`).test(value),
    `0x and ${digits} hexadecimal digits`,
  );

/** A file that says where a pipeline's contracts are. */
export const PipelineAddressSchema: z.ZodType<PipelineAddress> = z.strictObject({
  chainId: z.number().int().positive(),
  genesisHash: hex(64),
  attestation: hex(40),
  keys: hex(40),
  fromBlock: z.number().int().nonnegative(),
});

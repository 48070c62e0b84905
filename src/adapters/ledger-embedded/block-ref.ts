import { z } from 'zod';
import type { Hex } from '../../protocol/ledger.ts';
import type { NodeRpc } from './ipc-rpc.ts';

const HexSchema = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]*$/.test(value));

/** A hexadecimal quantity of JSON-RPC as a number. */
export const Quantity = HexSchema.transform(Number).pipe(z.number().int().nonnegative());

const BlockSchema = z.object({
  number: Quantity,
  hash: HexSchema,
  parentHash: HexSchema,
  timestamp: Quantity,
  transactions: z.array(HexSchema),
});

/** A block's header, as far as the node looks at it, and the hashes of its transactions. */
export type BlockRef = z.infer<typeof BlockSchema>;

/** @throws RpcError, or a ZodError when there is no such block. */
export async function readBlock(rpc: NodeRpc, number: number | 'latest'): Promise<BlockRef> {
  const tag = number === 'latest' ? number : quantity(number);
  return BlockSchema.parse(await rpc.request('eth_getBlockByNumber', [tag, false]));
}

export function quantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}

import { z } from 'zod';
import type { Hex } from '../../../protocol/ledger.ts';

const Answer = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

/** One JSON-RPC request, as anybody could send it. */
export async function rawRpc(
  url: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<z.infer<typeof Answer>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return Answer.parse(await response.json());
}

/** Hashes of blocks 0 to the newest. */
export async function allHashes(url: string): Promise<readonly string[]> {
  const head = Number((await rawRpc(url, 'eth_blockNumber')).result);
  const hashes: string[] = [];
  for (let number = 0; number <= head; number++) {
    const block = await rawRpc(url, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false]);
    hashes.push(z.object({ hash: z.string() }).parse(block.result).hash);
  }
  return hashes;
}

export const TEST_KEY: Hex = `0x${'11'.repeat(32)}`;
export const OTHER_KEY: Hex = `0x${'12'.repeat(32)}`;

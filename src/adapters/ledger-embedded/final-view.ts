import { z } from 'zod';
import type { Hex } from '../../protocol/ledger.ts';
import type { BlockRef } from './block-ref.ts';
import { Quantity, quantity } from './block-ref.ts';
import type { Engine } from './engine.ts';
import { RPC, RpcError } from './rpc-error.ts';

/** Most blocks that one question about events may span. */
const MAX_LOG_BLOCKS = 10_000;

const HashSchema = z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]{64}$/)]);
const AddressSchema = z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]{40}$/)]);
const DataSchema = z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]*$/)]);
const QuantitySchema = z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]{1,64}$/)]);
const TagSchema = z.union([z.enum(['latest', 'finalized', 'safe', 'pending', 'earliest']), QuantitySchema]);
type Tag = z.infer<typeof TagSchema>;
const CallSchema = z.object({
  from: AddressSchema.optional(),
  to: AddressSchema.nullish(),
  data: DataSchema.optional(),
  input: DataSchema.optional(),
  value: QuantitySchema.optional(),
  gas: QuantitySchema.optional(),
});
const FilterSchema = z.object({
  address: z.union([AddressSchema, z.array(AddressSchema).max(16)]).optional(),
  topics: z
    .array(z.union([HashSchema, z.null(), z.array(HashSchema).max(64)]))
    .max(4)
    .optional(),
  fromBlock: TagSchema.optional(),
  toBlock: TagSchema.optional(),
  blockHash: HashSchema.optional(),
});
const PlacedSchema = z.object({ blockNumber: Quantity.nullish() }).nullable();
const NumberedSchema = z.object({ number: Quantity }).nullable();

type Ask = (engine: Engine, params: readonly unknown[]) => Promise<unknown>;

/**
 * The methods that the node answers, and no others. Reading shows final blocks only: one that is mined but not yet on disk is not
 * there, since it may not be there after a power failure either. `pending` counts for nonces alone.
 */
export const METHODS: Readonly<Record<string, Ask>> = {
  eth_chainId: plain('eth_chainId'),
  net_version: plain('net_version'),
  web3_clientVersion: () => Promise.resolve('muster-embedded/1'),
  eth_gasPrice: () => Promise.resolve('0x0'),
  eth_maxPriorityFeePerGas: () => Promise.resolve('0x0'),
  eth_blockNumber: (engine) => Promise.resolve(quantity(engine.final().number)),
  async eth_getBlockByNumber(engine, params) {
    const [tag, full] = z.tuple([TagSchema, z.boolean().default(false)]).parse(params);
    const number = blockOf(tag, engine.final());
    return number > engine.final().number
      ? null
      : engine.rpc.request('eth_getBlockByNumber', [quantity(number), full]);
  },
  async eth_getBlockByHash(engine, params) {
    const [hash, full] = z.tuple([HashSchema, z.boolean().default(false)]).parse(params);
    const block = await engine.rpc.request('eth_getBlockByHash', [hash, full]);
    return (NumberedSchema.parse(block)?.number ?? 0) > engine.final().number ? null : block;
  },
  async eth_getLogs(engine, params) {
    const [filter] = z.tuple([FilterSchema]).parse(params);
    return engine.rpc.request('eth_getLogs', [finalFilter(filter, engine.final())]);
  },
  async eth_call(engine, params) {
    const [call, tag] = z.tuple([CallSchema, TagSchema.default('latest')]).parse(params);
    return readState(engine, 'eth_call', call, tag);
  },
  async eth_estimateGas(engine, params) {
    const [call, tag] = z.tuple([CallSchema, TagSchema.default('latest')]).parse(params);
    return readState(engine, 'eth_estimateGas', call, tag);
  },
  async eth_getCode(engine, params) {
    const [address, tag] = z.tuple([AddressSchema, TagSchema.default('latest')]).parse(params);
    return readState(engine, 'eth_getCode', address, tag);
  },
  async eth_getTransactionCount(engine, params) {
    const [address, tag] = z.tuple([AddressSchema, TagSchema.default('latest')]).parse(params);
    if (tag === 'pending') return engine.rpc.request('eth_getTransactionCount', [address, tag]);
    return readState(engine, 'eth_getTransactionCount', address, tag);
  },
  async eth_getTransactionReceipt(engine, params) {
    const [hash] = z.tuple([HashSchema]).parse(params);
    return ifFinal(engine, await engine.rpc.request('eth_getTransactionReceipt', [hash]));
  },
  async eth_getTransactionByHash(engine, params) {
    const [hash] = z.tuple([HashSchema]).parse(params);
    return ifFinal(engine, await engine.rpc.request('eth_getTransactionByHash', [hash]));
  },
  async eth_sendRawTransaction(engine, params) {
    const [raw] = z.tuple([DataSchema]).parse(params);
    return engine.submit(lower(raw));
  },
};

function plain(method: string): Ask {
  return (engine) => engine.rpc.request(method, []);
}

/** What a method answers about the state after a final block. */
function readState(engine: Engine, method: string, about: unknown, tag: Tag): Promise<unknown> {
  const block = knownBlock(tag, engine.final());
  return engine.undisturbed(() => engine.rpc.request(method, [about, block]));
}

function lower(hex: Hex): Hex {
  return `0x${hex.slice(2).toLowerCase()}`;
}

function ifFinal(engine: Engine, placed: unknown): unknown {
  const number = PlacedSchema.parse(placed)?.blockNumber;
  return typeof number === 'number' && number > engine.final().number ? null : placed;
}

function blockOf(tag: Tag, final: BlockRef): number {
  if (tag === 'earliest') return 0;
  return tag.startsWith('0x') ? Number(tag) : final.number;
}

function knownBlock(tag: Tag, final: BlockRef): Hex {
  const number = blockOf(tag, final);
  if (number <= final.number) return quantity(number);
  throw new RpcError(RPC.params, `there is no block ${number} yet: the last one is ${final.number}`);
}

function finalFilter(filter: z.infer<typeof FilterSchema>, final: BlockRef): unknown {
  if (filter.blockHash !== undefined) return filter;
  const from = blockOf(filter.fromBlock ?? 'latest', final);
  const to = Math.min(blockOf(filter.toBlock ?? 'latest', final), final.number);
  if (from > to) throw new RpcError(RPC.params, `no blocks from ${from} to ${to}`);
  if (to - from >= MAX_LOG_BLOCKS) {
    throw new RpcError(RPC.limit, `at most ${MAX_LOG_BLOCKS} blocks at a time`);
  }
  return { ...filter, fromBlock: quantity(from), toBlock: quantity(to) };
}

import { z } from 'zod';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { ChainLog, FullBlock, Header, Receipt } from './chain-shapes.ts';
import {
  FullBlockSchema,
  HeaderSchema,
  HexSchema,
  LogSchema,
  QuantitySchema,
  ReceiptSchema,
} from './chain-shapes.ts';
import { createJsonRpc } from './json-rpc.ts';

/** What an endpoint answered instead of a result. */
export type Refusal = z.infer<typeof RefusalSchema>;
const RefusalSchema = z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() });
const AnswerSchema = z.object({ result: z.unknown().optional(), error: RefusalSchema.optional() });

/** The node has no time for us (too many requests; starting again): as good as no answer. */
const LATER = new Set([-32005, -32011]);

class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** The questions that we ask of a chain, each answer checked. They throw what the network throws, and LEDGER_FAILED for nonsense. */
export interface Endpoint {
  readonly url: string;
  /** Any other question; the answer must have that shape. */
  ask<T>(method: string, params: readonly unknown[], shape: z.ZodType<T>): Promise<T>;
  chainId(): Promise<number>;
  head(): Promise<Header>;
  header(number: number): Promise<Header | undefined>;
  /** Undefined: the node does not know the block. */
  headerOf(hash: Hex): Promise<Header | undefined>;
  block(hash: Hex): Promise<FullBlock | undefined>;
  logs(addresses: readonly Hex[], from: number, to: number): Promise<readonly ChainLog[]>;
  receipt(transaction: Hex): Promise<Receipt | undefined>;
  /** Next nonce, with what waits counted. */
  nonce(account: Hex): Promise<number>;
  send(raw: Hex): Promise<{ readonly ok: true } | { readonly ok: false; readonly refusal: Refusal }>;
  /** Tries a transaction after a block; the refusal carries the contract's reason. */
  attempt(call: { from: Hex; to: Hex; data: Hex }, block: number): Promise<Refusal | undefined>;
}

/** An Ethereum node by its URL, or behind a Unix socket by `unix:PATH`. Requests made at the same time travel together. */
export function createEndpoint(url: string): Endpoint {
  const request = createJsonRpc(url);
  async function ask<T>(method: string, params: readonly unknown[], shape: z.ZodType<T>): Promise<T> {
    const raw: unknown = await request(method, params);
    const answer = AnswerSchema.safeParse(raw);
    if (answer.success && answer.data.error !== undefined) throw new RefusedError(answer.data.error);
    const result = shape.safeParse(answer.data?.result);
    if (result.success) return result.data;
    throw new MusterError(
      'LEDGER_FAILED',
      `${url} answers ${method} with nonsense: ${z.prettifyError(result.error)}`,
      {
        hint: 'is it the URL of an Ethereum node?',
      },
    );
  }
  const hex = (value: number): Hex => `0x${value.toString(16)}`;
  const maybe = async <T>(method: string, params: readonly unknown[], shape: z.ZodType<T>) =>
    (await ask(method, params, shape.nullable())) ?? undefined;
  return {
    url,
    ask,
    chainId: () => ask('eth_chainId', [], QuantitySchema),
    head: () => ask('eth_getBlockByNumber', ['latest', false], HeaderSchema),
    header: (number) => maybe('eth_getBlockByNumber', [hex(number), false], HeaderSchema),
    headerOf: (hash) => maybe('eth_getBlockByHash', [hash, false], HeaderSchema),
    block: (hash) => maybe('eth_getBlockByHash', [hash, true], FullBlockSchema),
    logs: (address, from, to) =>
      ask('eth_getLogs', [{ address, fromBlock: hex(from), toBlock: hex(to) }], z.array(LogSchema)),
    receipt: (transaction) => maybe('eth_getTransactionReceipt', [transaction], ReceiptSchema),
    nonce: (account) => ask('eth_getTransactionCount', [account, 'pending'], QuantitySchema),
    async send(raw) {
      const refusal = await refusalOf(() => ask('eth_sendRawTransaction', [raw], HexSchema));
      return refusal === undefined ? { ok: true } : { ok: false, refusal };
    },
    attempt: (call, block) => refusalOf(() => ask('eth_call', [call, hex(block)], HexSchema)),
  };
}

/** Undefined when it went well; throws what is no answer of the node. */
async function refusalOf(act: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!(error instanceof RefusedError) || LATER.has(error.refusal.code)) throw error;
    return error.refusal;
  }
}

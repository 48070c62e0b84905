import type { Hex } from 'viem';
import { keccak256, recoverTransactionAddress, serializeTransaction } from 'viem';
import { z } from 'zod';
import { HexSchema } from './chain-shapes.ts';
import { lower } from './decode-event.ts';

const AddressSchema = HexSchema.transform(lower);
const QuantitySchema = HexSchema.refine((text) => text.length > 2, 'a quantity').transform(BigInt);

/** A transaction as an endpoint tells it, with all that its hash is made of. */
export const TransactionSchema = z.object({
  hash: HexSchema,
  from: AddressSchema,
  to: AddressSchema.nullable(),
  input: HexSchema,
  type: QuantitySchema.default(0n),
  chainId: QuantitySchema.nullish(),
  nonce: QuantitySchema,
  gas: QuantitySchema,
  value: QuantitySchema,
  gasPrice: QuantitySchema.nullish(),
  maxFeePerGas: QuantitySchema.nullish(),
  maxPriorityFeePerGas: QuantitySchema.nullish(),
  accessList: z.array(z.object({ address: HexSchema, storageKeys: z.array(HexSchema) })).nullish(),
  r: HexSchema,
  s: HexSchema,
  v: QuantitySchema.nullish(),
  yParity: QuantitySchema.nullish(),
});
export type ToldTransaction = z.infer<typeof TransactionSchema>;

/** Types without a field that is not read here: legacy, EIP-2930, EIP-1559. */
const LEGACY = 0n;
const WITH_ACCESS_LIST = 1n;
const WITH_FEE_MARKET = 2n;
/** The least `v` of a legacy transaction that names its chain (EIP-155). */
const NAMES_CHAIN = 35n;

/** As it stands in the trie of its block, and is signed; undefined: it is of a type that is not known here, or cannot be. */
export function encodeTransaction(told: ToldTransaction): Hex | undefined {
  const { type, input: data, gas, value, r, s, accessList, maxFeePerGas, maxPriorityFeePerGas } = told;
  const { to, nonce, gasPrice } = told;
  const v = told.v ?? undefined;
  const common = { to, data, gas, value, nonce: Number(nonce) };
  const parity = told.yParity ?? v;
  try {
    if (type === LEGACY && v !== undefined) {
      const chain = v < NAMES_CHAIN ? {} : { chainId: Number((v - NAMES_CHAIN) / 2n) };
      return serializeTransaction(
        { ...common, ...chain, type: 'legacy', gasPrice: gasPrice ?? 0n },
        { r, s, v },
      );
    }
    const chainId = Number(told.chainId ?? 0);
    const list = accessList ?? [];
    const signature = { r, s, yParity: Number(parity) };
    if (type === WITH_ACCESS_LIST) {
      return serializeTransaction(
        { ...common, chainId, type: 'eip2930', gasPrice: gasPrice ?? 0n, accessList: list },
        signature,
      );
    }
    if (type !== WITH_FEE_MARKET) return undefined;
    return serializeTransaction(
      {
        ...common,
        chainId,
        type: 'eip1559',
        maxFeePerGas: maxFeePerGas ?? 0n,
        maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n,
        accessList: list,
      },
      signature,
    );
  } catch {
    return undefined;
  }
}

/** Why a transaction is not what the endpoint tells; undefined: it is, and is signed by whom it names. */
export async function whyNotTransaction(
  told: ToldTransaction,
  encoded: Hex | undefined,
): Promise<string | undefined> {
  if (encoded === undefined) return `${told.hash} is a transaction that cannot be read`;
  if (keccak256(encoded) !== told.hash) return `${told.hash} is not the hash of its transaction`;
  const signer = await signerOf(encoded);
  return signer === told.from
    ? undefined
    : `${told.hash} is said to be from ${told.from}, signed by ${signer}`;
}

async function signerOf(encoded: Hex): Promise<Hex | 'nobody'> {
  try {
    // Only text that `serializeTransaction` gave comes here, whose types viem tells apart by template.
    return lower(await recoverTransactionAddress({ serializedTransaction: encoded as `0x02${string}` }));
  } catch {
    return 'nobody';
  }
}

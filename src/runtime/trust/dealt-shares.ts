import { fromHex, toHex } from '../../adapters/keys/hex.ts';
import type { KemKey, SealContext } from '../../adapters/keys/kem-key.ts';
import { sealTo } from '../../adapters/keys/kem-key.ts';
import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import type { AgentKey, Hex } from '../../protocol/ledger.ts';
import type { DealtShares } from '../../protocol/share.ts';
import { DealtSharesSchema, MAX_DEALT_BYTES } from '../../protocol/share.ts';

/** Whose answers, and for which holder. */
export interface Deal {
  readonly pipeline: string;
  readonly site: string;
  readonly agent: AgentKey;
  readonly incarnation: number;
}

/** A holder's shares of a batch, sealed to it. Throws a RangeError for a key that is none. */
export async function sealShares(kemKey: Hex, deal: Deal, shares: DealtShares): Promise<Hex> {
  return toHex(await sealTo(kemKey, encodeCbor(shares), contextOf(deal)));
}

/** Undefined: not sealed to this holder, for another incarnation, or no shares. */
export async function openShares(kemKey: KemKey, deal: Deal, sealed: Hex): Promise<DealtShares | undefined> {
  const bytes = fromHex(sealed, (sealed.length - 2) / 2);
  const plain = bytes && (await kemKey.open(bytes, contextOf(deal)));
  return DealtSharesSchema.safeParse(plain && decodeCbor(plain, MAX_DEALT_BYTES)).data;
}

function contextOf({ pipeline, site, agent, incarnation }: Deal): SealContext {
  return { info: encodeCbor(['muster-shares-v1', pipeline, site]), aad: encodeCbor([agent, incarnation]) };
}

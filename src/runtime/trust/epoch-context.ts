import { toHex } from '../../adapters/keys/hex.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { Hex, PipelineAddress } from '../../protocol/ledger.ts';

/** What an epoch's envelopes are bound to: chain, contracts, epoch and roster. */
export function epochContextOf(address: PipelineAddress, epoch: number, rosterHash: Hex): Hex {
  const { chainId, genesisHash, attestation, keys } = address;
  return toHex(encodeCbor([chainId, genesisHash, attestation, keys, epoch, rosterHash]));
}

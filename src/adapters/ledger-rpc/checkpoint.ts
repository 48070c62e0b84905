import { recoverMessageAddress } from 'viem';
import type { Hex } from '../../protocol/ledger.ts';
import { accountOf } from '../keys/ethereum-account.ts';
import { lower } from './decode-event.ts';

/** Signs a digest of core/ledger/checkpoint.ts with a secp256k1 key. */
export function signDigest(digest: Hex, privateKey: Hex): Promise<Hex> {
  return accountOf(privateKey).signMessage({ message: { raw: digest } });
}

/** Whether a signature over a digest is that of an account. */
export async function signedBy(digest: Hex, signature: Hex, account: Hex): Promise<boolean> {
  try {
    return lower(await recoverMessageAddress({ message: { raw: digest }, signature })) === lower(account);
  } catch {
    return false;
  }
}

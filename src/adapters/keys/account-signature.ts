import { recoverMessageAddress } from 'viem';
import type { Hex } from '../../protocol/ledger.ts';
import { accountOf } from './ethereum-account.ts';

/** Signs a text with the key of an account of the ledger (EIP-191). */
export function signAsAccount(privateKey: Hex, text: string): Promise<Hex> {
  return accountOf(privateKey).signMessage({ message: text });
}

/** Whether that account has signed that text; false also for what is no signature. */
export async function isSignedByAccount(account: Hex, text: string, signature: Hex): Promise<boolean> {
  try {
    const signer = await recoverMessageAddress({ message: text, signature });
    // viem answers mixed case.
    return signer.toLowerCase() === account.toLowerCase();
  } catch {
    return false;
  }
}

import { recoverMessageAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Hex } from '../../protocol/ledger.ts';

/** Signs a text with the key of an account of the ledger (EIP-191). */
export function signAsAccount(privateKey: Hex, text: string): Promise<Hex> {
  return privateKeyToAccount(privateKey).signMessage({ message: text });
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

import { privateKeyToAccount } from 'viem/accounts';
import type { Hex } from '../../../protocol/ledger.ts';

/** Signed transactions of one account that do nothing, by nonce. */
export function transferOf(privateKey: Hex, chainId: number): (nonce: number) => Promise<Hex> {
  const account = privateKeyToAccount(privateKey);
  return (nonce) =>
    account.signTransaction({
      type: 'legacy',
      chainId,
      nonce,
      gas: 50_000n,
      gasPrice: 0n,
      to: `0x${'22'.repeat(20)}`,
      data: '0x1234',
    });
}

import { secp256k1 } from '@noble/curves/secp256k1';
import type { PrivateKeyAccount } from 'viem/accounts';
import { privateKeyToAccount, privateKeyToAddress } from 'viem/accounts';
import type { Hex } from '../../protocol/ledger.ts';

/** Bits of the multiples of the generator that are computed before the first signature: by default 8, five times the work. */
const WINDOW_BITS = 5;

/** Accounts that are remembered: a process has few, and the address costs as much as a signature. */
const MOST_ACCOUNTS = 16;

let isReady = false;
const accounts = new Map<Hex, PrivateKeyAccount>();

/** Each process of a pipeline has an account and signs little: it must not wait for tables that pay for many signatures. */
function makeReady(): void {
  if (isReady) return;
  isReady = true;
  secp256k1.utils.precompute(WINDOW_BITS);
}

/** The account of the ledger that a private key is of. */
export function accountOf(privateKey: Hex): PrivateKeyAccount {
  makeReady();
  const known = accounts.get(privateKey);
  if (known !== undefined) return known;
  if (accounts.size >= MOST_ACCOUNTS) accounts.clear();
  const account = privateKeyToAccount(privateKey);
  accounts.set(privateKey, account);
  return account;
}

/** The address of that account. */
export function addressOf(privateKey: Hex): Hex {
  makeReady();
  return privateKeyToAddress(privateKey);
}

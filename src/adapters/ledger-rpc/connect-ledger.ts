import type { Ledger } from '../../ports/ledger.ts';
import { accountOf } from '../keys/ethereum-account.ts';
import { createAccountSender } from './account-sender.ts';
import { createChainPoller, verifyChain } from './chain-poller.ts';
import type { LedgerOptions } from './create-ledger.ts';
import { lower } from './decode-event.ts';
import { encodeCall } from './encode-call.ts';
import { createEndpoint } from './endpoint.ts';
import { followBlocks } from './follow-blocks.ts';
import { ledgerError } from './read-blocks.ts';

/** See `createLedger`, which loads this (and viem with it) when it is needed. */
export async function connectLedger(options: LedgerOptions): Promise<Ledger> {
  const {
    url,
    privateKey,
    pollMs = 100,
    confirmations = 0,
    finalWithinMs = 60_000,
    gas = 8_000_000,
  } = options;
  const { pipeline: given } = options;
  const pipeline = { ...given, attestation: lower(given.attestation), keys: lower(given.keys) };
  const endpoint = createEndpoint(url);
  await verifyChain(endpoint, pipeline).catch((cause: unknown) => {
    throw ledgerError(url, cause);
  });
  const account = accountOf(privateKey);
  const poller = createChainPoller(endpoint, { chain: pipeline, pollMs, confirmations });
  const sender = createAccountSender(endpoint, poller, {
    account,
    chainId: pipeline.chainId,
    gas: BigInt(gas),
    finalWithinMs,
  });
  const closed = new AbortController();
  return {
    account: lower(account.address),
    pipeline,
    async call(call, { signal, onTaken } = {}) {
      let encoded: ReturnType<typeof encodeCall>;
      try {
        encoded = encodeCall(call, pipeline);
      } catch (error) {
        return { ok: false, error: error instanceof Error ? error.message : String(error) };
      }
      const until = signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal]);
      const sent = await sender.send(encoded, until, onTaken);
      if (!sent.ok) return sent;
      const { blockNumber: block, transactionHash: transaction } = sent.receipt;
      return { ok: true, block, transaction };
    },
    follow: (follow) => followBlocks(endpoint, poller, pipeline, follow),
    close() {
      closed.abort(new Error('the ledger was closed'));
      poller.close();
    },
  };
}

import { MusterError } from '../../protocol/errors.ts';
import type { LedgerBlock } from '../../protocol/ledger.ts';
import { ChainFault, verifyChain } from './chain-poller.ts';
import type { Header } from './chain-shapes.ts';
import { lower } from './decode-event.ts';
import type { Endpoint } from './endpoint.ts';
import { createEndpoint } from './endpoint.ts';
import { blocksBetween } from './follow-blocks.ts';
import type { ReadLedgerOptions } from './read-ledger.ts';

const SPAN = 1000;

/** See `readLedger`, which loads this. */
export async function readBlocks({
  url,
  pipeline: given,
  confirmations = 0,
}: ReadLedgerOptions): Promise<{ endpoint: Endpoint; final: Header; blocks: readonly LedgerBlock[] }> {
  const endpoint = createEndpoint(url);
  const pipeline = { ...given, attestation: lower(given.attestation), keys: lower(given.keys) };
  try {
    await verifyChain(endpoint, pipeline);
    const head = await endpoint.head();
    const final = await endpoint.header(Math.max(0, head.number - confirmations));
    if (final === undefined) throw new ChainFault('its newest block cannot be read');
    const blocks: LedgerBlock[] = [];
    for (let from = pipeline.fromBlock; from <= final.number; from += SPAN) {
      const to = Math.min(from + SPAN - 1, final.number);
      blocks.push(...(await blocksBetween(endpoint, pipeline, from, to, final)));
    }
    return { endpoint, final, blocks };
  } catch (cause) {
    throw ledgerError(endpoint.url, cause);
  }
}

/** What reading a chain can throw, as an error that says what to try. */
export function ledgerError(url: string, cause: unknown): MusterError {
  if (cause instanceof MusterError) return cause;
  const wrong = cause instanceof ChainFault;
  return new MusterError(
    'LEDGER_FAILED',
    wrong ? `${url}: ${cause.message}` : `no ledger answers at ${url}`,
    {
      hint: wrong ? 'give the URL of the chain that the pipeline is on' : 'is its node running?',
      cause,
    },
  );
}

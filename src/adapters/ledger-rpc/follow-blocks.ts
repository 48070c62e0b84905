import type { Ledger } from '../../ports/ledger.ts';
import type { LedgerBlock, LedgerEntry, PipelineAddress } from '../../protocol/ledger.ts';
import type { ChainPoller } from './chain-poller.ts';
import { ChainFault } from './chain-poller.ts';
import type { ChainLog, FullBlock, Header } from './chain-shapes.ts';
import { decodeAttestation, decodeKeyVault } from './decode-event.ts';
import type { Endpoint } from './endpoint.ts';

/** Blocks that are asked for at a time. */
const SPAN = 1000;

/** What following a chain asks of it. */
type Asked = Pick<Endpoint, 'logs' | 'header' | 'headerOf' | 'block'>;
type FollowOptions = Parameters<Ledger['follow']>[0];

/** See `Ledger.follow`. */
export function followBlocks(
  endpoint: Asked,
  poller: Pick<ChainPoller, 'listen'>,
  pipeline: PipelineAddress,
  { fromBlock, onBlock, onHead, onSilence, onFault }: FollowOptions,
): { stop(): void } {
  let next = fromBlock;
  let stopped = false;
  let told = -1;
  const unlisten = poller.listen({
    async onLook(final) {
      while (!stopped && next <= final.number) {
        const to = Math.min(next + SPAN - 1, final.number);
        const blocks = await blocksBetween(endpoint, pipeline, next, to, final);
        for (const block of blocks) {
          if (stopped) return;
          // Before it is told: whatever the listener throws, no block is told twice.
          next = block.number + 1;
          onBlock(block);
        }
        next = to + 1;
      }
      if (stopped || final.number <= told) return;
      told = final.number;
      onHead?.({ number: final.number, hash: final.hash, timestamp: final.timestamp });
    },
    ...(onSilence === undefined ? {} : { onSilence }),
    onFault(error) {
      stopped = true;
      onFault?.(error);
    },
  });
  return {
    stop() {
      stopped = true;
      unlisten();
    },
  };
}

/** Blocks from `from` to `to` that have entries of the pipeline, in order; both must be final. */
export async function blocksBetween(
  endpoint: Asked,
  pipeline: PipelineAddress,
  from: number,
  to: number,
  final: Pick<Header, 'number' | 'hash'>,
): Promise<readonly LedgerBlock[]> {
  const last = to === final.number ? final : await endpoint.header(to);
  // Both at the same time, which is one request: a node that is behind tells the events of fewer blocks, and does not say so.
  const [logs, known] = await Promise.all([
    endpoint.logs([pipeline.attestation, pipeline.keys], from, to),
    last && endpoint.headerOf(last.hash),
  ]);
  if (known === undefined) throw new Error(`who tells the events up to block ${to} does not know it yet`);
  const byBlock = new Map<string, ChainLog[]>();
  for (const log of logs.filter((each) => !each.removed)) {
    byBlock.set(log.blockHash, [...(byBlock.get(log.blockHash) ?? []), log]);
  }
  const blocks = await Promise.all(
    [...byBlock.values()].map(async (group) => ledgerBlock(group, await blockOf(endpoint, group), pipeline)),
  );
  const sorted = blocks.toSorted((a, b) => a.number - b.number);
  for (const [index, block] of sorted.entries()) {
    const twice = sorted[index - 1]?.number === block.number;
    const elsewhere = block.number === known.number && block.hash !== known.hash;
    if (twice || elsewhere || block.number < from || block.number > to) {
      throw new Error(`the events of block ${block.number} do not belong together yet`);
    }
  }
  return sorted;
}

async function blockOf(endpoint: Asked, [log]: readonly ChainLog[]): Promise<FullBlock> {
  const block = log === undefined ? undefined : await endpoint.block(log.blockHash);
  if (block === undefined || block.number !== log?.blockNumber) {
    // It may be between two forks: the next look sees clearer.
    throw new Error(`block ${log?.blockHash} is not there`);
  }
  return block;
}

function ledgerBlock(logs: readonly ChainLog[], block: FullBlock, pipeline: PipelineAddress): LedgerBlock {
  const senders = new Map(block.transactions.map((each) => [each.hash, each.from]));
  const entries = new Map<number, LedgerEntry>();
  for (const log of logs) {
    const event = log.address === pipeline.keys ? decodeKeyVault(log) : decodeAttestation(log);
    const from = senders.get(log.transactionHash);
    if (event === undefined) continue;
    if (from === undefined) throw new ChainFault(`${log.transactionHash} is not in its block ${block.hash}`);
    entries.set(log.logIndex, { logIndex: log.logIndex, transaction: log.transactionHash, from, event });
  }
  return {
    number: block.number,
    hash: block.hash,
    parentHash: block.parentHash,
    timestamp: block.timestamp,
    entries: [...entries.values()].toSorted((a, b) => a.logIndex - b.logIndex),
  };
}

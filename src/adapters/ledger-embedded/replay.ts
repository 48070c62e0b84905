import type { Hex } from '../../protocol/ledger.ts';
import type { BlockRef } from './block-ref.ts';
import { readBlock } from './block-ref.ts';
import type { NodeRpc } from './ipc-rpc.ts';
import type { LedgerRecord } from './journal-record.ts';
import { RpcError } from './rpc-error.ts';

export interface Replayed {
  readonly final: BlockRef;
  /** Taken and not yet in a block, in order. */
  readonly waiting: readonly Hex[];
  /** A block that was about to be mined when the node ended: it has been mined now, and its hash is to be written down. */
  readonly unsettled: BlockRef | undefined;
}

/** Transactions of one message. Of more the node takes some out of their order. */
const MOST_TOGETHER = 24;

/**
 * `batched`: transactions that were written down together are sent several in a message, in less than half the time. The node takes those
 * in order, but does not promise to: a block that gets another hash then is no proof of damage yet.
 */
export type ReplayPace = 'batched' | 'one-by-one';

/**
 * Does to a fresh node what the journal says was done to the last one, and checks that every block gets the hash that it had.
 * @throws an Error with the reason when it does not.
 */
export async function replay(
  rpc: NodeRpc,
  records: readonly LedgerRecord[],
  pace: ReplayPace,
): Promise<Replayed> {
  let head = await readBlock(rpc, 'latest');
  let waiting = new Set<Hex>();
  let unsettled: BlockRef | undefined;
  for (const record of records) {
    if (unsettled !== undefined && record.kind !== 'block') {
      throw new Error(`what became of block ${unsettled.number} is missing`);
    }
    switch (record.kind) {
      case 'chain':
        if (record.genesisHash !== head.hash || head.number !== 0) {
          throw new Error(`the genesis block is ${head.hash}, it was ${record.genesisHash}`);
        }
        break;
      case 'taken':
        for (const hash of await sendAllAgain(rpc, record.raws, pace)) waiting.add(hash);
        break;
      case 'mine':
        if (record.parent !== head.hash || record.number !== head.number + 1) {
          throw new Error(`block ${record.number} does not follow block ${head.number} (${head.hash})`);
        }
        unsettled = await mineAt(rpc, record.time);
        waiting = without(waiting, unsettled.transactions);
        break;
      case 'block':
        if (unsettled?.number !== record.number || unsettled.hash !== record.hash) {
          throw new Error(
            `block ${record.number} is now ${unsettled?.hash ?? 'not mined'}, it was ${record.hash}`,
          );
        }
        head = unsettled;
        unsettled = undefined;
        break;
      default:
        record satisfies never;
    }
  }
  return { final: head, waiting: [...waiting], unsettled };
}

/** Mines one block with that timestamp, s; answers the newest block then. */
export async function mineAt(rpc: NodeRpc, time: number): Promise<BlockRef> {
  await rpc.request('evm_mine', [time]);
  return readBlock(rpc, 'latest');
}

export function without(waiting: ReadonlySet<Hex>, mined: readonly Hex[]): Set<Hex> {
  const rest = new Set(waiting);
  for (const each of mined) rest.delete(each);
  return rest;
}

async function sendAllAgain(rpc: NodeRpc, raws: readonly Hex[], pace: ReplayPace): Promise<readonly Hex[]> {
  const hashes: Hex[] = [];
  const most = pace === 'batched' ? MOST_TOGETHER : 1;
  for (let from = 0; from < raws.length; from += most)
    hashes.push(...(await sendSome(rpc, raws.slice(from, from + most))));
  return hashes;
}

async function sendSome(rpc: NodeRpc, raws: readonly Hex[]): Promise<readonly Hex[]> {
  try {
    const answers = await rpc.requestAll(
      'eth_sendRawTransaction',
      raws.map((raw) => [raw]),
    );
    return answers.map(asHash);
  } catch (error) {
    if (error instanceof RpcError) throw new Error(`a transaction is refused now: ${error.message}`);
    throw error;
  }
}

/** A transaction's hash, as a node answers it. */
export function asHash(value: unknown): Hex {
  if (typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value)) return `0x${value.slice(2)}`;
  throw new Error(`the node answers ${JSON.stringify(value)} instead of a hash`);
}

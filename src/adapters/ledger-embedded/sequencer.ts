import { z } from 'zod';
import type { Hex } from '../../protocol/ledger.ts';
import type { RoleSource } from './admission.ts';
import { createAdmission } from './admission.ts';
import type { BlockRef } from './block-ref.ts';
import { Quantity } from './block-ref.ts';
import type { NodeRpc } from './ipc-rpc.ts';
import type { LedgerJournal } from './ledger-journal.ts';
import type { Replayed } from './replay.ts';
import { asHash, mineAt, without } from './replay.ts';
import { RPC, RpcError } from './rpc-error.ts';

/** Most transactions that share one write to the disk. */
const MAX_BATCH = 256;
/** Most transactions that wait for a block, and callers that wait for the disk. */
const MAX_WAITING = 20_000;
/** Said once the disk takes records again. */
export const WRITABLE_AGAIN = 'the journal can be written again';
/** Part of the time between blocks for which the first transaction waits for others: those sent together share a block. */
const GATHERING = 0.1;
/** How long after a failed write it is tried again, ms. */
const RETRY_MS = 250;

export interface SequencerOptions {
  readonly rpc: NodeRpc;
  readonly journal: LedgerJournal;
  /** Absent: whoever sends is welcome. */
  readonly roles?: RoleSource;
  /** Shortest time from one block to the next, ms. */
  readonly blockMs: number;
  /** Time of day, ms. */
  readonly now: () => number;
  /** What is worth a line in a log: a write that failed, and that it works again. */
  readonly onNote: (text: string) => void;
  /** The node behind does not do what it is asked: it has to be started again. */
  readonly onBroken: (error: unknown) => void;
}

/** The one that takes transactions and makes blocks, each on disk before it counts. */
export interface Sequencer {
  /** The newest block that is on disk. */
  final(): BlockRef;
  /**
   * Runs `read` while no block is being mined: a node that mines answers a read of its newest block with the state after the next.
   * One that was overtaken by a block runs a second time, when its block is an older one, which does not change any more.
   */
  undisturbed<T>(read: () => Promise<T>): Promise<T>;
  /**
   * Resolves with the transaction's hash once it is on disk.
   * @throws RpcError with the node's refusal, or `RPC.notDurable` when the disk takes nothing.
   */
  submit(raw: Hex): Promise<Hex>;
  /** Ends after what is being written. */
  stop(): Promise<void>;
}

interface Submitted {
  readonly raw: Hex;
  readonly resolve: (hash: Hex) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Everything that changes the chain happens in one loop, one thing after the other: so what waits in the node is exactly what the
 * journal holds when a block is mined, and a block is never mined before the last one is on disk.
 */
export function startSequencer(options: SequencerOptions, start: Replayed): Sequencer {
  const { rpc, journal, blockMs, now, onNote, onBroken } = options;
  let final = start.final;
  let waiting: ReadonlySet<Hex> = new Set(start.waiting);
  /** Mined, and not yet on disk. */
  let unsettled = start.unsettled;
  let submitted: Submitted[] = [];
  let minedAtMs = Number.NEGATIVE_INFINITY;
  /** When the first of those that wait was taken. */
  let gatheringSinceMs = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let failing = false;
  let wake = () => {};
  /** The last block that was begun: resolves once the node has it, or has failed. */
  let mining: Promise<unknown> = Promise.resolve();
  const { roles } = options;
  const admission =
    roles && createAdmission(rpc, roles, { finalBlock: () => final.number, nowMs: () => performance.now() });

  async function durably(record: Parameters<LedgerJournal['append']>[0]): Promise<boolean> {
    try {
      await journal.append(record);
    } catch (error) {
      if (!failing) onNote(error instanceof Error ? error.message : String(error));
      failing = true;
      return false;
    }
    if (failing) onNote(WRITABLE_AGAIN);
    failing = false;
    return true;
  }

  async function takeBatch(): Promise<void> {
    const batch = submitted.slice(0, MAX_BATCH);
    submitted = submitted.slice(MAX_BATCH);
    const taken = new Map<Hex, Submitted[]>();
    for (const each of batch) {
      try {
        if (waiting.size + taken.size >= MAX_WAITING) throw full();
        const offered = await offer(rpc, each.raw);
        if (waiting.has(offered.hash) || offered.mined) each.resolve(offered.hash);
        else if (
          !taken.has(offered.hash) &&
          admission !== undefined &&
          !(await admission.admit(offered.hash, waiting))
        ) {
          await rpc.request('anvil_dropTransaction', [offered.hash]);
          each.reject(
            new RpcError(RPC.limit, 'the sender has no role here: few of its transactions are taken'),
          );
        } else taken.set(offered.hash, [...(taken.get(offered.hash) ?? []), each]);
      } catch (error) {
        each.reject(error);
        if (error instanceof RpcError && error.code === RPC.away) throw error;
      }
    }
    if (taken.size === 0) return;
    const raws = [...taken.values()].flatMap(([first]) => first?.raw ?? []);
    if (await durably({ kind: 'taken', raws })) {
      if (waiting.size === 0) gatheringSinceMs = now();
      waiting = new Set([...waiting, ...taken.keys()]);
      for (const [hash, callers] of taken) for (const each of callers) each.resolve(hash);
      return;
    }
    for (const [hash, callers] of [...taken].reverse()) {
      await rpc.request('anvil_dropTransaction', [hash]);
      for (const each of callers) each.reject(notDurable());
    }
  }

  async function mine(): Promise<void> {
    // What waits for an earlier nonce of its account makes no block.
    if (Quantity.parse(await pendingCount(rpc)) === 0) return;
    const time = Math.max(final.timestamp + 1, Math.floor(now() / 1000));
    const number = final.number + 1;
    if (!(await durably({ kind: 'mine', number, parent: final.hash, time, waiting: [...waiting] }))) return;
    const underway = mineAt(rpc, time);
    mining = underway.catch(() => undefined);
    const mined = await underway;
    if (mined.number !== number || mined.parentHash !== final.hash) {
      throw new Error(`block ${mined.number} was mined where ${number} was to be`);
    }
    waiting = without(waiting, mined.transactions);
    unsettled = mined;
    await settle();
  }

  async function settle(): Promise<void> {
    if (unsettled === undefined) return;
    if (!(await durably({ kind: 'block', number: unsettled.number, hash: unsettled.hash }))) return;
    final = unsettled;
    unsettled = undefined;
  }

  function refuseAll(error: RpcError): void {
    for (const each of submitted.splice(0)) each.reject(error);
  }

  /** Until something is submitted or `ms` have passed. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(() => wake(), ms) : undefined;
      wake = () => {
        clearTimeout(timer);
        wake = () => {};
        resolve();
      };
      if (stopped || (submitted.length > 0 && !failing)) wake();
    });
  }

  async function run(): Promise<void> {
    while (!stopped) {
      await settle();
      if (unsettled !== undefined) {
        refuseAll(notDurable());
        await pause(RETRY_MS);
        continue;
      }
      if (submitted.length > 0) await takeBatch();
      const dueMs = Math.max(minedAtMs + blockMs, gatheringSinceMs + GATHERING * blockMs);
      const dueInMs = waiting.size === 0 ? Number.POSITIVE_INFINITY : dueMs - now();
      if (dueInMs <= 0) {
        minedAtMs = now();
        await mine();
      } else if (submitted.length === 0) {
        await pause(dueInMs);
      }
    }
  }

  const ended = run()
    .catch((error: unknown) => {
      stopped = true;
      onBroken(error);
    })
    .finally(() => refuseAll(new RpcError(RPC.away, 'the ledger is starting again')));

  return {
    final: () => final,
    async undisturbed(read) {
      await mining;
      const before = mining;
      const [first] = await Promise.allSettled([read()]);
      if (mining !== before) {
        await mining;
        return read();
      }
      if (first.status === 'rejected') throw first.reason;
      return first.value;
    },
    submit: (raw) =>
      new Promise((resolve, reject) => {
        if (stopped) reject(new RpcError(RPC.away, 'the ledger is starting again'));
        else if (submitted.length >= MAX_WAITING) reject(full());
        else {
          submitted.push({ raw, resolve, reject });
          wake();
        }
      }),
    async stop() {
      stopped = true;
      wake();
      await ended;
    },
  };
}

/** Gives a transaction to the node. One that it has already is no error: whoever lost the answer asks again. */
async function offer(rpc: NodeRpc, raw: Hex): Promise<{ hash: Hex; mined: boolean }> {
  try {
    return { hash: asHash(await rpc.request('eth_sendRawTransaction', [raw])), mined: false };
  } catch (refusal) {
    const hash = asHash(await rpc.request('web3_sha3', [raw]));
    const known = Known.parse(await rpc.request('eth_getTransactionByHash', [hash]));
    if (known === null) throw refusal;
    return { hash, mined: known.blockNumber !== null };
  }
}

const Known = z.object({ blockNumber: z.string().nullable().default(null) }).nullable();

function notDurable(): RpcError {
  return new RpcError(RPC.notDurable, 'the ledger cannot be written now: the transaction was not taken');
}

function full(): RpcError {
  return new RpcError(RPC.limit, 'too many transactions wait already');
}

async function pendingCount(rpc: NodeRpc): Promise<unknown> {
  const status = await rpc.request('txpool_status', []);
  return typeof status === 'object' && status !== null && 'pending' in status ? status.pending : undefined;
}

import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { RoleSource } from './admission.ts';
import type { AnvilChild } from './anvil-child.ts';
import { startAnvil } from './anvil-child.ts';
import { readBlock } from './block-ref.ts';
import type { NodeRpc } from './ipc-rpc.ts';
import type { LedgerRecord } from './journal-record.ts';
import type { Cut, LedgerJournal } from './ledger-journal.ts';
import { damaged, openLedgerJournal } from './ledger-journal.ts';
import type { Replayed } from './replay.ts';
import { asHash, replay } from './replay.ts';
import { RpcError } from './rpc-error.ts';
import type { Sequencer } from './sequencer.ts';
import { startSequencer } from './sequencer.ts';

export interface EngineOptions {
  readonly binary: string;
  /** Where the journal is. */
  readonly directory: string;
  /** Of a chain that is begun now; one that exists must have it. */
  readonly chainId: number;
  readonly blockMs: number;
  readonly now: () => number;
  readonly onNote: (text: string) => void;
  /** Who may fill blocks; absent: anybody. */
  readonly roles?: RoleSource;
}

/** One life of the node behind: from a fresh anvil, through the replay of the journal, to its end. */
export interface Engine {
  readonly rpc: NodeRpc;
  readonly chain: { readonly chainId: number; readonly genesisTime: number; readonly genesisHash: Hex };
  /** Pid of anvil, for whoever watches it. */
  readonly pid: number;
  readonly replayed: { readonly records: number; readonly ms: number; readonly cut: Cut | undefined };
  readonly final: Sequencer['final'];
  readonly undisturbed: Sequencer['undisturbed'];
  readonly submit: Sequencer['submit'];
  /** Resolves when it is of no more use: anvil has ended or does not do what it is told. */
  readonly broken: Promise<void>;
  stop(): Promise<void>;
}

type ChainRecord = Extract<LedgerRecord, { kind: 'chain' }>;

/** @throws LEDGER_DAMAGED when the journal cannot be trusted, LEDGER_FAILED when anvil or the disk fails. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const path = join(options.directory, 'journal');
  const journal = await openLedgerJournal(path);
  let anvil: AnvilChild | undefined;
  try {
    const startedAt = performance.now();
    const known = chainOf(journal, path, options);
    const genesisTime = known?.genesisTime ?? Math.floor(options.now() / 1000);
    const { binary, directory, chainId } = options;
    const node = { binary, directory, chainId, genesisTime };
    anvil = await startAnvil(node);
    const chain = known ?? (await begin(anvil, journal, options.chainId, genesisTime));
    let start = await replay(anvil.rpc, journal.records, 'batched').catch(() => undefined);
    if (start === undefined) {
      options.onNote('the journal is replayed again, one transaction after the other');
      await anvil.stop();
      anvil = await startAnvil(node);
      start = await replayed(anvil, journal, path);
    }
    const ms = Math.round(performance.now() - startedAt);
    return run(options, anvil, journal, chain, start, ms);
  } catch (error) {
    await anvil?.stop();
    await journal.close();
    throw error;
  }
}

function run(
  options: EngineOptions,
  anvil: AnvilChild,
  journal: LedgerJournal,
  chain: ChainRecord,
  start: Replayed,
  ms: number,
): Engine {
  const { blockMs, now, onNote } = options;
  let breaks = () => {};
  const broken = new Promise<void>((resolve) => {
    breaks = resolve;
  });
  const sequencer = startSequencer(
    {
      rpc: anvil.rpc,
      journal,
      blockMs,
      now,
      onNote,
      ...(options.roles === undefined ? {} : { roles: options.roles }),
      onBroken: (error) => {
        onNote(`the node behind fails: ${error instanceof Error ? error.message : String(error)}`);
        breaks();
      },
    },
    start,
  );
  void anvil.exited.then(breaks);
  return {
    rpc: anvil.rpc,
    chain,
    pid: anvil.pid,
    replayed: { records: journal.records.length, ms, cut: journal.cut },
    final: sequencer.final,
    undisturbed: sequencer.undisturbed,
    submit: sequencer.submit,
    broken,
    async stop() {
      await sequencer.stop();
      await anvil.stop();
      await journal.close();
    },
  };
}

/** The chain that a journal holds; undefined for an empty one. */
function chainOf(journal: LedgerJournal, path: string, options: EngineOptions): ChainRecord | undefined {
  const [first] = journal.records;
  if (first === undefined) return undefined;
  if (first.kind !== 'chain') throw damaged(path, 'it does not say which chain it is');
  if (first.chainId !== options.chainId) {
    throw new MusterError('LEDGER_FAILED', `${path} holds chain ${first.chainId}, not ${options.chainId}`, {
      hint: 'give its chain id, or another directory',
    });
  }
  return first;
}

async function begin(
  anvil: AnvilChild,
  journal: LedgerJournal,
  chainId: number,
  genesisTime: number,
): Promise<ChainRecord> {
  const { hash } = await readBlock(anvil.rpc, 0);
  const record = { kind: 'chain', format: 1, chainId, genesisTime, genesisHash: asHash(hash) } as const;
  await journal.append(record);
  return record;
}

async function replayed(anvil: AnvilChild, journal: LedgerJournal, path: string): Promise<Replayed> {
  try {
    return await replay(anvil.rpc, journal.records, 'one-by-one');
  } catch (error) {
    if (error instanceof RpcError)
      throw new MusterError('LEDGER_FAILED', `replay: ${error.message}`, { cause: error });
    throw damaged(path, error instanceof Error ? error.message : String(error));
  }
}

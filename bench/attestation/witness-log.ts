import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { verifySignature } from '../../src/adapters/keys/signing-key.ts';
import type { Hex } from '../../src/protocol/ledger.ts';
import { endChild, gone, parentDeathSignal } from '../../src/runtime/child-process.ts';
import { headBytes, MerkleLog } from './merkle-log.ts';
import type { ToWitness } from './witness-messages.ts';
import { FromWitnessSchema } from './witness-messages.ts';

const WITNESSES = 4;
const NEEDED = 3;
const entry = new URL('./witness-main.ts', import.meta.url).pathname;

/** A signed Merkle log: an operator orders records, and witnesses, each with a copy of its own, sign what they have added. */
export interface WitnessLog {
  /** Resolves once 3 of 4 witnesses have signed a head that covers the record. */
  submit(record: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly record: Uint8Array;
  done(): void;
}

interface Batch {
  readonly size: number;
  readonly head: Uint8Array;
  readonly records: readonly Waiting[];
  readonly signers: Set<number>;
}

/** `headEveryMs`: a head is asked for so often, as a block is made; 0: as soon as the one before is signed. */
export async function witnessLog(directory: string, headEveryMs: number): Promise<WitnessLog> {
  const children: ChildProcess[] = [];
  const keys: Hex[] = [];
  const log = new MerkleLog();
  let waiting: Waiting[] = [];
  let open: Batch | undefined;
  const ask = (): void => {
    if (open !== undefined || waiting.length === 0) return;
    const records = waiting;
    waiting = [];
    const from = log.size;
    for (const { record } of records) log.append(record);
    const root = log.root();
    open = { size: log.size, head: headBytes(log.size, root), records, signers: new Set() };
    const hex = records.map(({ record }) => Buffer.from(record).toString('hex'));
    for (const child of children) child.send({ from, records: hex } satisfies ToWitness, gone);
  };
  const take = (witness: number, input: unknown): void => {
    const message = FromWitnessSchema.parse(input);
    if (message.kind === 'key') {
      keys[witness] = message.publicKey;
      return;
    }
    const key = keys[witness];
    if (open === undefined || message.size !== open.size || key === undefined) return;
    if (!verifySignature(key, open.head, Buffer.from(message.signature, 'hex'))) return;
    open.signers.add(witness);
    if (open.signers.size < NEEDED) return;
    const { records } = open;
    open = undefined;
    for (const { done } of records) done();
    if (headEveryMs === 0) ask();
  };
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all(children.map((child) => endChild(child)));
  };
  const timer = headEveryMs === 0 ? undefined : setInterval(ask, headEveryMs);
  try {
    for (let witness = 0; witness < WITNESSES; witness++) {
      const node = [process.execPath, '--import', 'tsx', entry, join(directory, `witness-${witness}`)];
      const [command = '', ...args] = parentDeathSignal(node);
      const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      children.push(child);
      child.on('message', (input) => take(witness, input));
    }
    await Promise.all(children.map((child) => once(child, 'message')));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    submit: (record) =>
      new Promise((resolve) => {
        waiting.push({ record, done: resolve });
        // In a turn of its own: what is submitted together is signed together.
        if (headEveryMs === 0) setImmediate(ask);
      }),
    close,
  };
}

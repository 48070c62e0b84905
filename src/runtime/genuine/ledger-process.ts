import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { Hex32Schema } from '../../protocol/agent-control.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { parentDeathSignal } from '../child-process.ts';

const ReadySchema = z.looseObject({ url: z.string(), chainId: z.number(), genesisHash: Hex32Schema });
const READY_WITHIN_MS = 20_000;

export interface LedgerProcess {
  readonly url: string;
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly pid: number;
  /** Resolves when the process has ended, wanted or not. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Starts the embedded ledger as a process of its own. Throws MusterError when it does not come up. */
export function startLedgerProcess(options: {
  readonly program: string;
  readonly directory: string;
  readonly blockMs: number;
  /** Loopback port; 0: any. */
  readonly port?: number;
  onNote(text: string): void;
}): Promise<LedgerProcess> {
  const { program, directory, blockMs, port = 0, onNote } = options;
  const [command = '', ...args] = parentDeathSignal([
    process.execPath,
    '--no-warnings',
    program,
    JSON.stringify({ directory, blockMs, port }),
  ]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  let last = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    last = line;
    onNote(line);
  });
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(
        new MusterError('LEDGER_FAILED', `the embedded ledger did not start: ${why}`, {
          hint: 'bin/muster doctor',
        }),
      );
    };
    const timer = setTimeout(() => fail(`nothing within ${READY_WITHIN_MS} ms`), READY_WITHIN_MS);
    child.once('error', (error) => fail(error.message));
    void ended.then(() => fail(last === '' ? 'it has ended' : last));
    createInterface({ input: child.stdout }).once('line', (line) => {
      const ready = ReadySchema.safeParse(parseJson(line));
      if (!ready.success || child.pid === undefined) {
        fail(`it said ${line.slice(0, 200)}`);
        return;
      }
      clearTimeout(timer);
      resolve({
        url: ready.data.url,
        chainId: ready.data.chainId,
        genesisHash: ready.data.genesisHash,
        pid: child.pid,
        ended,
        stop: async () => {
          child.kill('SIGTERM');
          const kill = setTimeout(() => child.kill('SIGKILL'), 3000);
          await ended;
          clearTimeout(kill);
        },
      });
    });
  });
}

export interface SupervisedLedger {
  readonly url: string;
  readonly chainId: number;
  readonly genesisHash: Hex;
  /** Of the process that runs now. */
  readonly pid: number;
  stop(): Promise<void>;
}

const BACK_AFTER_MS = 300;

/** The same, started again at the same address whenever it ends: what was acknowledged is in its journal. */
export async function superviseLedger(
  options: Parameters<typeof startLedgerProcess>[0],
): Promise<SupervisedLedger> {
  let stopped = false;
  let current = await startLedgerProcess(options);
  const { url, chainId, genesisHash } = current;
  const port = Number(new URL(url).port);
  const watch = async (): Promise<void> => {
    await current.ended;
    while (!stopped) {
      options.onNote('the ledger has ended: it is started again');
      await new Promise((resolve) => {
        setTimeout(resolve, BACK_AFTER_MS);
      });
      if (stopped) return;
      try {
        current = await startLedgerProcess({ ...options, port });
        if (stopped) await current.stop();
        else void watch();
        return;
      } catch (error) {
        options.onNote(
          `the ledger does not come back: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  };
  void watch();
  return {
    url,
    chainId,
    genesisHash,
    get pid() {
      return current.pid;
    },
    stop: async () => {
      stopped = true;
      await current.stop();
    },
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

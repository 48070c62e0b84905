import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { WRITABLE_AGAIN } from '../../adapters/ledger-embedded/sequencer.ts';
import { Hex32Schema } from '../../protocol/agent-control.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { parentDeathSignal } from '../child-process.ts';

const ReadySchema = z.looseObject({
  url: z.string(),
  chainId: z.number(),
  genesisHash: Hex32Schema,
  replayed: z.looseObject({ cut: z.looseObject({ bytes: z.number(), records: z.number() }).nullable() }),
});
const READY_WITHIN_MS = 20_000;

export interface LedgerProcess {
  readonly url: string;
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly pid: number;
  /** What was not whole at the end of its journal, and was dropped: nothing of it had been acknowledged. */
  readonly cut: { readonly bytes: number; readonly records: number } | null;
  /** Resolves when the process has ended, wanted or not, with the last that it said; empty: nothing. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** Starts the embedded ledger as a process of its own. Throws MusterError when it does not come up. */
export function startLedgerProcess(options: {
  readonly program: string;
  readonly directory: string;
  readonly blockMs: number;
  /** Loopback port; 0: any. */
  readonly port?: number;
  /** A Unix socket beside it. */
  readonly socket?: string;
  /** Where roles are held: others get little room in blocks. */
  readonly roles?: { readonly contract: Hex; readonly operator: Hex };
  onNote(text: string): void;
}): Promise<LedgerProcess> {
  const { program, directory, blockMs, port = 0, socket, roles, onNote } = options;
  const [command = '', ...args] = parentDeathSignal([
    process.execPath,
    '--no-warnings',
    program,
    JSON.stringify({ directory, blockMs, port, socket, roles }),
  ]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let last = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    // What it means, rather than what to try.
    if (line.startsWith('muster: ')) last = line.slice('muster: '.length);
    onNote(line);
  });
  const ended = new Promise<string>((resolve) => {
    // Once all that it has said is read.
    child.once('close', () => resolve(last));
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
    void ended.then((said) => fail(said === '' ? 'it has ended' : said));
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
        cut: ready.data.replayed.cut,
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
  /** The same, for who is not in this network: over the Unix socket, where there is one. */
  readonly socketUrl: string;
  readonly chainId: number;
  readonly genesisHash: Hex;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Why it has ended, does not come back, or takes nothing, in its own words; undefined: it is well. */
  readonly trouble: string | undefined;
  stop(): Promise<void>;
}

const BACK_AFTER_MS = 300;
/** One whose journal is damaged does not come back before somebody has mended it. */
const MOST_BACK_AFTER_MS = 10_000;
const CANNOT_WRITE = /cannot be written/;

/** The same, started again at the same address whenever it ends: what was acknowledged is in its journal. */
export async function superviseLedger(
  options: Parameters<typeof startLedgerProcess>[0] & {
    /** It has ended, or does not come back for another reason than before. */
    onTrouble(reason: string): void;
    onCut(cut: NonNullable<LedgerProcess['cut']>): void;
  },
): Promise<SupervisedLedger> {
  let stopped = false;
  let trouble: string | undefined;
  const tell = (reason: string): void => {
    if (trouble !== reason && !stopped) options.onTrouble(reason);
    trouble = reason;
  };
  const start = (port?: number): Promise<LedgerProcess> =>
    startLedgerProcess({
      ...options,
      ...(port === undefined ? {} : { port }),
      onNote: (text) => {
        options.onNote(text);
        // Its process goes on, and takes nothing meanwhile.
        if (CANNOT_WRITE.test(text)) tell(text);
        else if (text === WRITABLE_AGAIN && CANNOT_WRITE.test(trouble ?? '')) trouble = undefined;
      },
    });
  let current = await start();
  const { url, chainId, genesisHash } = current;
  const port = Number(new URL(url).port);
  const watch = async (): Promise<void> => {
    const last = await current.ended;
    tell(`the ledger has ended${last === '' ? '' : ` (${last})`}: it is started again`);
    for (let tries = 0; !stopped; tries++) {
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(BACK_AFTER_MS * 2 ** tries, MOST_BACK_AFTER_MS));
      });
      if (stopped) return;
      try {
        current = await start(port);
        trouble = undefined;
        const { cut } = current;
        if (cut !== null && !stopped) options.onCut(cut);
        if (stopped) await current.stop();
        else void watch();
        return;
      } catch (error) {
        tell(`the ledger does not come back: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  void watch();
  return {
    url,
    socketUrl: options.socket === undefined ? url : `unix:${options.socket}`,
    chainId,
    genesisHash,
    get pid() {
      return current.pid;
    },
    get trouble() {
      return trouble;
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

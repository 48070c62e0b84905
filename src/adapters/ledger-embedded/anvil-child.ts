import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import type { NodeRpc } from './ipc-rpc.ts';
import { connectIpc } from './ipc-rpc.ts';

const START_MS = 15_000;
const ANSWER_MS = 30_000;
/** Room for many transactions in a block: gas costs nothing here. */
const BLOCK_GAS = 1_000_000_000;
/** States that are kept in memory, for reads of a block that is no longer the newest. */
const KEPT_STATES = 16;

export interface AnvilOptions {
  readonly binary: string;
  /** Where it may keep a directory of its own, mode 0700; used by one at a time. */
  readonly directory: string;
  readonly chainId: number;
  /** Time of the genesis block, s. */
  readonly genesisTime: number;
}

/** A running anvil that nobody but this process can talk to. */
export interface AnvilChild {
  readonly rpc: NodeRpc;
  readonly pid: number;
  /** Resolves when it has ended, however it did. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts anvil shut in: its control interface lets any caller rewrite the chain. As root it has a network namespace of its own, so that
 * only its Unix socket in a directory of mode 0700 reaches it; otherwise it also listens on a random loopback port.
 * It is killed with this process, however this process ends.
 * @throws LEDGER_FAILED when it does not start.
 */
export async function startAnvil(options: AnvilOptions): Promise<AnvilChild> {
  const directory = await privateDirectory(options.directory);
  const socket = join(directory, 'node.ipc');
  // Of one that was killed.
  await rm(socket, { force: true });
  const child = spawn('setpriv', commandLine(options, socket), {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Nothing of ours concerns it; HOME is where it would keep a cache.
    env: { PATH: process.env['PATH'], HOME: directory },
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 2000) said += text;
  });
  let failure: unknown;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      failure = error;
      resolve();
    });
  });
  const exited = ended.then(() => rm(socket, { force: true }));
  try {
    const rpc = await connected(socket, child, () => failure !== undefined);
    return {
      rpc,
      pid: child.pid ?? 0,
      exited,
      async stop() {
        rpc.close();
        child.kill('SIGKILL');
        await exited;
      },
    };
  } catch (cause) {
    child.kill('SIGKILL');
    await exited;
    throw new MusterError(
      'LEDGER_FAILED',
      `anvil does not start: ${said.trim() || String(failure ?? cause)}`,
      {
        hint: 'bin/muster doctor',
        cause,
      },
    );
  }
}

/** Beside the journal, so that one that is killed leaves nothing elsewhere; a Unix socket's path has room for 107 bytes. */
async function privateDirectory(parent: string): Promise<string> {
  const path = join(parent, 'node');
  if (Buffer.byteLength(path) > 90) return mkdtemp(join(tmpdir(), 'muster-ledger-'));
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

function commandLine({ binary, chainId, genesisTime }: AnvilOptions, socket: string): string[] {
  const root = process.getuid?.() === 0;
  // Were this process to end before the death signal is set, the shell would see another parent and end too.
  const tied = [
    '--pdeathsig',
    'KILL',
    '--',
    'sh',
    '-c',
    'test "$PPID" = "$0" && exec "$@"',
    String(process.pid),
  ];
  return [
    ...tied,
    ...(root ? ['unshare', '--net', '--'] : []),
    binary,
    // A namespace of its own has no loopback address to bind to.
    ...['--host', root ? '0.0.0.0' : '127.0.0.1', '--port', '0', '--ipc', socket],
    ...['--no-mining', '--order', 'fifo', '--accounts', '0', '--slots-in-an-epoch', '0'],
    ...['--hardfork', 'london', '--chain-id', String(chainId), '--timestamp', String(genesisTime)],
    ...['--base-fee', '0', '--gas-price', '0', '--disable-min-priority-fee'],
    ...['--gas-limit', String(BLOCK_GAS), '--prune-history', String(KEPT_STATES)],
    ...['--no-cors', '--disable-default-create2-deployer', '--quiet'],
  ];
}

/** Its socket appears once it listens. */
async function connected(path: string, child: ChildProcess, failed: () => boolean): Promise<NodeRpc> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      return await connectIpc(path, { answerMs: ANSWER_MS });
    } catch (cause) {
      const dead = failed() || child.exitCode !== null || child.signalCode !== null;
      if (dead || Date.now() > deadline) throw cause;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

import { mkdir } from 'node:fs/promises';
import type { RoleSource } from './admission.ts';
import { findAnvil } from './anvil-binary.ts';
import type { BlockRef } from './block-ref.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { startEngine } from './engine.ts';
import { lockDirectory } from './lock-directory.ts';
import type { ProxyOptions, RpcProxy } from './rpc-proxy.ts';
import { startRpcProxy } from './rpc-proxy.ts';

/** An anvil that dies this often within a minute is not started again. */
const MAX_STARTS = 10;
const STARTS_WITHIN_MS = 60_000;

export interface EmbeddedNodeOptions {
  /** Of the journal; created with mode 0700. One node at a time. */
  readonly directory: string;
  readonly chainId: number;
  readonly listen?: ProxyOptions['listen'];
  /** A Unix socket beside it. */
  readonly socket?: string;
  /** Shortest time from one block to the next, ms; there are no empty blocks. Timestamps are whole seconds and grow, so below 1000 the chain's time runs ahead under load. */
  readonly blockMs?: number;
  readonly now?: () => number;
  readonly onNote?: (text: string) => void;
  /** Where roles are held: others get little room in blocks. Absent: whoever sends is welcome. */
  readonly roles?: RoleSource;
}

/** A chain of this machine's own, which survives whatever kills it. */
export interface EmbeddedNode {
  readonly url: string;
  readonly chain: Engine['chain'];
  readonly replayed: Engine['replayed'];
  /** Undefined while the node behind is started again. */
  final(): BlockRef | undefined;
  /** Pid of the node behind. */
  pid(): number | undefined;
  /** Rejects when the node behind cannot be brought back. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * Starts the embedded ledger: replays its journal into a fresh anvil and opens the proxy in front of it.
 * @throws LEDGER_DAMAGED, LEDGER_FAILED, NOT_SUPPORTED (no anvil).
 */
export async function startEmbeddedNode(options: EmbeddedNodeOptions): Promise<EmbeddedNode> {
  const {
    directory,
    chainId,
    listen = { port: 0 },
    socket,
    blockMs = 1000,
    now = Date.now,
    onNote = () => {},
  } = options;
  const binary = findAnvil();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unlock = await lockDirectory(directory);
  const engineOptions: EngineOptions = {
    binary,
    directory,
    chainId,
    blockMs,
    now,
    onNote,
    ...(options.roles === undefined ? {} : { roles: options.roles }),
  };
  try {
    const supervised = await supervise(engineOptions);
    const { engine } = supervised;
    const proxies: RpcProxy[] = [];
    const close = async (): Promise<void> => {
      await Promise.all(proxies.map((each) => each.close()));
    };
    const open = async (where: ProxyOptions['listen']): Promise<RpcProxy> => {
      const proxy = await startRpcProxy({ listen: where, engine }).catch(async (error: unknown) => {
        await supervised.stop();
        await close();
        throw error;
      });
      proxies.push(proxy);
      return proxy;
    };
    const { url } = await open(listen);
    if (socket !== undefined) await open({ path: socket });
    return {
      url,
      chain: supervised.first.chain,
      replayed: supervised.first.replayed,
      final: () => supervised.engine()?.final(),
      pid: () => supervised.engine()?.pid,
      failed: supervised.failed,
      async stop() {
        await supervised.stop();
        await close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

interface Supervised {
  readonly first: Engine;
  engine(): Engine | undefined;
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Keeps one engine alive: when it breaks, the next one replays the same journal. */
async function supervise(options: EngineOptions): Promise<Supervised> {
  const first = await startEngine(options);
  let engine: Engine | undefined = first;
  let stopped = false;
  let starts: number[] = [];
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever wants to know awaits it; nobody has to.
  failed.catch(() => undefined);

  async function run(): Promise<void> {
    let current = first;
    for (;;) {
      await current.broken;
      engine = undefined;
      await current.stop();
      if (stopped) return;
      const nowMs = performance.now();
      starts = [...starts.filter((each) => each > nowMs - STARTS_WITHIN_MS), nowMs];
      if (starts.length > MAX_STARTS) throw new Error(`anvil ended ${starts.length} times within a minute`);
      options.onNote('the node behind has ended: starting it again');
      current = await startEngine(options);
      engine = current;
    }
  }
  const running = run().catch(fail);
  return {
    first,
    engine: () => engine,
    failed,
    async stop() {
      stopped = true;
      // Its anvil ends, so that the loop above comes to its end, in whatever step it is.
      while (!(await settledSoon(running))) await engine?.stop();
    },
  };
}

async function settledSoon(running: Promise<void>): Promise<boolean> {
  return Promise.race([
    running.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 20)),
  ]);
}

import { MusterError } from '../../protocol/errors.ts';
import type { PipelineAddress } from '../../protocol/ledger.ts';
import type { Header } from './chain-shapes.ts';
import type { Endpoint } from './endpoint.ts';

export interface PollerOptions {
  readonly chain: Pick<PipelineAddress, 'chainId' | 'genesisHash'>;
  readonly pollMs: number;
  /** Blocks on top of one until it counts as final. */
  readonly confirmations: number;
}

export interface ChainListener {
  /** Called at every look at the chain, with the newest final block; the next look waits for it. What it throws counts as silence. */
  onLook(final: Header): Promise<void>;
  onSilence?(silent: boolean): void;
  /** The endpoint is another chain now, or final blocks have changed: nothing more is told. */
  onFault?(error: MusterError): void;
}

/** Looks at a chain for all who want to know, as long as somebody does. */
export interface ChainPoller {
  listen(listener: ChainListener): () => void;
  /** The newest final block that was seen. */
  final(): Header | undefined;
  close(): void;
}

export function createChainPoller(
  endpoint: Pick<Endpoint, 'url' | 'chainId' | 'head' | 'header'>,
  options: PollerOptions,
): ChainPoller {
  const { pollMs, confirmations } = options;
  const listeners = new Set<ChainListener>();
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let closed = false;
  let silent = false;
  /** The endpoint may be another one after a silence. */
  let verified = false;
  let last: Header | undefined;

  async function look(): Promise<void> {
    if (!verified) await verifyChain(endpoint, options.chain);
    verified = true;
    const head = await endpoint.head();
    const number = Math.max(0, head.number - confirmations);
    const final = number === head.number ? head : await endpoint.header(number);
    // Behind what we know: it has still to catch up.
    if (final === undefined || final.number < (last?.number ?? 0)) return;
    await checkContinues(final);
    last = final;
    await Promise.all([...listeners].map((each) => each.onLook(final)));
    if (silent) tellSilence(false);
  }

  async function checkContinues(final: Header): Promise<void> {
    if (last === undefined || final.hash === last.hash) return;
    if (final.number === last.number + 1 && final.parentHash === last.hash) return;
    const again = await endpoint.header(last.number);
    // It has told of a later one: what it does not know now, it cannot continue.
    if (again === undefined) throw new Error(`block ${last.number} is not there`);
    if (again.hash !== last.hash) {
      throw new ChainFault(`block ${last.number} was final as ${last.hash} and is ${again.hash} now`);
    }
  }

  function tellSilence(now: boolean): void {
    silent = now;
    for (const each of listeners) each.onSilence?.(now);
  }

  async function run(): Promise<void> {
    running = true;
    timer = undefined;
    try {
      await look();
    } catch (error) {
      if (error instanceof ChainFault) {
        fault(error);
      } else {
        verified = false;
        if (!silent) tellSilence(true);
      }
    }
    running = false;
    schedule(pollMs);
  }

  function fault(cause: ChainFault): void {
    closed = true;
    const error = new MusterError('LEDGER_FAILED', `${endpoint.url}: ${cause.message}`, {
      hint: 'do not trust this endpoint; ask another one, or muster ledger verify',
      cause,
    });
    for (const each of [...listeners]) each.onFault?.(error);
  }

  function schedule(ms: number): void {
    if (closed || running || timer !== undefined || listeners.size === 0) return;
    timer = setTimeout(() => void run(), ms);
  }

  return {
    listen(listener) {
      listeners.add(listener);
      schedule(0);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearTimeout(timer);
        timer = undefined;
      };
    },
    final: () => last,
    close() {
      closed = true;
      clearTimeout(timer);
      listeners.clear();
    },
  };
}

/** @throws ChainFault when the endpoint is another chain than the pipeline's; what the network throws. */
export async function verifyChain(
  endpoint: Pick<Endpoint, 'chainId' | 'header'>,
  chain: PollerOptions['chain'],
): Promise<void> {
  const id = await endpoint.chainId();
  if (id !== chain.chainId)
    throw new ChainFault(`this is chain ${id}, the pipeline is on chain ${chain.chainId}`);
  const genesis = await endpoint.header(0);
  if (genesis === undefined) throw new ChainFault('it has no genesis block');
  if (genesis.hash !== chain.genesisHash) {
    throw new ChainFault(`this chain began with ${genesis.hash}, the pipeline's with ${chain.genesisHash}`);
  }
}

/** The endpoint answers, and what it says cannot be. */
export class ChainFault extends Error {
  override readonly name = 'ChainFault';
}

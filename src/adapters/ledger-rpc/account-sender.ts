import { keccak256 } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import type { Hex } from '../../protocol/ledger.ts';
import type { ChainPoller } from './chain-poller.ts';
import type { Receipt } from './chain-shapes.ts';
import type { Endpoint } from './endpoint.ts';
import { refusalInWords } from './refusal-in-words.ts';

/** A transaction that is not in a block by then is sent again, ms: a node may have lost it. */
const AGAIN_MS = 5000;
const RETRY_MS = 200;
/** How often a nonce that somebody else used is replaced before we give up. */
const MAX_RENUMBERED = 5;
/** Transactions in one message to the endpoint. */
const MOST_TOGETHER = 32;

export interface SenderOptions {
  readonly account: PrivateKeyAccount;
  readonly chainId: number;
  /** Of each transaction; free where gas is. */
  readonly gas: bigint;
  /** A transaction that is not final after this is given up, ms; it may still happen. */
  readonly finalWithinMs: number;
}

export interface Transaction {
  /** Undefined: creates a contract. */
  readonly to?: Hex;
  readonly data: Hex;
}

interface Waiting {
  readonly transaction: Transaction;
  readonly signal: AbortSignal;
  resolve(raw: Hex): void;
  reject(error: unknown): undefined;
}

export type Sent =
  | { readonly ok: true; readonly receipt: Receipt }
  | { readonly ok: false; readonly error: string };

/** Sends the transactions of one account, in the order in which they were given; `onTaken`: the endpoint has it. Never throws. */
export interface AccountSender {
  send(transaction: Transaction, signal?: AbortSignal, onTaken?: () => void): Promise<Sent>;
}

export function createAccountSender(
  endpoint: Pick<Endpoint, 'nonce' | 'send' | 'receipt' | 'attempt'>,
  poller: Pick<ChainPoller, 'listen'>,
  options: SenderOptions,
): AccountSender {
  let nonce: number | undefined;
  let waiting: Waiting[] = [];
  let handing = false;

  /** Until the endpoint has it, or refuses it. Silence is waited out. */
  async function hand(transaction: Transaction, signal: AbortSignal): Promise<Hex> {
    let renumbered = 0;
    for (;;) {
      signal.throwIfAborted();
      try {
        nonce ??= await endpoint.nonce(options.account.address);
        const raw = await sign(transaction, nonce, options);
        const answer = await endpoint.send(raw);
        if (answer.ok) {
          nonce++;
          return raw;
        }
        // Whoever else uses this account may have been quicker; or an answer was lost and it is our own.
        const known = await isKnown(endpoint, raw, answer.refusal.message);
        nonce = known ? nonce + 1 : undefined;
        if (known) return raw;
        if (!NONCE_TAKEN.test(answer.refusal.message) || ++renumbered > MAX_RENUMBERED) {
          throw new RefusedByNode(refusalInWords(answer.refusal));
        }
      } catch (error) {
        if (error instanceof RefusedByNode) throw error;
        await pause(RETRY_MS, signal);
      }
    }
  }

  /** Those that were given in the same turn, or while others were under way, travel together. */
  function inOrder(transaction: Transaction, signal: AbortSignal): Promise<Hex> {
    return new Promise((resolve, reject) => {
      waiting.push({ transaction, signal, resolve, reject: (error) => void reject(error) });
      if (!handing) void handAll();
    });
  }

  async function handAll(): Promise<void> {
    handing = true;
    await Promise.resolve();
    while (waiting.length > 0) {
      const some = waiting.slice(0, MOST_TOGETHER);
      waiting = waiting.slice(MOST_TOGETHER);
      const taken = some.length === 1 ? new Map<Waiting, Hex>() : await offer(some);
      let leftOut = 0;
      for (const each of some) {
        const raw = taken.get(each) ?? (await hand(each.transaction, each.signal).catch(each.reject));
        if (raw === undefined) leftOut++;
        else each.resolve(raw);
      }
      // What was taken behind a number that nobody uses would wait for ever: the number goes to a transaction that does nothing.
      if (leftOut > 0 && taken.size > 0) {
        const { address } = options.account;
        await hand({ to: address, data: '0x' }, AbortSignal.timeout(options.finalWithinMs)).catch(() => {});
      }
    }
    handing = false;
  }

  /** What the endpoint takes of them at once. What it does not take is handed alone, the first of them with the number that it had. */
  async function offer(some: readonly Waiting[]): Promise<ReadonlyMap<Waiting, Hex>> {
    const wanted = some.filter(({ signal }) => !signal.aborted);
    try {
      const first = nonce ?? (await endpoint.nonce(options.account.address));
      const raws = await Promise.all(wanted.map((each, at) => sign(each.transaction, first + at, options)));
      const answers = await Promise.allSettled(raws.map((raw) => endpoint.send(raw)));
      const isTaken = answers.map((each) => each.status === 'fulfilled' && each.value.ok);
      nonce = first + (isTaken.includes(false) ? isTaken.indexOf(false) : wanted.length);
      return new Map(
        wanted.flatMap((each, at) => {
          const raw = raws[at];
          return isTaken[at] === true && raw !== undefined ? [[each, raw] as const] : [];
        }),
      );
    } catch {
      // It does not tell its nonce, or does not answer at all: that is waited out for each.
      nonce = undefined;
      return new Map();
    }
  }

  return {
    async send(transaction, given, onTaken) {
      const deadline = AbortSignal.timeout(options.finalWithinMs);
      const signal = given === undefined ? deadline : AbortSignal.any([given, deadline]);
      try {
        const raw = await inOrder(transaction, signal);
        onTaken?.();
        const receipt = await finalReceipt(endpoint, poller, raw, signal);
        if (receipt.status === 1) return { ok: true, receipt };
        return { ok: false, error: await reasonOf(endpoint, options.account, transaction, receipt) };
      } catch (error) {
        if (error instanceof RefusedByNode) return { ok: false, error: error.message };
        // What was sent may yet be taken: the next one asks for its nonce.
        nonce = undefined;
        if (deadline.aborted) {
          return { ok: false, error: `not final within ${options.finalWithinMs} ms; it may still happen` };
        }
        if (signal.aborted) return { ok: false, error: 'given up waiting; it may still happen' };
        return { ok: false, error: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

class RefusedByNode extends Error {
  override readonly name = 'RefusedByNode';
}

const NONCE_TAKEN = /nonce (is )?too low|underpriced|already (known|imported)|nonce.*lower/i;

async function isKnown(endpoint: Pick<Endpoint, 'receipt'>, raw: Hex, refusal: string): Promise<boolean> {
  if (/already (known|imported)/i.test(refusal)) return true;
  return (await endpoint.receipt(keccak256(raw))) !== undefined;
}

function sign(transaction: Transaction, nonce: number, options: SenderOptions): Promise<Hex> {
  const { chainId, gas, account } = options;
  const to = transaction.to === undefined ? {} : { to: transaction.to };
  return account.signTransaction({
    type: 'legacy',
    chainId,
    nonce,
    gas,
    gasPrice: 0n,
    data: transaction.data,
    ...to,
  });
}

/** The receipt once its block is final. */
function finalReceipt(
  endpoint: Pick<Endpoint, 'receipt' | 'send'>,
  poller: Pick<ChainPoller, 'listen'>,
  raw: Hex,
  signal: AbortSignal,
): Promise<Receipt> {
  const hash = keccak256(raw);
  return new Promise((resolve, reject) => {
    let asked = -1;
    let sentAtMs = performance.now();
    const end = () => {
      unlisten();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      end();
      reject(signal.reason instanceof Error ? signal.reason : new Error('given up'));
    };
    const unlisten = poller.listen({
      async onLook(final) {
        if (final.number > asked) {
          const receipt = await endpoint.receipt(hash);
          if (receipt !== undefined && receipt.blockNumber <= final.number) {
            end();
            resolve(receipt);
            return;
          }
          asked = final.number;
        }
        if (performance.now() - sentAtMs < AGAIN_MS) return;
        sentAtMs = performance.now();
        await endpoint.send(raw);
        // It may have been put into a block that we have looked at already.
        asked = -1;
      },
      onFault: (error) => {
        end();
        reject(error);
      },
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** The chain does not keep why: the same is tried once more after its block and before it. */
async function reasonOf(
  endpoint: Pick<Endpoint, 'attempt'>,
  account: PrivateKeyAccount,
  { to, data }: Transaction,
  { blockNumber }: Receipt,
): Promise<string> {
  if (to === undefined) return 'the contract was not created';
  for (const block of [blockNumber, blockNumber - 1]) {
    const refusal = await endpoint.attempt({ from: account.address, to, data }, block).catch(() => undefined);
    if (refusal !== undefined) return refusalInWords(refusal);
  }
  return 'refused by the contract';
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error('given up'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

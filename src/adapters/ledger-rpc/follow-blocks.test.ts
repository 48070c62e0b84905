import { describe, expect, it } from 'vitest';
import type { Hex } from '../../protocol/ledger.ts';
import type { ChainListener } from './chain-poller.ts';
import type { ChainLog, FullBlock } from './chain-shapes.ts';
import { followBlocks } from './follow-blocks.ts';

/** What the hash of block 0 stands for. */
const FIRST = 10_000;
const hash = (number: number, fork = 0): Hex =>
  `0x${(FIRST * (fork + 1) + number).toString(16).padStart(64, '0')}`;
const PIPELINE = {
  chainId: 1,
  genesisHash: hash(0),
  attestation: `0x${'a'.repeat(40)}`,
  keys: `0x${'b'.repeat(40)}`,
  fromBlock: 1,
} as const;

/** A chain of which every block has an event, behind nodes that know it up to `known`. */
class Chain {
  known = 0;
  /** What cannot be asked now. */
  down = new Set<Hex>();

  readonly header = async (number: number): Promise<FullBlock | undefined> =>
    number > this.known ? undefined : blockAt(number);
  readonly headerOf = async (of: Hex): Promise<FullBlock | undefined> => {
    const found = await this.header(Math.max(0, Number(of) - FIRST));
    return found?.hash === of ? found : undefined;
  };
  readonly block = async (of: Hex): Promise<FullBlock | undefined> => {
    if (this.down.has(of)) throw new Error('no answer');
    return this.headerOf(of);
  };
  /** As nodes do it: up to what they know, without a word. */
  logs = async (_: readonly Hex[], from: number, to: number): Promise<readonly ChainLog[]> =>
    [...Array(Math.max(0, Math.min(to, this.known) - from + 1)).keys()].map((index) => logOf(from + index));
}

function blockAt(number: number): FullBlock {
  const transactions = [{ hash: hash(number, 9), from: PIPELINE.keys, input: '0x' }] as const;
  return {
    number,
    hash: hash(number),
    parentHash: hash(number - 1),
    timestamp: number,
    transactions: [...transactions],
  };
}

function logOf(number: number, fork = 0): ChainLog {
  return {
    address: PIPELINE.attestation,
    topics: [hash(77)],
    data: '0x',
    blockNumber: number,
    blockHash: hash(number, fork),
    transactionHash: hash(number, 9),
    logIndex: 0,
    removed: false,
  };
}

function follow(chain: Chain, onBlock: (number: number) => void = () => {}) {
  const told: number[] = [];
  const listeners: ChainListener[] = [];
  const poller = {
    listen: (listener: ChainListener) => {
      listeners.push(listener);
      return () => {};
    },
  };
  followBlocks(chain, poller, PIPELINE, {
    fromBlock: 1,
    onBlock: ({ number }) => {
      told.push(number);
      onBlock(number);
    },
  });
  const look = async (number: number) => listeners[0]?.onLook(blockAt(number));
  return { told, look };
}

describe('following blocks', () => {
  it('a node that is behind, and tells the events of fewer blocks, makes nobody miss the others', async () => {
    const chain = new Chain();
    const { told, look } = follow(chain);
    chain.known = 3;
    await look(3);
    // Another node has told of block 6; the one that is asked for events is not there yet.
    await expect(look(6)).rejects.toThrow('does not know it yet');
    chain.known = 4;
    await expect(look(6)).rejects.toThrow('does not know it yet');
    chain.known = 6;
    await look(6);
    expect(told).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('the same where more blocks are to be told than are asked for at a time', async () => {
    const chain = new Chain();
    const { told, look } = follow(chain);
    chain.known = 900;
    await expect(look(2500)).rejects.toThrow('does not know it yet');
    chain.known = 2500;
    await look(2500);
    expect(told).toEqual(Array.from({ length: 2500 }, (_, index) => index + 1));
  });

  it('a stretch that fails half way is told whole and once, with the next look', async () => {
    const chain = new Chain();
    const { told, look } = follow(chain);
    chain.known = 5;
    chain.down.add(hash(4));
    await expect(look(5)).rejects.toThrow('no answer');
    chain.down.clear();
    await look(5);
    await look(5);
    expect(told).toEqual([1, 2, 3, 4, 5]);
  });

  it('who fails over a block is not told it again, and is told what follows', async () => {
    const chain = new Chain();
    const { told, look } = follow(chain, (number) => {
      if (number === 2) throw new Error('it fails');
    });
    chain.known = 4;
    await expect(look(4)).rejects.toThrow('it fails');
    await look(4);
    expect(told).toEqual([1, 2, 3, 4]);
  });

  it('takes no event of a block that is not the one of the chain', async () => {
    const chain = new Chain();
    const { told, look } = follow(chain);
    chain.known = 3;
    chain.logs = async () => [logOf(2), logOf(3, 1)];
    await expect(look(3)).rejects.toThrow();
    chain.logs = async () => [logOf(2), logOf(2), logOf(3)];
    await look(3);
    expect(told).toEqual([2, 3]);
  });
});

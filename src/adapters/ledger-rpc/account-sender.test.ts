import { type Hex, keccak256, parseTransaction } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { expect, test } from 'vitest';
import { createAccountSender } from './account-sender.ts';
import type { ChainPoller } from './chain-poller.ts';
import type { Endpoint } from './endpoint.ts';

const TO = '0x00000000000000000000000000000000000000aa';
const HEAD = { hash: keccak256('0x01'), parentHash: keccak256('0x02'), timestamp: 1 };
const receiptOf = (raw: Hex) => ({
  transactionHash: keccak256(raw),
  blockNumber: 1,
  blockHash: keccak256('0x01'),
  status: 1 as const,
  contractAddress: null,
});

/** A node of one account: takes what has the next number or a later one; `refuse` says what it has against one. */
function bench(refuse: (data: Hex, tries: number) => 'silent' | 'refused' | undefined = () => undefined) {
  const taken = new Map<number, Hex>();
  const tries = new Map<Hex, number>();
  /** Data of what was sent, those of one turn together. */
  const turns: Hex[][] = [];
  let turn: Hex[] | undefined;
  const endpoint: Pick<Endpoint, 'nonce' | 'send' | 'receipt' | 'attempt'> = {
    attempt: async () => undefined,
    async nonce() {
      let next = 0;
      while (taken.has(next)) next++;
      return next;
    },
    async send(raw) {
      const { data = '0x', nonce = 0 } = parseTransaction(raw);
      if (turn === undefined) {
        turn = [];
        turns.push(turn);
        setImmediate(() => {
          turn = undefined;
        });
      }
      turn.push(data);
      const count = (tries.get(data) ?? 0) + 1;
      tries.set(data, count);
      const against = refuse(data, count);
      if (against === 'silent') throw new Error('no answer');
      const refusal = (message: string) => ({ ok: false, refusal: { code: -32000, message } }) as const;
      if (against === 'refused') return refusal('it is too large');
      if (taken.get(nonce) === raw) return refusal('already imported');
      if (taken.has(nonce)) return refusal('replacement transaction underpriced');
      taken.set(nonce, raw);
      return { ok: true };
    },
    async receipt(hash) {
      const numbers = [...taken].filter(([, raw]) => keccak256(raw) === hash).map(([number]) => number);
      // What waits for an earlier number is in no block.
      const [number = -1] = numbers;
      const isMined = Array.from({ length: number + 1 }, (_, at) => at).every((at) => taken.has(at));
      const raw = taken.get(number);
      return raw === undefined || !isMined ? undefined : receiptOf(raw);
    },
  };
  let head = 1;
  const poller: Pick<ChainPoller, 'listen'> = {
    listen({ onLook }) {
      const timer = setInterval(() => void onLook({ ...HEAD, number: head++ }), 1);
      return () => clearInterval(timer);
    },
  };
  const sender = createAccountSender(endpoint, poller, {
    account: privateKeyToAccount(`0x${'11'.repeat(32)}`),
    chainId: 1,
    gas: 100_000n,
    finalWithinMs: 10_000,
  });
  const send = (...all: readonly Hex[]) => Promise.all(all.map((data) => sender.send({ to: TO, data })));
  const order = () => [...taken].sort(([a], [b]) => a - b).map(([, raw]) => parseTransaction(raw).data);
  return { sender, send, order, turns, taken };
}

test('what is given together travels together, in its order', async () => {
  const { send, order, turns } = bench();
  const done = await send('0x01', '0x02', '0x03');
  expect(done.map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(order()).toEqual(['0x01', '0x02', '0x03']);
  expect(turns).toEqual([['0x01', '0x02', '0x03']]);
});

test('one that is refused leaves no gap behind it, and nothing happens twice', async () => {
  const { send, order, taken } = bench((data) => (data === '0x02' ? 'refused' : undefined));
  const [first, second, third, fourth] = [
    ...(await Promise.all([send('0x01', '0x02', '0x03'), send('0x04')])).flat(),
  ];
  expect(second).toEqual({ ok: false, error: expect.stringContaining('too large') });
  expect([first?.ok, third?.ok, fourth?.ok]).toEqual([true, true, true]);
  // The number that it had goes to the next, or to one that does nothing.
  expect(
    order()
      .filter((data) => data !== undefined)
      .toSorted(),
  ).toEqual(['0x01', '0x03', '0x04']);
  expect([...taken.keys()].toSorted()).toEqual([0, 1, 2, 3]);
});

test('an endpoint that was silent is asked again, whether it had taken anything or not', async () => {
  const { send, order } = bench((data, count) => (data !== '0x01' && count === 1 ? 'silent' : undefined));
  const done = await send('0x01', '0x02', '0x03');
  expect(done.map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(order()).toEqual(['0x01', '0x02', '0x03']);
});

test('says when the endpoint has it, before it is final', async () => {
  const { sender } = bench();
  const told: string[] = [];
  const sent = sender
    .send({ to: TO, data: '0x01' }, undefined, () => told.push('taken'))
    .then(() => told.push('final'));
  await sent;
  expect(told).toEqual(['taken', 'final']);
});

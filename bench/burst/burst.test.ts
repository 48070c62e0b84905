import { expect, test } from 'vitest';
import { runBurst } from './run-burst.ts';

const SETTINGS = { services: 200, seed: 1, alone: 0, warmUp: 0 } as const;

test('200 services at once on 40 sites: all are answered, and nothing is booked twice', async () => {
  const { placed, unanswered, wrong } = await runBurst({ ...SETTINGS, kind: 'room', loss: 0 });
  expect(wrong).toEqual([]);
  expect([placed, unanswered]).toEqual([200, 0]);
}, 240_000);

test('200 services at once where half of them fit, and messages are lost and doubled: the same', async () => {
  const { placed, refused, unanswered, wrong } = await runBurst({ ...SETTINGS, kind: 'tight', loss: 0.05 });
  expect(wrong).toEqual([]);
  expect(unanswered).toBe(0);
  // Room for some, and not for all: otherwise nothing has been at stake.
  expect(Math.min(placed, refused)).toBeGreaterThan(20);
}, 240_000);

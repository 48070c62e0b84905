import { afterEach, beforeEach, expect, test } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../adapters/clock-virtual/virtual-clock.ts';
import { ring } from '../../core/placement/testing/small-substrate.ts';
import { topologyOf } from '../../core/placement/topology.ts';
import { agentId, nodeName } from '../../protocol/ids.ts';
import { AskedWishes } from './asked-wishes.ts';
import { BookKeepers } from './book-keepers.ts';
import { BookedServices } from './booked-services.ts';

const AGENT = agentId('a-s0');
const BOOKS = [{ site: nodeName('s0'), agent: AGENT }];

let clock: VirtualClock;
let keepers: BookKeepers;
let wishes: AskedWishes;
/** Numbers of the wishes that it was asked, and when. */
let asked: { readonly wish: number; readonly atMs: number }[];
let faults: string[];
let standings: number;
beforeEach(() => {
  [asked, faults, standings] = [[], [], 0];
  clock = createVirtualClock({ startAtMs: 0 });
  wishes = new AskedWishes({
    clock,
    post: (_, event) => {
      const wish = event.kind === 'goal' ? Number(event.args['wish']) : 0;
      asked.push({ wish, atMs: clock.nowMs() });
    },
  });
  keepers = new BookKeepers({
    clock,
    books: BOOKS,
    wishes,
    booked: new BookedServices(topologyOf(ring()), BOOKS),
    onFault: (_fault, _subject, reason) => faults.push(reason),
    onStanding: () => {
      standings++;
    },
  });
});
afterEach(() => clock.close());

const answer = (more: object): void => {
  const action = { kind: 'placing-answer', wish: asked.at(-1)?.wish, service: '', ...more };
  expect(wishes.take(AGENT, action)).toBeUndefined();
};
const refuse = () => answer({ ok: false, error: 'not enough is free' });
const grant = () => answer({ ok: true, placed: null });

test('an agent that refuses what stands in its book is told again, later each time, until it opens', () => {
  const waits: number[] = [];
  keepers.tell(AGENT);
  for (let n = 0; n < 8; n++) {
    refuse();
    expect(keepers.isThere(AGENT)).toBe(false);
    // Nobody waits for it meanwhile.
    expect(keepers.someSettle(true)).toBe(false);
    const refusedAtMs = clock.nowMs();
    const before = asked.length;
    while (asked.length === before) clock.runUntil(clock.nowMs() + 100);
    waits.push(((asked.at(-1)?.atMs ?? 0) - refusedAtMs) / 1000);
    expect(keepers.someSettle()).toBe(false);
    expect(keepers.someSettle(true)).toBe(true);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  expect(faults[1]).toBe('its book stays closed: not enough is free; it is told again in 2 s');
  grant();
  expect(keepers.open()).toEqual([AGENT]);
  expect(standings).toBe(9);
  expect(asked).toHaveLength(9);
});

test('whoever has ended meanwhile is not told again; its successor is told at once, and waits anew', () => {
  keepers.tell(AGENT);
  refuse();
  keepers.leave(AGENT);
  clock.runUntil(10_000);
  expect(asked).toHaveLength(1);
  keepers.tell(AGENT);
  refuse();
  expect(faults.at(-1)).toContain('told again in 1 s');
  // Told by somebody else meanwhile: not twice.
  keepers.tellAgain(AGENT);
  grant();
  clock.runUntil(clock.nowMs() + 10_000);
  expect(asked).toHaveLength(3);
  expect(keepers.open()).toEqual([AGENT]);
});

test('nobody is told any more once it is closed', () => {
  keepers.tell(AGENT);
  refuse();
  keepers.close();
  clock.runUntil(10_000);
  expect(asked).toHaveLength(1);
});

import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../protocol/ledger.ts';
import { account, attestedEvents, FakeChain, hex32 } from '../../runtime/trust/testing/fake-ledger.ts';
import type { LedgerState } from './ledger-model.ts';
import { applyBlock, EMPTY_LEDGER } from './ledger-state.ts';
import { EPOCH_LIVES_S, epochIsDue, isHeld, keyedAgents, needsEpoch, stewardAt } from './steward.ts';

const WITHIN_S = 5;
const CHANGED_AT = 100;
const [first, second, third] = [hex32(21), hex32(22), hex32(23)];

const member = (key: typeof first, name: string, change: { kemKey?: typeof first } = {}) =>
  attestedEvents({
    key,
    name,
    guard: account(5),
    incarnation: 1,
    round: Number(key),
    openedAt: 100,
    validUntil: 160,
    kemKey: hex32(31),
    frameKey: hex32(32),
    ...change,
  });

function stateOf(...events: readonly LedgerEvent[]) {
  const chain = new FakeChain();
  const all = [...member(first, 'a1'), ...member(second, 'a2'), ...member(third, 'a3')];
  const changed = { kind: 'AttestedSetChanged', version: 3 } as const;
  return applyBlock(EMPTY_LEDGER, chain.block(100, ...all, changed, ...events));
}

const stewardOf = (state: LedgerState, seconds: number) =>
  stewardAt(state, { seconds, setChangedAt: CHANGED_AT, stewardWithin: WITHIN_S });

describe('the steward', () => {
  it('is the root of trust, which is the last that was attested', () => {
    expect(stewardOf(stateOf(), 100)).toBe(third);
  });

  it('is the next in order for each time that the one before has let pass', () => {
    const state = stateOf();
    expect([104.9, 105, 110, 115, 120].map((at) => stewardOf(state, at))).toEqual([
      third,
      first,
      second,
      third,
      first,
    ]);
  });

  it('the order is the plan, as the contract has it', () => {
    const state = stateOf({ kind: 'PlanSet', order: [third, second, first] });
    expect([100, 105, 110].map((at) => stewardOf(state, at))).toEqual([third, second, first]);
  });

  it('is nobody who has lost its trust, or has no key', () => {
    const revoked = stateOf({ kind: 'Revoked', agent: third, incarnation: 1, reason: 'r' });
    expect([100, 105, 110].map((at) => stewardOf(revoked, at))).toEqual([first, second, first]);
    const keyless = stateOf(...member(third, 'a3', { kemKey: hex32(0) }));
    expect(keyedAgents(keyless, 100).map((each) => each.agent)).toEqual([first, second]);
    expect(stewardOf(keyless, 100)).toBe(first);
  });

  it('is nobody once all validity has run out', () => {
    expect(stewardOf(stateOf(), 160)).toBeUndefined();
    expect(stewardOf(EMPTY_LEDGER, 100)).toBeUndefined();
  });

  it('a clock before the change of the set asks for the first in order', () => {
    expect(stewardOf(stateOf(), 50)).toBe(third);
  });
});

describe('an epoch for the attested set', () => {
  const opened = (...acknowledged: (typeof first)[]) =>
    stateOf(
      { kind: 'EpochOpened', epoch: 1, setVersion: 3, rosterHash: hex32(1), steward: third },
      ...acknowledged.map((agent) => ({ kind: 'Acknowledged', epoch: 1, agent }) as const),
    );
  const times = (seconds: number) => ({ seconds, setChangedAt: CHANGED_AT, stewardWithin: WITHIN_S });
  const whether = (state: LedgerState, seconds: number) => [
    epochIsDue(state, times(seconds)),
    stewardOf(state, seconds),
  ];

  it('that most cannot open is passed over, with its steward, and not before its time', () => {
    for (const state of [opened(), opened(third), opened(third, third)]) {
      expect(whether(state, 104.9)).toEqual([false, undefined]);
      expect(whether(state, 105)).toEqual([true, first]);
      expect(whether(state, 110)).toEqual([true, second]);
    }
  });

  it('that most hold stays, and is renewed by whoever opened it', () => {
    for (const state of [opened(first, second), opened(first, second, third)])
      for (const at of [100, 105, 150]) expect(whether(state, at)).toEqual([false, third]);
  });

  it('is renewed by whoever opened it once it has had its time', () => {
    const state = opened(first, second);
    const attested = {
      ...state,
      agents: new Map([...state.agents].map(([key, each]) => [key, { ...each, validUntil: 10_000 }])),
    };
    expect(whether(attested, 100 + EPOCH_LIVES_S - 0.1)).toEqual([false, third]);
    expect(whether(attested, 100 + EPOCH_LIVES_S)).toEqual([true, third]);
  });

  it('is renewed by the first in order once its steward is gone', () => {
    const keyless = [opened(first, second)].map((state) => ({
      ...state,
      agents: new Map(
        [...state.agents].map(([key, each]) => [
          key,
          { ...each, kemKey: key === third ? hex32(0) : each.kemKey },
        ]),
      ),
    }));
    for (const state of keyless) expect(whether(state, 150)).toEqual([false, first]);
  });

  it('is held by those who are keyed now, not by those who were', () => {
    const state = opened(first, second);
    const [epoch] = [...state.epochs.values()];
    expect(epoch?.openedAt).toBe(100);
    expect(epoch !== undefined && isHeld(state, epoch, 159)).toBe(true);
    expect(epoch !== undefined && isHeld(state, epoch, 160)).toBe(false);
  });
});

describe('an epoch is needed', () => {
  it('when the attested set has changed since the last was opened', () => {
    expect(needsEpoch(EMPTY_LEDGER)).toBe(false);
    expect(needsEpoch(stateOf())).toBe(true);
    const opened = (setVersion: number) =>
      stateOf({ kind: 'EpochOpened', epoch: 1, setVersion, rosterHash: hex32(1), steward: first });
    expect(needsEpoch(opened(3))).toBe(false);
    expect(needsEpoch(opened(2))).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../protocol/ledger.ts';
import { account, attestedEvents, FakeChain, hex32 } from '../../runtime/trust/testing/fake-ledger.ts';
import type { LedgerState } from './ledger-model.ts';
import { applyBlock, EMPTY_LEDGER } from './ledger-state.ts';
import { keyedAgents, needsEpoch, stewardAt } from './steward.ts';

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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerBlock, LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import {
  account,
  attestedEvents,
  evidenceOf,
  FakeChain,
  hex32,
  passedEvents,
  registeredEvent,
} from '../../runtime/trust/testing/fake-ledger.ts';
import { applyBlock, EMPTY_LEDGER, isAttestedAt } from './ledger-state.ts';

const agent = {
  key: hex32(21),
  name: 'a1',
  guard: account(5),
  incarnation: 1,
  round: 1,
  openedAt: 100,
  validUntil: 160,
  kemKey: hex32(31),
  frameKey: hex32(32),
};
const verifier = hex32(22);
const successor = hex32(23);

const stateOf = (blocks: readonly LedgerBlock[]) => blocks.reduce(applyBlock, EMPTY_LEDGER);
function stateAfter(...events: readonly LedgerEvent[]) {
  const chain = new FakeChain();
  chain.block(100, ...attestedEvents(agent));
  chain.block(120, ...events);
  return stateOf(chain.blocks);
}

/** A second round of the agent, judged by one verifier. */
const opened = {
  kind: 'RoundOpened',
  round: 2,
  agent: agent.key,
  incarnation: 1,
  index: 1,
  nonce: hex32(41),
  answerHash: hex32(42),
  verifiers: [verifier],
  openedAt: 120,
  commitBy: 130,
} as const;
const committed = {
  kind: 'Committed',
  round: 2,
  agent: agent.key,
  evidence: evidenceOf(agent),
  binding: hex32(43),
  verdictBy: 140,
} as const;

describe('the state of a ledger', () => {
  it('is the same for any chunking and repetition of blocks', () => {
    const keys = [hex32(21), hex32(22), hex32(23)];
    const key = fc.constantFrom(...keys);
    const round = fc.integer({ min: 1, max: 6 });
    const event: fc.Arbitrary<LedgerEvent> = fc.oneof(
      fc.constant<LedgerEvent>({ kind: 'GuardEnrolled', guard: agent.guard, site: hex32(4), siteName: 's' }),
      fc.constant<LedgerEvent>({ kind: 'GuardRemoved', guard: agent.guard }),
      key.map(
        (k): LedgerEvent => ({
          kind: 'AgentAdmitted',
          agent: k,
          name: `n${k.slice(-2)}`,
          guard: agent.guard,
        }),
      ),
      fc.tuple(key, round).map(([k, n]) => registeredEvent(k, n, hex32(5), 32)),
      fc.tuple(key, round).map(([k, n]): LedgerEvent => ({ ...opened, agent: k, round: n })),
      fc.tuple(key, round).map(([k, n]): LedgerEvent => ({ ...committed, agent: k, round: n })),
      fc.tuple(key, round).map(
        ([k, n]): LedgerEvent => ({
          kind: 'RoundPassed',
          round: n,
          agent: k,
          incarnation: 1,
          verifier: ZERO,
          validUntil: 100 + n,
          rootOfTrust: k,
        }),
      ),
      fc
        .tuple(key, round, key)
        .map(([k, n, silent]): LedgerEvent => ({ kind: 'RoundExpired', round: n, agent: k, silent })),
      key.map((k): LedgerEvent => ({ kind: 'Revoked', agent: k, incarnation: 1, reason: 'r' })),
      round.map(
        (n): LedgerEvent => ({
          kind: 'EpochOpened',
          epoch: n,
          setVersion: n,
          rosterHash: hex32(n),
          steward: hex32(21),
        }),
      ),
      fc
        .tuple(key, round)
        .map(([k, n]): LedgerEvent => ({ kind: 'Envelope', epoch: n, agent: k, sealedKey: '0x01' })),
      fc.tuple(key, round).map(([k, n]): LedgerEvent => ({ kind: 'Acknowledged', epoch: n, agent: k })),
      round.map((n): LedgerEvent => ({ kind: 'AttestedSetChanged', version: n })),
    );
    const blocks = fc.array(fc.array(event, { maxLength: 5 }), { minLength: 1, maxLength: 12 });
    const again = fc.array(fc.nat(), { maxLength: 20 });
    fc.assert(
      fc.property(blocks, again, (contents, back) => {
        const chain = new FakeChain();
        for (const [i, events] of contents.entries()) chain.block(100 + i, ...events);
        const whole = stateOf(chain.blocks);
        // A reader that begins again from an earlier block every now and then.
        let state = EMPTY_LEDGER;
        chain.blocks.forEach((_, i) => {
          const from = (back[i] ?? 0) % (i + 1);
          for (const block of chain.blocks.slice(from, i + 1)) state = applyBlock(state, block);
        });
        expect(state).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('does not change a state that somebody holds', () => {
    const chain = new FakeChain();
    const before = applyBlock(EMPTY_LEDGER, chain.block(100, ...attestedEvents(agent)));
    const copy = structuredClone(before);
    applyBlock(before, chain.block(120, opened, committed, { ...lost('Revoked') }));
    expect(before).toEqual(copy);
  });

  it('knows who is attested, until when, and with which keys', () => {
    const state = stateAfter();
    expect(isAttestedAt(state, agent.key, 159)).toBe(true);
    expect(isAttestedAt(state, agent.key, 160)).toBe(false);
    expect(state.agents.get(agent.key)).toMatchObject({ kemKey: agent.kemKey, frameKey: agent.frameKey });
  });

  it('a new incarnation inherits no trust and no key', () => {
    const state = stateAfter(registeredEvent(agent.key, 2, hex32(5), 32));
    expect(isAttestedAt(state, agent.key, 121)).toBe(false);
    expect(state.agents.get(agent.key)).toMatchObject({
      incarnation: 2,
      kemKey: ZERO,
      frameKey: ZERO,
      validUntil: 0,
    });
  });

  it('a round that fails or is missed ends; whoever it was about can be challenged again', () => {
    for (const end of [
      { kind: 'RoundFailed', round: 2, agent: agent.key, incarnation: 1, reason: 'refused' },
      { kind: 'RoundExpired', round: 2, agent: agent.key, silent: agent.key },
      { kind: 'RoundExpired', round: 2, agent: agent.key, silent: ZERO },
    ] as const) {
      const state = stateAfter(opened, committed, end);
      expect(state.agents.get(agent.key)?.round).toBe(0);
      expect(['failed', 'expired']).toContain(state.rounds.get(2)?.phase);
    }
  });

  it('a verifier that falls silent does not end the round: its successor judges', () => {
    const state = stateAfter(
      opened,
      committed,
      { kind: 'RoundExpired', round: 2, agent: agent.key, silent: verifier },
      { kind: 'VerifierReplaced', round: 2, silent: verifier, successor, verdictBy: 150 },
    );
    expect(state.rounds.get(2)).toMatchObject({ phase: 'committed', verifiers: [successor], deadline: 150 });
    expect(state.agents.get(agent.key)?.round).toBe(2);
  });

  it('with nobody left to judge the registry does', () => {
    const state = stateAfter(
      opened,
      committed,
      { kind: 'RoundExpired', round: 2, agent: agent.key, silent: verifier },
      { kind: 'Arbitration', round: 2, verdictBy: 150 },
    );
    expect(state.rounds.get(2)).toMatchObject({ phase: 'committed', verifiers: [], deadline: 150 });
  });

  it('an agent whose validity has run out may come back by passing a round', () => {
    const state = stateAfter({ kind: 'ValidityExpired', agent: agent.key, incarnation: 1 });
    expect(state.agents.get(agent.key)?.status).toBe('suspended');
    const again = stateAfter(
      { kind: 'ValidityExpired', agent: agent.key, incarnation: 1 },
      ...passedEvents({ ...agent, round: 2, openedAt: 120, validUntil: 180 }),
    );
    expect(isAttestedAt(again, agent.key, 179)).toBe(true);
  });

  it('what is told of an epoch that is over changes nothing', () => {
    const open = (epoch: number) =>
      ({ kind: 'EpochOpened', epoch, setVersion: epoch, rosterHash: hex32(1), steward: agent.key }) as const;
    const state = stateAfter(
      open(1),
      open(2),
      { kind: 'Envelope', epoch: 1, agent: agent.key, sealedKey: '0x01' },
      { kind: 'Acknowledged', epoch: 1, agent: agent.key },
    );
    expect(state.epoch?.envelopes.size).toBe(0);
    expect(state.epoch?.acknowledged.size).toBe(0);
  });
});

function lost(kind: 'Revoked' | 'Suspended') {
  return { kind, agent: agent.key, incarnation: 1, reason: 'r' } as const;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentKey, Hex, LedgerBlock, LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { LedgerState } from './ledger-model.ts';
import { applyBlock, attestedAt, EMPTY_LEDGER } from './ledger-state.ts';
import { seatBeside } from './seat.ts';

const word = (value: number): Hex => `0x${value.toString(16).padStart(64, '0')}`;
const GUARD: Hex = `0x${'ab'.repeat(20)}`;
const [A, B, C] = [word(0xa1), word(0xa2), word(0xa3)];

function blocksOf(events: readonly (readonly LedgerEvent[])[]): LedgerBlock[] {
  let logIndex = 0;
  return events.map((each, index) => {
    logIndex = 0;
    return {
      number: index + 1,
      hash: word(1000 + index),
      parentHash: word(999 + index),
      timestamp: 100 + index,
      entries: each.map((event) => ({ logIndex: logIndex++, transaction: word(5), from: GUARD, event })),
    };
  });
}

const replay = (blocks: readonly LedgerBlock[], from: LedgerState = EMPTY_LEDGER): LedgerState =>
  blocks.reduce(applyBlock, from);

const admitted = (agent: AgentKey): LedgerEvent => ({
  kind: 'AgentAdmitted',
  agent,
  name: agent.slice(-2),
  guard: GUARD,
});
const registered = (agent: AgentKey, incarnation = 1, version = 1): LedgerEvent => ({
  kind: 'AgentRegistered',
  agent,
  incarnation,
  version,
  imageDigest: word(7),
  referenceCommitment: word(8),
  challengesRoot: word(9),
  challenges: 64,
});
const opened = (round: number, agent: AgentKey, verifiers: readonly AgentKey[] = []): LedgerEvent => ({
  kind: 'RoundOpened',
  round,
  agent,
  incarnation: 1,
  index: round,
  nonce: word(round),
  answerHash: word(round + 50),
  verifiers,
  openedAt: 100,
  commitBy: 105,
});
const committed = (round: number, agent: AgentKey): LedgerEvent => ({
  kind: 'Committed',
  round,
  agent,
  evidence: {
    bootId: word(1),
    pid: 2,
    startTime: 3,
    incarnation: 1,
    decisionHead: ZERO,
    kemKey: word(71),
    frameKey: word(72),
    quoteHash: ZERO,
  },
  binding: word(60),
  verdictBy: 110,
});
const passed = (round: number, agent: AgentKey, validUntil = 160): LedgerEvent => ({
  kind: 'RoundPassed',
  round,
  agent,
  incarnation: 1,
  verifier: ZERO,
  validUntil,
  rootOfTrust: agent,
});
const expired = (round: number, agent: AgentKey, silent: AgentKey): LedgerEvent => ({
  kind: 'RoundExpired',
  round,
  agent,
  silent,
});
const attestedRound = (round: number, agent: AgentKey) => [
  opened(round, agent),
  committed(round, agent),
  passed(round, agent),
];

describe('an agent', () => {
  test('is attested from its passed round until its validity ends, with the keys of that round', () => {
    const state = replay(blocksOf([[admitted(A), registered(A)], attestedRound(1, A)]));
    expect(state.agents.get(A)).toMatchObject({
      status: 'attested',
      kemKey: word(71),
      frameKey: word(72),
      round: 0,
    });
    expect([159, 160].map((seconds) => attestedAt(state, A, seconds))).toEqual([true, false]);
    expect(attestedAt(state, B, 100)).toBe(false);
    expect(state.rootOfTrust).toBe(A);
  });

  test('that was revoked stays so until it is registered again, without inherited trust', () => {
    const revoked: LedgerEvent = { kind: 'Revoked', agent: A, incarnation: 1, reason: 'wrong answer' };
    const suspended: LedgerEvent = { kind: 'Suspended', agent: A, incarnation: 1, reason: 'late' };
    const blocks = blocksOf([
      [admitted(A), registered(A), ...attestedRound(1, A)],
      [revoked, suspended],
      [registered(A, 2, 2)],
    ]);
    const state = replay(blocks.slice(0, 2));
    expect(state.agents.get(A)).toMatchObject({ status: 'revoked', reason: 'wrong answer' });
    expect(attestedAt(state, A, 101)).toBe(false);
    expect(replay(blocks).agents.get(A)).toMatchObject({
      status: 'registered',
      incarnation: 2,
      version: 2,
      kemKey: ZERO,
      lastRounds: [1],
    });
  });

  test('misses count when it is silent itself, and begin anew when it passes', () => {
    const blocks = blocksOf([
      [admitted(A), registered(A), opened(1, A)],
      [expired(1, A, A)],
      [opened(2, A, [B])],
      [expired(2, A, B)],
      [committed(2, A), passed(2, A)],
    ]);
    expect(replay(blocks.slice(0, 2)).agents.get(A)).toMatchObject({ misses: 1, round: 0 });
    expect(replay(blocks.slice(0, 4)).agents.get(A)).toMatchObject({ misses: 1, round: 2 });
    expect(replay(blocks).agents.get(A)).toMatchObject({ misses: 0, round: 0, status: 'attested' });
  });
});

test('a round shows its verdicts, its new verifier and who arbitrates', () => {
  const state = replay(
    blocksOf([
      [admitted(A), registered(A), opened(1, A, [B]), committed(1, A)],
      [
        { kind: 'VerifierReplaced', round: 1, silent: B, successor: C, verdictBy: 120 },
        {
          kind: 'VerdictGiven',
          round: 1,
          agent: A,
          verifier: C,
          answer: word(3),
          matches: true,
          pass: false,
          appraisalHash: ZERO,
        },
        { kind: 'Arbitration', round: 1, verdictBy: 130 },
      ],
    ]),
  );
  expect(state.rounds.get(1)).toMatchObject({
    phase: 'committed',
    verifiers: [C],
    verdictBy: 130,
    arbitrated: true,
    verdicts: [{ verifier: C, matches: true, pass: false }],
  });
});

test('an epoch has the members that got an envelope, and an acknowledgement counts once', () => {
  const acknowledged: LedgerEvent = { kind: 'Acknowledged', epoch: 1, agent: B };
  const state = replay(
    blocksOf([
      [
        { kind: 'AttestedSetChanged', version: 4 },
        { kind: 'EpochOpened', epoch: 1, setVersion: 4, rosterHash: word(1), steward: A },
        { kind: 'Envelope', epoch: 1, agent: A, sealedKey: '0x12' },
        { kind: 'Envelope', epoch: 1, agent: B, sealedKey: '0x34' },
        acknowledged,
      ],
      [acknowledged],
    ]),
  );
  expect(state.epochs.get(1)).toMatchObject({ members: [A, B], acknowledged: [B], steward: A });
  expect(state.setVersion).toBe(4);
});

test('a block that is another one under the same number is refused', () => {
  const [block] = blocksOf([[admitted(A)]]);
  if (block === undefined) throw new Error('no block');
  expect(() => replay([block, { ...block, hash: word(1) }])).toThrow(/was 0x/);
});

test('rounds that ended long ago are forgotten, those under way are not', () => {
  const many = Array.from({ length: 300 }, (_, index) => attestedRound(index + 2, A));
  const state = replay(
    blocksOf([[admitted(A), admitted(B), registered(A), registered(B), opened(1, B)], ...many]),
  );
  expect(state.rounds.size).toBe(257);
  expect(state.rounds.get(1)?.phase).toBe('challenged');
  expect(state.agents.get(A)?.lastRounds).toEqual([294, 295, 296, 297, 298, 299, 300, 301]);
});

const agent = fc.constantFrom(A, B, C);
const round = fc.integer({ min: 1, max: 6 });
const anyEvent: fc.Arbitrary<LedgerEvent> = fc.oneof(
  agent.map(admitted),
  fc.tuple(agent, fc.integer({ min: 1, max: 3 })).map(([each, incarnation]) => registered(each, incarnation)),
  fc
    .tuple(round, agent, fc.subarray([A, B, C]))
    .map(([number, each, verifiers]) => opened(number, each, verifiers)),
  fc.tuple(round, agent).map(([number, each]) => committed(number, each)),
  fc.tuple(round, agent).map(([number, each]) => passed(number, each)),
  fc
    .tuple(round, agent, fc.constantFrom(A, B, C, ZERO))
    .map(([number, each, silent]) => expired(number, each, silent)),
  agent.map((each): LedgerEvent => ({ kind: 'Revoked', agent: each, incarnation: 1, reason: 'r' })),
  agent.map((each): LedgerEvent => ({ kind: 'ValidityExpired', agent: each, incarnation: 1 })),
  fc.nat(9).map((version): LedgerEvent => ({ kind: 'AttestedSetChanged', version })),
  fc.tuple(fc.nat(3), agent).map(
    ([epoch, steward]): LedgerEvent => ({
      kind: 'EpochOpened',
      epoch,
      setVersion: 1,
      rosterHash: ZERO,
      steward,
    }),
  ),
  fc
    .tuple(fc.nat(3), agent)
    .map(([epoch, each]): LedgerEvent => ({ kind: 'Envelope', epoch, agent: each, sealedKey: '0x' })),
);

test('however blocks are cut into deliveries and whatever is told again, the state is the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(fc.nat(11), fc.nat(6)), { maxLength: 30 }),
      (events, cuts) => {
        const blocks = blocksOf(events);
        const whole = replay(blocks);
        let state = EMPTY_LEDGER;
        for (const [index, block] of blocks.entries()) {
          // This block in pieces that overlap, between them blocks that were told before.
          for (const [earlier, upTo] of cuts) {
            const again = blocks[earlier];
            if (again !== undefined && earlier <= index) {
              const piece = earlier < index ? again : { ...again, entries: again.entries.slice(0, upTo) };
              state = applyBlock(state, piece);
            }
          }
          state = applyBlock(applyBlock(state, block), block);
        }
        expect(state).toEqual(whole);
      },
    ),
    { numRuns: 300 },
  );
});

describe('a successor', () => {
  const seat = word(0xa0 ^ 0xb1);
  const member = seatBeside(seat);
  const moved: LedgerEvent[] = [
    { kind: 'Succeeded', agent: member, seat, incarnation: 2 },
    { ...passed(2, member), incarnation: 2 } as LedgerEvent,
  ];
  const blocks = blocksOf([
    [admitted(member), registered(member), ...attestedRound(1, member)],
    [registered(seat, 2, 3), opened(2, seat), committed(2, seat)],
    moved,
  ]);

  test('sits beside its agent, which goes on, and becomes it with its first pass', () => {
    const beside = replay(blocks.slice(0, 2));
    expect(beside.agents.get(member)).toMatchObject({
      status: 'attested',
      incarnation: 1,
      isSuccessor: false,
    });
    expect(beside.agents.get(seat)).toMatchObject({
      status: 'registered',
      incarnation: 2,
      isSuccessor: true,
      name: beside.agents.get(member)?.name,
      round: 2,
    });
    expect(attestedAt(beside, seat, 101)).toBe(false);
    const state = replay(blocks);
    expect(state.agents.get(seat)).toBeUndefined();
    expect(state.agents.get(member)).toMatchObject({
      status: 'attested',
      incarnation: 2,
      version: 3,
      isSuccessor: false,
      round: 0,
      lastRounds: [1, 2],
    });
    expect(attestedAt(state, member, 101)).toBe(true);
    expect(state.rounds.get(2)?.phase).toBe('passed');
  });

  test('is nobody where there is no agent beside it', () => {
    expect(replay(blocksOf([[registered(seat)]])).agents.size).toBe(0);
  });
});

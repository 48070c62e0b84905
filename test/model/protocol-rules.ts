import type { LedgerState } from '../../src/core/attestation/ledger-model.ts';
import type { applyBlock, EMPTY_LEDGER } from '../../src/core/attestation/ledger-state.ts';
import type { keyedAgents, needsEpoch } from '../../src/core/attestation/steward.ts';
import type { Hex } from '../../src/protocol/ledger.ts';
import { AGENTS, eventsOf, keyOf, REGISTRY, roundOf, seatOf } from './trace-codes.ts';

/** The product's state machine, or one with a fault in it. */
export interface Machine {
  readonly applyBlock: typeof applyBlock;
  readonly EMPTY_LEDGER: typeof EMPTY_LEDGER;
  readonly keyedAgents: typeof keyedAgents;
  readonly needsEpoch: typeof needsEpoch;
}

/** Where a trace stands: the ledger's state, and what the contracts know besides. */
export interface Place {
  readonly ledger: LedgerState;
  /** Agents whose verifier was replaced in the round under way. */
  readonly replaced: ReadonlySet<number>;
  /** Rounds opened, epochs opened, and revocations by the operator: how many there may be is bounded. */
  readonly rounds: number;
  readonly epochs: number;
}

export const BOUNDS = { rounds: 12, epochs: 6 };

const GUARD: Hex = `0x${'ab'.repeat(20)}`;
const hash = (value: number): Hex => `0x${value.toString(16).padStart(64, '0')}`;

/** Three agents that are registered and nothing more. */
export function beginning(machine: Machine): Place {
  const entries = AGENTS.flatMap((each) => [
    { kind: 'AgentAdmitted', agent: keyOf(each), name: `a${each}`, guard: GUARD } as const,
    {
      kind: 'AgentRegistered',
      agent: keyOf(each),
      incarnation: 1,
      version: 1,
      imageDigest: hash(1),
      referenceCommitment: hash(2),
      challengesRoot: hash(3),
      challenges: 64,
    } as const,
  ]).map((event, logIndex) => ({ logIndex, transaction: hash(4), from: GUARD, event }));
  const block = { number: 1, hash: hash(1), parentHash: hash(0), timestamp: 1, entries };
  return {
    ledger: machine.applyBlock(machine.EMPTY_LEDGER, block),
    replaced: new Set(),
    rounds: 0,
    epochs: 0,
  };
}

/** The state after the events of one step, each block with one of them, as a follower of the ledger comes to it. */
export function take(machine: Machine, place: Place, step: readonly number[]): Place {
  let { ledger, rounds, epochs } = place;
  const replaced = new Set(place.replaced);
  for (const code of step) {
    const [kind, agent] = [Math.floor(code / 1000), Math.floor(code / 100) % 10];
    const number = (ledger.at?.number ?? 0) + 1;
    const entries = eventsOf(code, ledger).map((event, logIndex) => ({
      logIndex,
      transaction: hash(4),
      from: GUARD,
      event,
    }));
    const at = { number, hash: hash(number), parentHash: hash(number - 1), timestamp: 1 };
    ledger = machine.applyBlock(ledger, { ...at, entries });
    if (kind === 1) {
      rounds++;
      replaced.delete(agent);
    }
    if (kind === 10) replaced.add(agent);
    if (kind === 12) epochs++;
  }
  return { ledger, replaced, rounds, epochs };
}

/** Every step that the contracts (contracts/src/Rounds.sol, Trust.sol, KeyVault.sol) allow next, as the numbers of its events. */
export function allowed(machine: Machine, place: Place): readonly (readonly number[])[] {
  const { ledger } = place;
  const steps = AGENTS.flatMap((each) => stepsAbout(place, each));
  const keyed = machine.keyedAgents(ledger, 1).map((each) => each.agent);
  if (machine.needsEpoch(ledger) && keyed.length > 0 && place.epochs < BOUNDS.epochs) {
    const members = AGENTS.filter((each) => keyed.includes(keyOf(each)));
    steps.push([12_000 + ledger.setVersion, ...members.map((each) => 13_000 + each * 100)]);
  }
  return steps;
}

function stepsAbout(place: Place, a: number): readonly (readonly number[])[] {
  const { ledger } = place;
  const agent = ledger.agents.get(keyOf(a));
  if (agent === undefined || agent.status === 'revoked') return [];
  const attested = (each: number) => ledger.agents.get(keyOf(each))?.status === 'attested';
  const others = (but: number) => AGENTS.filter((each) => each !== a && each !== but && attested(each));
  const one = (kind: number, second = 0, third = 0) => kind * 1000 + a * 100 + second * 10 + third;
  const change = attested(a) ? [11_000 + ledger.setVersion + 1] : [];
  const round = roundOf(ledger, a);
  const revoked = [...(round === undefined ? [] : [one(6)]), one(7), ...change];
  if (round === undefined) {
    if (place.rounds >= BOUNDS.rounds) return [revoked];
    const drawn = agent.validUntil === 0 ? [] : others(REGISTRY);
    const verifiers = drawn.length === 0 ? [REGISTRY] : drawn;
    return [revoked, ...verifiers.map((each) => [one(1, each)])];
  }
  if (round.phase === 'challenged') {
    const missed = agent.misses >= 1 ? one(7) : one(8);
    return [revoked, [one(2)], [one(9, a), missed, ...change]];
  }
  const seat = seatOf(round);
  const joins = attested(a) ? [] : [11_000 + ledger.setVersion + 1];
  if (seat === REGISTRY) {
    return [revoked, [one(3, seat), ...joins], [one(4, seat), ...revoked], [one(9, seat)]];
  }
  const fallen = attested(seat) ? [8000 + seat * 100, 11_000 + ledger.setVersion + 1] : [];
  const next = place.replaced.has(a) ? [] : others(seat);
  const after = next.length === 0 ? [one(5)] : next.map((each) => one(10, seat, each));
  const silent = after.map((each) => [one(9, seat), ...fallen, each]);
  if (!attested(seat)) return [revoked, ...silent];
  return [revoked, [one(3, seat), ...joins], [one(4, seat), one(5)], [one(14, seat), ...revoked], ...silent];
}

import { count, list, span } from '../../../core/explain/in-words.ts';
import type { JournalEntry } from '../../../protocol/journal.ts';
import { holdings, isOfType, isSameGoal, promised, stops } from './award-holders.ts';
import type { Check } from './context.ts';

/** An award that ended so shortly before the run may still be having its rules removed. */
const REMOVAL_MS = 1000;

interface Move {
  readonly goal: string;
  readonly from: string;
  /** ms from the fault until another agent held it; null: never. */
  readonly tookMs: number | null;
}

/** What became of the awards, of the types that the scenario's faults aim at, of each agent that was stopped. */
function movesAfterFaults(journal: readonly JournalEntry[], types: readonly string[]): readonly Move[] {
  return stops(journal).flatMap(({ at, entry: fault }) => {
    const held = [...holdings(journal, at).values()].filter(({ holder }) => holder === fault.subject);
    const lost = [...held.map(({ goal }) => goal), ...promised(journal, fault.subject, at)].filter((goal) =>
      types.some((type) => isOfType(goal, type)),
    );
    return [...new Set(lost)].map((goal) => {
      const taken = journal
        .slice(at + 1)
        .find(
          (entry) =>
            entry.kind === 'award' &&
            isSameGoal(entry.goal, goal) &&
            entry.holder !== fault.subject &&
            (entry.status === 'granted' || entry.status === 'accepted' || entry.status === 'moved'),
        );
      return { goal, from: fault.subject, tookMs: taken === undefined ? null : taken.tMs - fault.tMs };
    });
  });
}

/** Time from a fault until another agent holds the award of the one that was stopped. */
export const awardMovesWithinMs: Check<'awardMovesWithinMs'> = (value, { recording }) => {
  const expected = `at most ${span(value)} after each fault`;
  const { journal, scenario } = recording;
  const faults = stops(journal).length;
  if (faults < Math.max(1, scenario.faults.length)) {
    return {
      expected,
      measured: `${faults} of ${count(scenario.faults.length, 'fault')} happened`,
      met: false,
    };
  }
  const moves = movesAfterFaults(
    journal,
    scenario.faults.map((fault) => fault.holderOf),
  );
  if (moves.length < faults) return { expected, measured: 'a stopped agent held no such award', met: false };
  const stuck = moves.filter(({ tookMs }) => tookMs === null);
  const worst = Math.max(...moves.map(({ tookMs }) => tookMs ?? 0));
  return {
    expected,
    measured:
      stuck.length === 0
        ? `${span(worst)} at most`
        : `never: ${list(
            stuck.map(({ goal }) => goal),
            4,
          )}`,
    met: stuck.length === 0 && worst <= value,
  };
};

/** Every rule left belongs to an agent that lives and holds the award that the rule serves. */
export const noOrphanRules: Check<'noOrphanRules'> = (value, { recording }) => {
  const { journal, rulesLeft } = recording;
  const dead = new Set(stops(journal).map(({ entry }) => entry.subject));
  const held = holdings(journal);
  const ending = new Set(
    journal.flatMap((entry) =>
      entry.kind === 'award' && entry.tMs > recording.durationMs - REMOVAL_MS ? [entry.award] : [],
    ),
  );
  const owned = (owner: string, award: string): boolean =>
    !dead.has(owner) && (held.get(award)?.holder === owner || ending.has(award));
  const orphans = rulesLeft.filter(({ owner, award }) => !owned(owner, award));
  const told = orphans.map(
    ({ rule, owner }) => `${rule} of ${owner}${dead.has(owner) ? ' (stopped)' : ' (no such award)'}`,
  );
  return {
    expected: value ? 'every rule left has a living owner with its award' : 'a rule without an owner is left',
    measured: orphans.length === 0 ? `${count(rulesLeft.length, 'rule')} left, all owned` : list(told, 4),
    met: (orphans.length === 0) === value,
  };
};

/** Bids refused for lack of headroom, each agent counted once an auction. */
export const refusesForHeadroom: Check<'refusesForHeadroom'> = (value, { recording }) => {
  const refusals = new Set<string>();
  for (const entry of recording.journal) {
    if (entry.kind === 'bid' && entry.verdict === 'refuse' && /headroom/i.test(entry.reason)) {
      refusals.add(`${entry.agent} ${entry.auction}`);
    }
  }
  return {
    expected: `at least ${count(value, 'bid')} refused for lack of headroom`,
    measured: count(refusals.size, 'refusal'),
    met: refusals.size >= value,
  };
};

/** Some agent activates the capability; one during the run is named before one in the placement ahead of it. */
export const activates: Check<'activates'> = (value, { recording }) => {
  const activations = recording.journal.filter(
    (entry) => entry.kind === 'capability' && entry.status === 'activated' && entry.capability === value,
  );
  const told = activations.find((entry) => entry.tMs >= 0) ?? activations[0];
  return {
    expected: `an agent activates ${value}`,
    measured: told === undefined ? 'nobody did' : `${told.agent} at ${span(told.tMs)}`,
    met: told !== undefined,
  };
};

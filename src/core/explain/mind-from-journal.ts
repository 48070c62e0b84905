import type { JournalEntry } from '../../protocol/journal.ts';
import type { MindSnapshot } from '../bdi/mind.ts';

/** Entries of two lives of an agent are so far apart, see the engine's `NUMBERS_PER_LIFE`. */
const NUMBERS_PER_LIFE = 100_000_000;
const OVER = new Set(['achieved', 'failed', 'impossible', 'expired', 'dropped']);
const ENDED = new Set(['done', 'failed', 'aborted']);

type Belief = MindSnapshot['beliefs'][number] & { readonly atMs: number };

/**
 * What goes on in an agent, as far as its journal tells: for one that runs, whose inputs nobody keeps. What it has believed since before
 * the first of these entries is not in it, nor how often it has seen a belief confirmed: the ages are those of the last change.
 * Undefined: the agent has no entry.
 */
export function mindFromJournal(
  journal: readonly JournalEntry[],
  agent: string,
  nowMs: number,
): MindSnapshot | undefined {
  let own = journal.filter((each) => each.agent === agent && each.tMs <= nowMs);
  const last = own.at(-1);
  if (last === undefined) return undefined;
  // Whoever came back knows nothing of what it was.
  own = own.filter((each) => lifeOf(each) === lifeOf(last));
  const beliefs = new Map<string, Belief>();
  const goals = new Map<string, MindSnapshot['goals'][number]>();
  const intentions = new Map<string, MindSnapshot['intentions'][number]>();
  const capabilities = new Map<string, boolean>([
    ['auction', true],
    ['orchestrator', true],
  ]);
  for (const entry of own) {
    if (entry.kind === 'belief') {
      const { belief, truth, value, source, tMs } = entry;
      if (truth === 'unknown') beliefs.delete(belief);
      else beliefs.set(belief, { belief, truth, value, source, atMs: tMs, ageMs: nowMs - tMs });
    } else if (entry.kind === 'goal') {
      const { goal, goalId, status, priority, reason } = entry;
      if (OVER.has(status)) goals.delete(goalId);
      else goals.set(goalId, { goal, status, priority, reason });
    } else if (entry.kind === 'intention') {
      const { intention, plan, step, status } = entry;
      if (ENDED.has(status)) intentions.delete(intention);
      else intentions.set(intention, { intention, plan, step, waitsFor: status });
    } else if (entry.kind === 'capability') capabilities.set(entry.capability, entry.status === 'activated');
  }
  return {
    agent,
    tMs: nowMs,
    beliefs: [...beliefs.values()].map(({ atMs: _, ...belief }) => belief),
    goals: [...goals.values()],
    intentions: [...intentions.values()],
    capabilities: [...capabilities].map(([name, active]) => ({ name, active })),
    counters: { entries: own.length },
  };
}

function lifeOf({ id }: JournalEntry): number {
  return Math.floor(Number(id.slice(id.indexOf(':') + 1)) / NUMBERS_PER_LIFE);
}

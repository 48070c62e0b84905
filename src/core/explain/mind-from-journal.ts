import type { JournalEntry } from '../../protocol/journal.ts';
import type { MindSnapshot } from '../bdi/mind.ts';

/** Entries of two lives of an agent are so far apart, see the engine's `NUMBERS_PER_LIFE`. */
const NUMBERS_PER_LIFE = 100_000_000;
const OVER = new Set(['achieved', 'failed', 'impossible', 'expired', 'dropped']);
const ENDED = new Set(['done', 'failed', 'aborted']);

type Belief = MindSnapshot['beliefs'][number] & { readonly atMs: number };
type Intention = MindSnapshot['intentions'][number];

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
  const intentions = new Intentions();
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
    } else if (entry.kind === 'capability') capabilities.set(entry.capability, entry.status === 'activated');
    intentions.take(entry);
  }
  return {
    agent,
    tMs: nowMs,
    beliefs: [...beliefs.values()].map(({ atMs: _, ...belief }) => belief),
    goals: [...goals.values()],
    intentions: intentions.all,
    capabilities: [...capabilities].map(([name, active]) => ({ name, active })),
    counters: { entries: own.length },
  };
}

/** Intentions under way, each with what it has set going last: it waits for that, until it comes to its next step. */
class Intentions {
  readonly #all = new Map<string, Intention>();
  /** By entry: which intention wrote it. */
  readonly #of = new Map<string, string>();

  get all(): readonly Intention[] {
    return [...this.#all.values()];
  }

  take(entry: JournalEntry): void {
    if (entry.kind === 'plan' && entry.chosen !== null) {
      const { intention, chosen: plan } = entry;
      this.#put(entry, { intention, plan, step: 'begin', waitsFor: NOTHING });
    } else if (entry.kind === 'intention') {
      const { intention, plan, step, status } = entry;
      this.#put(entry, { intention, plan, step, waitsFor: status === 'step' ? NOTHING : status });
      if (ENDED.has(status)) this.#all.delete(intention);
    } else {
      const from = entry.because.flatMap((id) => this.#of.get(id) ?? [])[0];
      const intention = from === undefined ? undefined : this.#all.get(from);
      const waitsFor = awaitedIn(entry);
      if (intention !== undefined && waitsFor !== undefined) this.#put(entry, { ...intention, waitsFor });
    }
  }

  #put({ id }: JournalEntry, intention: Intention): void {
    this.#all.set(intention.intention, intention);
    this.#of.set(id, intention.intention);
  }
}

const NOTHING = 'nothing';

/** What an intention that wrote this may wait for; undefined: nothing. */
function awaitedIn(entry: JournalEntry): string | undefined {
  if (entry.kind === 'action' && entry.status === 'requested')
    return `action ${entry.action} of ${entry.target}`;
  if (entry.kind === 'auction' && entry.status === 'opened') return `auction ${entry.auction}`;
  return entry.kind === 'goal' && entry.status === 'generated' ? `goal ${entry.goal}` : undefined;
}

function lifeOf({ id }: JournalEntry): number {
  return Math.floor(Number(id.slice(id.indexOf(':') + 1)) / NUMBERS_PER_LIFE);
}

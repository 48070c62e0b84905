import type { Agent } from './agent.ts';

/** What goes on in an agent at a moment, for people to read. */
export interface MindSnapshot {
  readonly agent: string;
  readonly tMs: number;
  readonly beliefs: readonly {
    readonly belief: string;
    readonly truth: string;
    readonly value: unknown;
    readonly source: string;
    readonly ageMs: number;
  }[];
  readonly goals: readonly {
    readonly goal: string;
    readonly status: string;
    readonly priority: number;
    readonly reason: string;
  }[];
  readonly intentions: readonly {
    readonly intention: string;
    readonly plan: string;
    readonly step: string;
    readonly waitsFor: string;
  }[];
  readonly capabilities: readonly { readonly name: string; readonly active: boolean }[];
  readonly counters: Readonly<Record<string, number>>;
}

/** Looks into an agent's mind without touching it. */
export function mindOf(agent: Agent): MindSnapshot {
  const { state } = agent;
  const goals = [...state.goals.values()];
  return {
    agent: state.id,
    tMs: state.nowMs,
    beliefs: [...state.beliefs.entries()].map(({ key, truth, value, source, atMs }) => ({
      belief: key,
      truth,
      value,
      source,
      ageMs: state.nowMs - atMs,
    })),
    goals: goals.map(({ key, status, priority, heldBack }) => ({
      goal: key,
      status,
      priority,
      reason: heldBack,
    })),
    intentions: goals.flatMap(({ intention, key }) =>
      intention === undefined
        ? []
        : [
            {
              intention: `i${intention.id} ${key}`,
              plan: intention.plan.name,
              step: intention.step,
              waitsFor: intention.waitsFor,
            },
          ],
    ),
    capabilities: state.model.capabilities.map(({ name }, index) => ({
      name,
      active: state.active[index] === true,
    })),
    counters: { ...state.counters },
  };
}

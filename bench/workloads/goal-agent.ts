import { Agent } from '../../src/core/bdi/agent.ts';
import type { AgentModel } from '../../src/core/bdi/agent-model.ts';
import { compileModel } from '../../src/core/bdi/agent-model.ts';
import { capability } from '../../src/core/bdi/capability.ts';
import { goalType } from '../../src/core/bdi/goal.ts';
import { definePlan, done } from '../../src/core/bdi/plan.ts';
import type { TraceEntry, TraceSink } from '../../src/core/bdi/trace.ts';
import { agentId } from '../../src/protocol/ids.ts';

const work = goalType<{ n: number }>('work', 'achieve', ['n']);

/** Goals posted before each cycle: half of a mailbox's slice, so that goals queue and are ordered. */
export const BATCH = 50;

/** An agent model with one goal that has one plan of one step: the unit of work of the goals-per-second figures. */
export function workModel(): AgentModel {
  const plan = definePlan(work, 'work', { steps: { do: () => done() } });
  return compileModel({
    capabilities: [capability({ name: 'worker', offers: [work], goals: [{ goal: work, plans: [plan] }] })],
  });
}

export function workAgent(name: string, model: AgentModel, sink?: TraceSink): Agent {
  return new Agent({ id: agentId(name), model, active: ['worker'], ...(sink === undefined ? {} : { sink }) });
}

/** Posts a batch of goals and runs the agent until it has nothing left to do; answers how many were achieved. */
export function runBatch(agent: Agent, from: number, size: number): number {
  const before = agent.state.counters.goalsAchieved;
  for (let n = from; n < from + size; n++) {
    agent.post({ kind: 'goal', goal: 'work', args: { n }, from: 'bench' });
  }
  const nowMs = agent.state.nowMs + 1;
  do agent.cycle(nowMs);
  while (agent.nextWakeMs() <= nowMs);
  return agent.state.counters.goalsAchieved - before;
}

/** Keeps the last entries, as an agent's recent memory does. */
export class RingSink implements TraceSink {
  readonly #entries: (TraceEntry | undefined)[];
  #at = 0;

  constructor(size: number) {
    this.#entries = new Array<TraceEntry | undefined>(size).fill(undefined);
  }

  push(entry: TraceEntry): void {
    this.#entries[this.#at] = entry;
    this.#at = (this.#at + 1) % this.#entries.length;
  }

  last(): TraceEntry | undefined {
    return this.#entries[(this.#at + this.#entries.length - 1) % this.#entries.length];
  }
}

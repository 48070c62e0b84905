import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AuctionModule } from '../../src/capabilities/auction/auction-module.ts';
import { auctioneer, orchestrator } from '../../src/capabilities/orchestrator/orchestrator.ts';
import { Agent } from '../../src/core/bdi/agent.ts';
import { compileModel } from '../../src/core/bdi/agent-model.ts';
import { beliefType, believe } from '../../src/core/bdi/belief.ts';
import { capability } from '../../src/core/bdi/capability.ts';
import { percept, perceptType } from '../../src/core/bdi/event.ts';
import { goalType } from '../../src/core/bdi/goal.ts';
import { definePlan, done } from '../../src/core/bdi/plan.ts';
import { Directory } from '../../src/core/negotiation/directory.ts';
import { agentId } from '../../src/protocol/ids.ts';

const AGENTS = 10_000;
const temperature = beliefType<number>('temperature');
const door = beliefType<string>('door');
const seen = perceptType<number>('seen');
const keep = goalType<{ room: string }>('keep', 'achieve', ['room']);

/** Two beliefs, three plans, the two built-in capabilities: the idle agent that the heap figure is about. */
function idleModel() {
  const plan = (name: string) => definePlan(keep, name, { steps: { do: () => done() } });
  const mind = capability({
    name: 'mind',
    offers: [keep],
    goals: [{ goal: keep, plans: [plan('first'), plan('second'), plan('third')] }],
    reviseBeliefs: (event) =>
      event.topic === seen.topic
        ? [believe(temperature, 'self', 21, 'seen'), believe(door, 'self', 'shut', 'seen')]
        : [],
  });
  return compileModel({ capabilities: [auctioneer, orchestrator, mind] });
}

/** Builds ten thousand agents, has each reason once about what it perceives, and weighs them. Time in ms, heap in bytes. */
export function idleAgents(): Record<string, number> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const directory = new Directory();
  const model = idleModel();
  const agents: Agent[] = [];
  collect();
  const heapBefore = process.memoryUsage().heapUsed;
  const begun = performance.now();
  for (let index = 0; index < AGENTS; index++) {
    const negotiation = new AuctionModule({
      directory,
      mode: 'headroom',
      costWeight: 0.5,
      activationDemand: () => ({ cpu: 1, memoryGb: 1 }),
    });
    const agent = new Agent({
      id: agentId(`a${index}`),
      model,
      active: ['auction', 'orchestrator', 'mind'],
      negotiation,
    });
    agent.post(percept(seen, 'self', index));
    agent.cycle(0);
    agents.push(agent);
  }
  const startMs = performance.now() - begun;
  collect();
  const heapBytes = (process.memoryUsage().heapUsed - heapBefore) / AGENTS;
  const held = agents.filter((agent) => agent.state.beliefs.isTrue(door, 'self')).length;
  if (held !== AGENTS) throw new Error(`only ${held} agents hold their beliefs`);
  return { startMs, heapBytes };
}

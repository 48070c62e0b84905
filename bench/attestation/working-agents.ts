import { sampleAgent } from '../../src/adapters/evidence-guard/testing/sample-agent.ts';
import type { AgentHandle, EvidenceSource } from '../../src/ports/evidence-source.ts';

/** Rounds of compiling and filling the heap that one is given before each measurement of it. */
const WORK = 12;

/** Honest agents that compile and collect garbage while they are measured. */
export async function workingAgents(
  source: EvidenceSource,
  count: number,
): Promise<{ next(): AgentHandle; replace(agent: AgentHandle): Promise<void> }> {
  const start = (index: number) =>
    source.start(
      sampleAgent({ name: `worker-${index}`, environment: { LANG: 'C', AGENT: String(index) } }),
      () => {},
    );
  const agents: AgentHandle[] = [];
  for (let index = 0; index < count; index++) agents.push(await start(index));
  let turn = 0;
  return {
    next: () => {
      const agent = agents[turn++ % agents.length];
      if (agent === undefined) throw new RangeError('at least one agent');
      agent.send({ kind: 'work', rounds: WORK });
      return agent;
    },
    replace: async (agent) => {
      agents[agents.indexOf(agent)] = await start(agents.length);
    },
  };
}

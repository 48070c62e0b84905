import { runBatch, workAgent, workModel } from './goal-agent.ts';
import { ratePerSecond } from './rate.ts';

const AGENTS = 1000;
const GOALS_A_TURN = 10;

/** A thousand agents in turn, trace off: goals achieved by all, per second. */
export function goalsManyAgents(): Record<string, number> {
  const model = workModel();
  const agents = Array.from({ length: AGENTS }, (_, index) => workAgent(`a${index}`, model));
  let n = 0;
  const rate = ratePerSecond(() => {
    let achieved = 0;
    n += GOALS_A_TURN;
    for (const agent of agents) achieved += runBatch(agent, n, GOALS_A_TURN);
    return achieved;
  });
  return { perSecond: rate };
}

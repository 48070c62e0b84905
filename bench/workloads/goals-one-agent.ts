import { BATCH, runBatch, workAgent, workModel } from './goal-agent.ts';
import { ratePerSecond } from './rate.ts';

/** One agent, trace off: goals adopted, deliberated on, planned for and achieved, per second. */
export function goalsOneAgent(): Record<string, number> {
  const agent = workAgent('a', workModel());
  let n = 0;
  const rate = ratePerSecond(() => {
    n += BATCH;
    return runBatch(agent, n, BATCH);
  });
  return { perSecond: rate };
}

import { BATCH, RingSink, runBatch, workAgent, workModel } from './goal-agent.ts';
import { ratePerSecond } from './rate.ts';

const SLICES = 10;
/** About a thousand goals of memory for the agent to be asked about. */
const KEPT = 4096;

/**
 * What the trace costs: the same goals with the trace off and on, in short slices in turn so that both see the same
 * machine. `cost` is 1 - on/off of the medians; nobody reads the entries meanwhile (see `rendered` for when somebody does).
 */
export function traceCost(): Record<string, number> {
  const model = workModel();
  const sink = new RingSink(KEPT);
  const off = workAgent('off', model);
  const on = workAgent('on', model, sink);
  const rendered = workAgent('rendered', model, { push: (entry) => void entry.draft });
  const rates = { off: [] as number[], on: [] as number[], rendered: [] as number[] };
  let n = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    for (const [name, agent] of [
      ['off', off],
      ['on', on],
      ['rendered', rendered],
    ] as const) {
      rates[name].push(
        ratePerSecond(
          () => {
            n += BATCH;
            return runBatch(agent, n, BATCH);
          },
          300,
          100,
        ),
      );
    }
  }
  if (sink.last()?.draft.kind !== 'goal') throw new Error('the trace was not written');
  const [offRate, onRate, renderedRate] = [median(rates.off), median(rates.on), median(rates.rendered)];
  return {
    offPerSecond: offRate,
    onPerSecond: onRate,
    renderedPerSecond: renderedRate,
    cost: 1 - onRate / offRate,
    renderedCost: 1 - renderedRate / offRate,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

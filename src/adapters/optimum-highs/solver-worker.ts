import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type * as Highs from 'highs';
import type { SolveAnswer, SolveOrder } from './solve-message.ts';

// Its declarations are those of its CommonJS build.
const { default: loadHighs } = createRequire(import.meta.url)('highs') as typeof Highs.default;

/** Solves one program and answers. In a thread of its own: HiGHS does not return until it is done. */
async function main(): Promise<void> {
  // Given by `createHighsOptimum` and by nobody else.
  const { program, timeLimitMs } = workerData as SolveOrder;
  const { cost, upper, rowLower, rowUpper, starts, indices, values, maximize } = program;
  const highs = await loadHighs();
  const { constants } = highs;
  const answer = highs.withModel(
    {
      numCols: cost.length,
      numRows: rowLower.length,
      sense: maximize ? constants.objectiveSense.maximize : constants.objectiveSense.minimize,
      colCost: cost,
      colLower: new Float64Array(cost.length),
      colUpper: upper,
      rowLower,
      rowUpper,
      matrix: { format: 'csr', numRows: rowLower.length, numCols: cost.length, starts, indices, values },
      integrality: new Int32Array(cost.length).fill(constants.variableType.integer),
    },
    (model): SolveAnswer => {
      model.options.set({ output_flag: false, time_limit: timeLimitMs / 1000, mip_rel_gap: 0 });
      model.run();
      const status = model.getModelStatus();
      const found = Number(model.info.get('primal_solution_status')) === 2;
      const kinds = new Map<number, SolveAnswer['status']>([
        [constants.modelStatus.optimal, 'optimal'],
        [constants.modelStatus.timeLimit, 'time-limit'],
        [constants.modelStatus.infeasible, 'infeasible'],
      ]);
      return {
        status: kinds.get(status) ?? 'other',
        value: found ? model.getObjectiveValue() : undefined,
        bound: Number(model.info.get('mip_dual_bound')),
        solution: found ? model.getSolution().colValue : new Float64Array(),
      };
    },
  );
  parentPort?.postMessage(answer);
}

await main();

import type { AgentId } from '../../src/protocol/ids.ts';
import type { LedgerBlock } from '../../src/protocol/ledger.ts';
import type { Scenario } from '../../src/protocol/scenario.ts';
import { agentSpecs } from '../../src/runtime/build-agent.ts';
import { Pipeline } from '../../src/runtime/genuine/pipeline.ts';
import { sitesOf } from '../../src/runtime/genuine/sites.ts';

const LOOK_MS = 5;

/** A block as this process saw it come. */
export interface SeenBlock {
  readonly atMs: number;
  readonly block: LedgerBlock;
}

/** A pipeline of genuine agents without a network to look after, and what it has told. */
export interface LivePipeline {
  readonly pipeline: Pipeline;
  readonly agents: readonly AgentId[];
  readonly blocks: readonly SeenBlock[];
  readonly faults: readonly { readonly fault: string; readonly subject: string; readonly reason: string }[];
  /** Resolves with the time at which it first was so, as `performance.now()` has it. */
  until(what: string, withinMs: number, holds: () => boolean): Promise<number>;
}

/** Makes a pipeline without starting it; whoever calls starts and closes it. */
export function livePipeline(
  scenario: Scenario,
  dir: string,
  onPhase: (text: string) => void = () => {},
): LivePipeline {
  const specs = agentSpecs(scenario);
  const zeroNs = process.hrtime.bigint();
  const blocks: SeenBlock[] = [];
  const faults: LivePipeline['faults'][number][] = [];
  const pipeline = new Pipeline({
    specs,
    siteOf: sitesOf(scenario, specs),
    scenario,
    dir,
    startMs: 0,
    zeroNs: () => zeroNs,
    onAct: () => {},
    onAbort: () => {},
    onAward: () => {},
    rebirthEveryMs: 0,
    onTakeover: () => {},
    onReborn: () => {},
    onBatch: () => {},
    onFault: (fault, subject, reason) => faults.push({ fault, subject, reason }),
    onBlock: (block) => blocks.push({ atMs: performance.now(), block }),
    onPhase,
    onNote: () => {},
    isWanted: () => true,
  });
  const until: LivePipeline['until'] = (what, withinMs, holds) =>
    new Promise((resolve, reject) => {
      const beganMs = performance.now();
      const look = setInterval(() => {
        const nowMs = performance.now();
        if (!holds() && nowMs - beganMs < withinMs) return;
        clearInterval(look);
        if (holds()) resolve(nowMs);
        else reject(new Error(`not within ${withinMs} ms: ${what}`));
      }, LOOK_MS);
    });
  return { pipeline, agents: specs.map((each) => each.name), blocks, faults, until };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentKeyOf } from '../../src/adapters/keys/hashing.ts';
import type { AgentId } from '../../src/protocol/ids.ts';
import { agentId } from '../../src/protocol/ids.ts';
import type { LedgerEvent, Timing } from '../../src/protocol/ledger.ts';
import { AgentSchema } from '../../src/protocol/scenario.ts';
import { Pipeline } from '../../src/runtime/genuine/pipeline.ts';
import type { PipelineOptions } from '../../src/runtime/genuine/pipeline-options.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';

/** Rounds follow one another within seconds. */
const TIMING: Timing = { commitWithin: 6, verdictWithin: 4, validity: 40, period: 4, stewardWithin: 4 };

/** An event with the block that it is in, and when that became known here, ms. */
export type Seen = LedgerEvent & { readonly block: number; readonly atMs: number };

/** A pipeline of attested agents without a network to look after. */
export interface SmallGroup {
  readonly pipeline: Pipeline;
  readonly dir: string;
  /** What the ledger has said so far. */
  readonly events: readonly Seen[];
  readonly faults: readonly string[];
  keyOf(name: string): ReturnType<typeof agentKeyOf>;
  /** Resolves with the first answer that is not undefined; asked with each block and fault. */
  until<T>(what: string, withinMs: number, find: () => T | undefined): Promise<T>;
  stop(): Promise<void>;
}

type Rest = Partial<
  Pick<
    PipelineOptions,
    'native' | 'image' | 'programs' | 'verifiersPerRound' | 'evidence' | 'isWanted' | 'timing'
  >
>;

/** `siteOf`: agents by name, and the site of each. Resolves once all are attested and keyed. */
export async function startSmallGroup(
  siteOf: Readonly<Record<string, string>>,
  rest: Rest = {},
): Promise<SmallGroup> {
  const loaded = await loadScenario(new URL('../../scenarios/demo.yaml', import.meta.url).pathname);
  if (!loaded.ok) throw new Error('demo.yaml is not a scenario');
  const { topology } = loaded.scenario;
  const host = topology.hosts[0]?.name ?? '';
  const dir = mkdtempSync(join(tmpdir(), `muster-${process.pid}-`));
  const events: Seen[] = [];
  const faults: string[] = [];
  const lookers = new Set<() => void>();
  const changed = (): void => {
    for (const look of [...lookers]) look();
  };
  const zeroNs = process.hrtime.bigint();
  const pipeline = new Pipeline({
    specs: Object.keys(siteOf).map((name) => AgentSchema.parse({ name, host })),
    siteOf: new Map(Object.entries(siteOf).map(([name, site]): [AgentId, string] => [agentId(name), site])),
    scenario: { topology, functions: [] },
    dir,
    startMs: 0,
    zeroNs: () => zeroNs,
    onAct: () => {},
    onAbort: () => {},
    onAward: () => {},
    onTakeover: () => {},
    onReborn: () => {},
    onBatch: () => {},
    onFault: (fault, subject, reason) => {
      faults.push(`${fault} ${subject}: ${reason}`);
      changed();
    },
    onBlock: (block) => {
      const atMs = performance.now();
      for (const { event } of block.entries) events.push({ ...event, block: block.number, atMs });
      changed();
    },
    onPhase: () => {},
    onNote: (text) => {
      if (process.env['MUSTER_DEBUG'] !== undefined) process.stderr.write(`${text}\n`);
    },
    isWanted: () => true,
    timing: TIMING,
    ...rest,
  });
  const stop = async (): Promise<void> => {
    await pipeline.close();
    rmSync(dir, { recursive: true, force: true });
  };
  const until: SmallGroup['until'] = (what, withinMs, find) =>
    new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        clearTimeout(timer);
        lookers.delete(look);
        finish();
      };
      const look = (): void => {
        const found = find();
        if (found !== undefined) end(() => resolve(found));
      };
      const timer = setTimeout(
        () => end(() => reject(new Error(`not within ${withinMs} ms: ${what}\n${faults.join('\n')}`))),
        withinMs,
      );
      lookers.add(look);
      look();
    });
  try {
    await pipeline.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { pipeline, dir, events, faults, keyOf: (name) => agentKeyOf(agentId(name)), until, stop };
}

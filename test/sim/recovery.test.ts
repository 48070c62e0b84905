import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/core/bdi/agent.ts';
import type { AgentSnapshot } from '../../src/core/bdi/snapshot.ts';
import { takeSnapshot } from '../../src/core/bdi/snapshot.ts';
import { toJournalEntry } from '../../src/core/bdi/trace.ts';
import { buildAgents } from '../../src/runtime/build-agent.ts';
import { openRun } from '../../src/runtime/open-run.ts';
import { readInputs } from '../../src/runtime/run-files.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-recovery-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

/** Gives the recorded inputs again, and lets agents crash: whenever `crashes` says so, one goes on from bytes on a disk. */
async function replayWithCrashes(run: string, crashes: (cycle: number) => boolean) {
  const recorded = await openRun(run);
  const { values: inputs } = await readInputs(run);
  const hash = createHash('sha256');
  const built = buildAgents(recorded.scenario, {
    startMs: inputs[0]?.tMs ?? 0,
    sinkOf: (agent) => ({
      push: (entry) => hash.update(`${JSON.stringify(toJournalEntry(agent, entry))}\n`),
    }),
    secret: String(recorded.report.seed),
  });
  const agents = new Map<string, Agent>(built.map(({ agent }) => [agent.id, agent]));
  const restoreOf = new Map(built.map((each) => [each.spec.name as string, each.restore]));
  let actions = 0;
  let restored = 0;
  inputs.forEach(({ agent: name, tMs, events }, cycle) => {
    let agent = agents.get(name);
    for (const event of events) agent?.post(event);
    if (agent !== undefined && crashes(cycle)) {
      // Written by this version of the engine, just above.
      const snapshot = deserialize(serialize(takeSnapshot(agent))) as AgentSnapshot;
      agent = restoreOf.get(name)?.(snapshot) ?? agent;
      agents.set(name, agent);
      restored++;
    }
    for (const effect of agent?.cycle(tMs) ?? []) if (effect.kind === 'act') actions++;
  });
  return { equal: hash.digest('hex') === recorded.report.traceHash, actions, restored };
}

describe.each(['demo', 'limiter-dies', 'two-targets', 'pulsing'])('%s', (name) => {
  test('goes on just the same when agents crash again and again and are restored: no step is done twice', async () => {
    const loaded = await loadScenario(new URL(`../../scenarios/${name}.yaml`, import.meta.url).pathname);
    if (!loaded.ok) throw new Error(`${name}.yaml is not valid`);
    const run = join(dir, name);
    await runScenario({ scenario: loaded.scenario, plane: 'twin', seed: 5, defence: 'on', outDir: run });
    const undisturbed = await replayWithCrashes(run, () => false);
    expect(undisturbed).toMatchObject({ equal: true, restored: 0 });
    for (const every of [1, 7]) {
      const crashed = await replayWithCrashes(run, (cycle) => cycle % every === 0);
      expect(crashed.restored).toBeGreaterThan(100);
      expect(crashed).toMatchObject({ equal: true, actions: undisturbed.actions });
    }
  });
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Scenario } from '../../src/protocol/scenario.ts';
import { buildAgents } from '../../src/runtime/build-agent.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';

const AGENTS = [10, 50, 100, 200, 500, 1000];

/**
 * Figure 8: the paper's case in the twin with 10 to 1000 agents, one a host. Messages of the whole run, heap of the agents (KiB, all of
 * them, before it), and how long it took until all sources were blocked (ms).
 */
export async function figure8(): Promise<Record<string, number>> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const loaded = await loadScenario(new URL('../../scenarios/demo.yaml', import.meta.url).pathname);
  if (!loaded.ok) throw new Error('scenarios/demo.yaml cannot be read');
  const figures: Record<string, number> = {};
  // Weighed first: what runs leave behind would blur it.
  for (const count of AGENTS) figures[`heapKb${count}`] = heapOf(withHosts(loaded.scenario, count), collect);
  for (const count of AGENTS) {
    const scenario = withHosts(loaded.scenario, count);
    const { report } = await runScenario({ scenario, plane: 'twin', seed: 1, defence: 'on' });
    if (report.mitigation.falseNegatives !== 0) throw new Error(`${count} agents did not stop the attack`);
    figures[`messages${count}`] = report.messages;
    const { allSourcesBlockedMs } = report.mitigation;
    figures[`blockedMs${count}`] = (allSourcesBlockedMs ?? Number.NaN) - (report.attack.startMs ?? 0);
  }
  return figures;
}

/** KiB of the agents of a scenario, each having reasoned once. */
function heapOf(scenario: Scenario, collect: () => void): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  const agents = buildAgents(scenario, { startMs: 0, sinkOf: () => ({ push: () => {} }), secret: '' });
  for (const { agent } of agents) agent.cycle(0);
  collect();
  const kib = (process.memoryUsage().heapUsed - before) / 1024;
  if (agents.length !== scenario.topology.hosts.length) throw new Error('one agent a host');
  return kib;
}

/** The same case with more hosts, dealt over the switches: their agents take part in every auction. */
function withHosts(scenario: Scenario, count: number): Scenario {
  const { topology } = scenario;
  const hosts = [...topology.hosts];
  for (let index = hosts.length; index < count; index++) {
    const on = topology.switches[index % topology.switches.length] ?? topology.switches[0];
    const like = topology.hosts[0];
    if (on === undefined || like === undefined) throw new Error('a scenario has switches and hosts');
    hosts.push({ ...like, name: `more-${index}` as typeof like.name, switch: on });
  }
  return { ...scenario, topology: { ...topology, hosts: hosts.slice(0, count) } };
}

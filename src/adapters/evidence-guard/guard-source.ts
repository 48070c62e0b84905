import type { AgentHandle, AgentSpec, Evidence, EvidenceSource } from '../../ports/evidence-source.ts';
import type { ControlLine } from '../../protocol/control-line.ts';
import { ownVdso } from './measure-process.ts';
import type { SpawnedAgent } from './spawn-agent.ts';
import { spawnAgent } from './spawn-agent.ts';
import { Watch } from './watch.ts';

/** Software measurement by the parent process: sees what root can see through /proc, and no more. */
export async function createGuardSource(): Promise<EvidenceSource> {
  const vdso = await ownVdso();
  const agents = new Map<AgentHandle, SpawnedAgent>();
  const watch = new Watch();
  const killIf = (agent: SpawnedAgent, findings: Evidence['measurement']['findings']): void => {
    if (findings.length > 0) agent.kill(findings.map((each) => each.sentence).join('; '));
  };
  return {
    start: async (spec: AgentSpec, onLine: (line: ControlLine) => void) => {
      const agent = await spawnAgent(spec, vdso, onLine);
      agents.set(agent, agent);
      watch.add(agent.pid, agent.rules);
      void agent.ended.then(() => {
        watch.remove(agent.pid);
        agents.delete(agent);
      });
      return agent;
    },
    measure: async (handle) => {
      const measurement = await watch.full(handle.pid);
      const agent = agents.get(handle);
      if (agent !== undefined) killIf(agent, measurement.findings);
      return { ok: measurement.findings.length === 0, measurement };
    },
    sweep: async () => {
      const found = new Map<AgentHandle, Evidence['measurement']['findings']>();
      const byPid = new Map([...agents.values()].map((each) => [each.pid, each]));
      await watch.sweep((pid, findings) => {
        const agent = byPid.get(pid);
        if (agent === undefined) return;
        killIf(agent, findings);
        found.set(agent, findings);
      });
      return found;
    },
    stop: async (handle) => {
      agents.get(handle)?.kill('stopped');
      await handle.ended;
    },
    close: async () => {
      const all = [...agents.values()];
      for (const agent of all) agent.kill('its guard ends');
      await Promise.all(all.map((each) => each.ended));
    },
  };
}

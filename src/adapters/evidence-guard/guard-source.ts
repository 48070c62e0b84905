import { createHash } from 'node:crypto';
import type { AgentHandle, AgentSpec, Evidence, EvidenceSource } from '../../ports/evidence-source.ts';
import type { Finding, Measurement } from '../../protocol/measurement.ts';
import { ownVdso } from './measure-process.ts';
import type { SpawnedAgent } from './spawn-agent.ts';
import { spawnAgent } from './spawn-agent.ts';
import { Watch } from './watch.ts';

/** Measurement in software, by the parent process of the agents. Its own vdso is read once, now. */
export async function createGuardSource(): Promise<EvidenceSource> {
  const vdsoSha256 = await ownVdso();
  const watch = new Watch();
  const agents = new Map<number, SpawnedAgent>();
  const handles = new Map<AgentHandle, SpawnedAgent>();

  /** First the kill, then everything else. */
  const condemn = (agent: SpawnedAgent, findings: readonly Finding[]) => {
    agent.kill(findings.map((each) => each.sentence).join('; '));
    watch.remove(agent.pid);
  };
  const forget = (agent: SpawnedAgent) => {
    if (agents.get(agent.pid) === agent) {
      watch.remove(agent.pid);
      agents.delete(agent.pid);
    }
  };

  return {
    start: async (spec: AgentSpec, onLine) => {
      const agent = await spawnAgent(spec, vdsoSha256, onLine);
      agents.set(agent.pid, agent);
      handles.set(agent, agent);
      watch.add(agent.pid, agent.rules);
      void agent.ended.then(() => forget(agent));
      // What V8 has copied by now must stay.
      const { findings, parts } = await watch.full(agent.pid);
      if (findings.length > 0) condemn(agent, findings);
      else if (agents.has(agent.pid))
        watch.add(agent.pid, { ...agent.rules, equalCopies: parts.equalCopies });
      return agent;
    },
    measure: async (handle): Promise<Evidence> => {
      const agent = handles.get(handle);
      if (agent === undefined) throw new RangeError('this source did not start that agent');
      if (agents.get(agent.pid) !== agent) return { ok: false, measurement: ended() };
      const measurement = await watch.full(agent.pid);
      if (measurement.findings.length === 0) return { ok: true, measurement };
      condemn(agent, measurement.findings);
      return { ok: false, measurement };
    },
    sweep: async () => {
      const found = new Map<AgentHandle, readonly Finding[]>();
      await watch.sweep((pid, findings) => {
        const agent = agents.get(pid);
        if (agent === undefined) return;
        condemn(agent, findings);
        found.set(agent, findings);
      });
      return found;
    },
    stop: async (handle) => {
      const agent = handles.get(handle);
      if (agent === undefined) return;
      agent.kill('stopped');
      await agent.ended;
      handles.delete(handle);
    },
    close: async () => {
      for (const agent of agents.values()) agent.kill('the guard ends');
      await Promise.all([...agents.values()].map((agent) => agent.ended));
    },
  };
}

function ended(): Measurement {
  const digest = createHash('sha256').digest('hex');
  return {
    findings: [{ kind: 'gone', sentence: 'the process has ended' }],
    digest,
    parts: {
      segments: [],
      equalCopies: 0,
      unhashedCode: { mappings: 0, bytes: 0 },
      vdsoSha256: '',
      writtenTextKb: 0,
      threads: 0,
      descriptors: 0,
    },
  };
}

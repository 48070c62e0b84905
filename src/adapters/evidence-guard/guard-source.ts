import type { AgentHandle, AgentSpec, Evidence, EvidenceSource } from '../../ports/evidence-source.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Finding } from '../../protocol/measurement.ts';
import { expectedSegments, mappedLibraries } from './expected-segments.ts';
import type { ProcessRules } from './measure-process.ts';
import { goneMeasurement, measureProcess, ownVdso } from './measure-process.ts';
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
      const rules = await settledRules(agent);
      if ('findings' in rules) {
        condemn(agent, rules.findings);
        throw new MusterError(
          'ATTESTATION_REFUSED',
          `agent ${spec.name}: ${rules.findings.map((each) => each.sentence).join('; ')}`,
          {
            hint: 'start it again; if it stays so, install the files that are named again',
          },
        );
      }
      if (agents.get(agent.pid) === agent) watch.add(agent.pid, rules);
      return agent;
    },
    measure: async (handle): Promise<Evidence> => {
      const agent = handles.get(handle);
      if (agent === undefined) throw new RangeError('this source did not start that agent');
      if (agents.get(agent.pid) !== agent) return { ok: false, measurement: goneMeasurement() };
      const measurement = await watch.full(agent.pid);
      if (measurement.findings.length === 0) return { ok: true, measurement };
      condemn(agent, measurement.findings);
      return { ok: false, measurement };
    },
    sweep: async (turn) => {
      const found = new Map<AgentHandle, readonly Finding[]>();
      await watch.sweep((pid, findings) => {
        const agent = agents.get(pid);
        if (agent === undefined) return;
        condemn(agent, findings);
        found.set(agent, findings);
      }, turn);
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

/**
 * The rules of an agent that has just started: its text is that of the files on disk, and has to stay so, as have the copies that
 * V8 made of it. Which libraries there are is not judged here: they are in the digest, and so in the reference value.
 */
async function settledRules(
  agent: SpawnedAgent,
): Promise<ProcessRules | { readonly findings: readonly Finding[] }> {
  const { executable } = agent.rules;
  const segments = await expectedSegments(executable, mappedLibraries(agent.pid, executable));
  const { findings, parts } = await measureProcess(agent.pid, { ...agent.rules, segments });
  return findings.length > 0 ? { findings } : { ...agent.rules, segments, equalCopies: parts.equalCopies };
}

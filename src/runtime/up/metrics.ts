import { Gauge, Registry } from 'prom-client';
import { LATENCY_BOUNDS_MS } from '../../protocol/site-link.ts';
import type { AgentStatus, Status } from '../../protocol/up-status.ts';

/** Every metric with its unit; docs/metrics.md lists the same. */
const METRICS = {
  muster_up_seconds: 'Time since the supervisor was started',
  muster_ledger_block: 'Number of the last final block',
  muster_group_epoch: 'Generation of the group key',
  muster_attested_set_version: 'Version of the set of attested agents',
  muster_agent_attested: '1 while an agent is attested',
  muster_agent_down: '1 while an agent is not started again, since it ended too often or was refused',
  muster_agent_incarnation: 'Incarnation of an agent',
  muster_agent_validity_seconds: 'What is left of the validity of the attestation of an agent',
  muster_agent_messages_sent: 'ACL messages that an agent has sent',
  muster_agent_messages_received: 'ACL messages that an agent has received',
  muster_agent_frames_refused: 'Frames of others that an agent has not taken',
  muster_agent_state: '1 for the state of the attestation of an agent',
  muster_agent_role: '1 for each capability that an agent has active',
  muster_agent_cpu_seconds: 'Processor time of the process of an agent',
  muster_agent_memory_max_bytes: 'Most memory that the process of an agent has had resident',
  muster_agent_cycles: 'Reasoning cycles of an agent',
  muster_agent_events: 'Events that an agent has taken',
  muster_agent_goals_adopted: 'Goals that an agent has adopted',
  muster_agent_goals_achieved: 'Goals that an agent has achieved',
  muster_agent_goals_failed: 'Goals that an agent has failed at',
  muster_agent_decision_seconds: 'From the first event of a reasoning cycle until its effects are out',
} as const;

export const METRIC_NAMES = Object.keys(METRICS);

/** The state in Prometheus' text format. */
export async function metricsText(status: Status): Promise<{ readonly type: string; readonly text: string }> {
  const registry = new Registry();
  const set = (name: keyof typeof METRICS, value: number, labels: Record<string, string> = {}): void => {
    const known = registry.getSingleMetric(name);
    const gauge =
      known instanceof Gauge
        ? known
        : new Gauge({ name, help: METRICS[name], labelNames: Object.keys(labels), registers: [registry] });
    gauge.set(labels, value);
  };
  set('muster_up_seconds', status.upForS);
  set('muster_ledger_block', status.ledger?.block ?? 0);
  set('muster_group_epoch', status.epoch);
  set('muster_attested_set_version', status.setVersion);
  for (const agent of status.agents) {
    const labels = { agent: agent.name, site: agent.site };
    set('muster_agent_attested', agent.status === 'attested' ? 1 : 0, labels);
    set('muster_agent_down', agent.status === 'down' ? 1 : 0, labels);
    set('muster_agent_incarnation', agent.incarnation, labels);
    set('muster_agent_validity_seconds', Math.max(0, agent.validUntil - Date.now() / 1000), labels);
    set('muster_agent_messages_sent', agent.sent, labels);
    set('muster_agent_messages_received', agent.received, labels);
    set('muster_agent_frames_refused', agent.refusedFrames, labels);
    set('muster_agent_state', 1, { ...labels, state: agent.status });
    for (const role of agent.roles) set('muster_agent_role', 1, { ...labels, role });
    const { vitals } = agent;
    if (vitals === null) continue;
    set('muster_agent_cpu_seconds', vitals.cpuMs / 1000, labels);
    set('muster_agent_memory_max_bytes', vitals.maxRssKb * 1024, labels);
    set('muster_agent_cycles', vitals.cycles, labels);
    set('muster_agent_events', vitals.events, labels);
    set('muster_agent_goals_adopted', vitals.goalsAdopted, labels);
    set('muster_agent_goals_achieved', vitals.goalsAchieved, labels);
    set('muster_agent_goals_failed', vitals.goalsFailed, labels);
  }
  const decisions = decisionHistogram(status.agents);
  return { type: registry.contentType, text: `${await registry.metrics()}${decisions}` };
}

/** Counted by the agents themselves, so written out here: the client library only counts what it sees. */
function decisionHistogram(agents: readonly AgentStatus[]): string {
  const name = 'muster_agent_decision_seconds';
  const lines = [`# HELP ${name} ${METRICS[name]}`, `# TYPE ${name} histogram`];
  for (const { name: agent, site, vitals } of agents) {
    if (vitals === null) continue;
    const { count, sumMs, buckets } = vitals.decisions;
    const labels = `agent="${agent}",site="${site}"`;
    let below = 0;
    for (const [index, boundMs] of LATENCY_BOUNDS_MS.entries()) {
      below += buckets[index] ?? 0;
      lines.push(`${name}_bucket{${labels},le="${boundMs / 1000}"} ${below}`);
    }
    lines.push(`${name}_bucket{${labels},le="+Inf"} ${count}`);
    lines.push(`${name}_sum{${labels}} ${sumMs / 1000}`, `${name}_count{${labels}} ${count}`);
  }
  return `${lines.join('\n')}\n`;
}

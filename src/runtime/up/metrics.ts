import { Gauge, Registry } from 'prom-client';
import type { Status } from './supervisor.ts';

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
  }
  return { type: registry.contentType, text: await registry.metrics() };
}

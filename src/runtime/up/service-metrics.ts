import { Gauge, Registry } from 'prom-client';
import type { ServiceOperations } from '../services/operations.ts';

/** Metrics of services; docs/metrics.md lists the same. Those that begin with `osm_` have the names and labels of Open Source MANO. */
const METRICS = {
  muster_services: 'Services by their state',
  muster_operations: 'Operations that are kept, by their kind and state',
  muster_units: 'Units of functions by their state and site',
  muster_notifications_given_up: 'Notifications that no subscriber has taken, since the start',
  osm_vm_status: '1 while a unit runs, else 0',
} as const;

export const SERVICE_METRIC_NAMES = Object.keys(METRICS);

/** The state of all services in Prometheus' text format. */
export async function serviceMetricsText(services: ServiceOperations, givenUp = 0): Promise<string> {
  const registry = new Registry();
  const gauge = (name: keyof typeof METRICS, labelNames: readonly string[]) =>
    new Gauge({ name, help: METRICS[name], labelNames: [...labelNames], registers: [registry] });
  const byState = gauge('muster_services', ['state']);
  const operations = gauge('muster_operations', ['operation', 'state']);
  const units = gauge('muster_units', ['state', 'site']);
  gauge('muster_notifications_given_up', []).set(givenUp);
  const status = gauge('osm_vm_status', [
    'ns_id',
    'ns_name',
    'project_id',
    'vnf_member_index',
    'vdu_name',
    'vdu_id',
    'vm_id',
    'vim_id',
  ]);
  for (const { id, name, state, shape } of await services.list()) {
    byState.inc({ state });
    for (const unit of shape.units) {
      units.inc({ state: unit.state, site: unit.site ?? '' });
      status.set(
        {
          ns_id: id,
          ns_name: name,
          project_id: 'muster',
          vnf_member_index: unit.vnf,
          vdu_name: unit.vdu,
          vdu_id: unit.id,
          vm_id: unit.host ?? '',
          vim_id: unit.site ?? '',
        },
        unit.state === 'running' ? 1 : 0,
      );
    }
  }
  for (const { params, state } of await services.operations())
    operations.inc({ operation: params.kind, state });
  return registry.metrics();
}

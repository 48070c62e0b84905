import { Gauge, Registry } from 'prom-client';
import type { ServiceOperations } from '../services/operations.ts';
import type { UnitMeter } from './unit-meter.ts';

/** Metrics of services; docs/metrics.md lists the same. Those that begin with `osm_` have the names and labels of Open Source MANO. */
const METRICS = {
  muster_services: 'Services by their state',
  muster_operations: 'Operations that are kept, by their kind and state',
  muster_units: 'Units of functions by their state and site',
  muster_notifications_given_up: 'Notifications that no subscriber has taken, since the start',
  osm_vm_status: '1 while a unit runs, else 0',
  osm_cpu_utilization:
    'Processor time of a unit since it was asked for last, in percent of what it has booked',
  osm_average_memory_utilization: 'Memory of a unit, in percent of what it has booked',
  osm_packets_received: 'Packets a second that a unit has received since it was asked for last',
  osm_packets_sent: 'Packets a second that a unit has sent since it was asked for last',
  muster_unit_received_bytes_per_second:
    'Bytes a second that a unit has received since it was asked for last',
  muster_unit_sent_bytes_per_second: 'Bytes a second that a unit has sent since it was asked for last',
} as const;

/** What is measured of a unit, by the name of its reading. */
const OF_UNITS = [
  ['osm_cpu_utilization', 'cpu_utilization'],
  ['osm_average_memory_utilization', 'average_memory_utilization'],
  ['osm_packets_received', 'packets_received'],
  ['osm_packets_sent', 'packets_sent'],
  ['muster_unit_received_bytes_per_second', 'received_bytes_per_sec'],
  ['muster_unit_sent_bytes_per_second', 'sent_bytes_per_sec'],
] as const;

/** Labels as OSM has them. */
const UNIT_LABELS = [
  'ns_id',
  'ns_name',
  'project_id',
  'vnf_member_index',
  'vdu_name',
  'vdu_id',
  'vm_id',
  'vim_id',
];

export const SERVICE_METRIC_NAMES = Object.keys(METRICS);

/** The state of all services in Prometheus' text format, and what `meter` measures of their units. */
export async function serviceMetricsText(
  services: ServiceOperations,
  givenUp = 0,
  meter?: UnitMeter,
): Promise<string> {
  const registry = new Registry();
  const gauge = (name: keyof typeof METRICS, labelNames: readonly string[]) =>
    new Gauge({ name, help: METRICS[name], labelNames: [...labelNames], registers: [registry] });
  const byState = gauge('muster_services', ['state']);
  const operations = gauge('muster_operations', ['operation', 'state']);
  const units = gauge('muster_units', ['state', 'site']);
  gauge('muster_notifications_given_up', []).set(givenUp);
  const status = gauge('osm_vm_status', UNIT_LABELS);
  const measured = OF_UNITS.map(([metric, reading]) => [gauge(metric, UNIT_LABELS), reading] as const);
  const all = await services.list();
  const readings = await meter?.read(all.flatMap(({ shape }) => shape.units));
  for (const { id, name, state, shape } of all) {
    byState.inc({ state });
    for (const unit of shape.units) {
      units.inc({ state: unit.state, site: unit.site ?? '' });
      const labels = {
        ns_id: id,
        ns_name: name,
        project_id: 'muster',
        vnf_member_index: unit.vnf,
        vdu_name: unit.vdu,
        vdu_id: unit.id,
        vm_id: unit.host ?? '',
        vim_id: unit.site ?? '',
      };
      status.set(labels, unit.state === 'running' ? 1 : 0);
      for (const [metric, reading] of measured) {
        const value = readings?.get(unit.id)?.(reading);
        if (value !== undefined) metric.set(labels, value);
      }
    }
  }
  for (const { params, state } of await services.operations())
    operations.inc({ operation: params.kind, state });
  return registry.metrics();
}

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ServiceBench, serviceBench } from '../services/testing/service-bench.ts';
import { functionVnfd, shopNsd } from '../services/testing/shop-packages.ts';
import { SERVICE_METRIC_NAMES, serviceMetricsText } from './service-metrics.ts';
import { UnitMeter } from './unit-meter.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), functionVnfd('web'), shopNsd('wall', 'web'));
});
afterEach(() => bench.close());

test('services, operations and units are counted by their state, and each unit is told of as OSM does', async () => {
  const { operation } = await bench.manager.apply({ service: { name: 'shop', nsd: 'shop-ns' } });
  await bench.manager.create({ name: 'other', nsd: 'shop-ns' });
  await bench.until(async () => (await bench.manager.operation(operation?.id ?? '')).state === 'COMPLETED');
  const { id = '' } = await bench.manager.get('shop');
  bench.twin.fail(`${id}/web/vm/0`, 'a test');
  await bench.until(
    async () =>
      (await serviceMetricsText(bench.manager)).includes('osm_vm_status{') &&
      (await bench.manager.get('shop')).shape.units.some(({ state }) => state === 'failed'),
  );
  const text = await serviceMetricsText(bench.manager);
  for (const name of SERVICE_METRIC_NAMES) expect(text).toContain(`# TYPE ${name} gauge`);
  expect(text).toContain('muster_services{state="INSTANTIATED"} 1');
  expect(text).toContain('muster_services{state="NOT_INSTANTIATED"} 1');
  expect(text).toContain('muster_operations{operation="instantiate",state="COMPLETED"} 1');
  const status = (member: string) =>
    new RegExp(
      `osm_vm_status\\{ns_id="${id}",ns_name="shop",project_id="muster",vnf_member_index="${member}".*\\} (\\d)`,
    ).exec(text)?.[1];
  expect([status('wall'), status('web')]).toEqual(['1', '0']);
});

test('what units use is told under the names that OSM has, from the second time on also as rates', async () => {
  const { operation } = await bench.manager.apply({ service: { name: 'shop', nsd: 'shop-ns' } });
  await bench.until(async () => (await bench.manager.operation(operation?.id ?? '')).state === 'COMPLETED');
  const { id = '' } = await bench.manager.get('shop');
  const meter = new UnitMeter(
    () => bench.twin,
    () => bench.clock.nowMs(),
  );
  const measured = (text: string, name: string) =>
    new RegExp(`^${name}\\{ns_id="${id}",.*vnf_member_index="web",vdu_name="vm",.*\\} (\\S+)$`, 'm').exec(
      text,
    )?.[1];
  bench.twin.setLoad(id, 'vm', 100);
  const first = await serviceMetricsText(bench.manager, 0, meter);
  expect(Number(measured(first, 'osm_average_memory_utilization'))).toBeCloseTo(40);
  expect(measured(first, 'osm_cpu_utilization')).toBeUndefined();
  await bench.pass(5000);
  const text = await serviceMetricsText(bench.manager, 0, meter);
  expect(Number(measured(text, 'osm_cpu_utilization'))).toBeCloseTo(50);
  expect(Number(measured(text, 'osm_packets_received'))).toBeCloseTo(50);
  expect(Number(measured(text, 'osm_packets_sent'))).toBeCloseTo(50);
  expect(Number(measured(text, 'muster_unit_received_bytes_per_second'))).toBeCloseTo(75_000);
  bench.twin.fail(`${id}/web/vm/0`, 'a test');
  await bench.pass(100);
  expect(measured(await serviceMetricsText(bench.manager, 0, meter), 'osm_cpu_utilization')).toBeUndefined();
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ServiceBench, serviceBench } from '../services/testing/service-bench.ts';
import { functionVnfd, shopNsd } from '../services/testing/shop-packages.ts';
import { SERVICE_METRIC_NAMES, serviceMetricsText } from './service-metrics.ts';

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

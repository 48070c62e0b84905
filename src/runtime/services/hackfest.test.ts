import { afterEach, beforeEach, expect, test } from 'vitest';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import { demandInWords, demandOfService } from '../../core/services/demand.ts';
import { sampleText } from '../packages/testing/sample-files.ts';
import { packagesIn } from './service-packages.ts';
import { type ServiceBench, serviceBench } from './testing/service-bench.ts';

// The package of OSM's hackfest, as it is: the row of its NSD in the table of descriptors.

let bench: ServiceBench;
let mapped = true;
beforeEach(async () => {
  mapped = true;
  bench = await serviceBench({
    images: (image) =>
      mapped && image === 'hackfest3-mgmt'
        ? { program: { command: ['/bin/true'], health: { kind: 'process' } } }
        : undefined,
  });
  await bench.onboard(
    sampleText('sol006/hackfest_3charmed_vnfd.yaml'),
    sampleText('sol006/hackfest_3charmed_nsd.yaml'),
  );
});
afterEach(() => bench.close());

const HACKFEST = { name: 'hackfest', nsd: 'hackfest3charmed-ns' };

test('its image is not mapped: refused, with the reason and the way to map it', async () => {
  mapped = false;
  const refused = bench.manager.apply({ service: HACKFEST });
  await expect(refused).rejects.toMatchObject({ code: 'BAD_SERVICE' });
  await expect(refused).rejects.toThrow(
    /no program is mapped to its image hackfest3-mgmt[\s\S]*images: \{ hackfest3-mgmt/,
  );
  expect(await bench.manager.list()).toEqual([]);
});

test('mapped by the site: it needs 8 vCPU, 8 GiB and 80 GB, runs, and both virtual links are joined', async () => {
  const { operation } = await bench.manager.apply({ service: HACKFEST });
  await bench.until(async () => isOver((await bench.manager.operation(operation?.id ?? '')).state));
  const service = await bench.manager.get('hackfest');
  expect(service.state).toBe('INSTANTIATED');
  const { units } = service.shape;
  expect(units.map(({ unit, state }) => `${unit.id} ${state}`)).toEqual([
    'hackfest_vnf1/mgmtVM/0 running',
    'hackfest_vnf1/dataVM/0 running',
    'hackfest_vnf2/mgmtVM/0 running',
    'hackfest_vnf2/dataVM/0 running',
  ]);
  const packages = packagesIn(bench.packages);
  const nsd = await packages.nsd('hackfest3charmed-ns');
  const vnfds = await packages.vnfds();
  const demand = nsd === undefined ? undefined : demandOfService(nsd, vnfds);
  expect(demand && demandInWords(demand)).toBe('8 vCPU, 8 GiB, 80 GB');
  expect(units.reduce((sum, { unit }) => sum + unit.demand.vcpus, 0)).toBe(8);
  const joined = (link: string) =>
    units.flatMap(({ unit, recipe }) =>
      recipe.interfaces.filter((each) => each.link === link).map(({ name }) => `${unit.id} ${name}`),
    );
  expect(joined('mgmt')).toEqual([
    'hackfest_vnf1/mgmtVM/0 mgmtVM-eth0',
    'hackfest_vnf2/mgmtVM/0 mgmtVM-eth0',
  ]);
  expect(joined('datanet')).toEqual([
    'hackfest_vnf1/dataVM/0 dataVM-eth0',
    'hackfest_vnf2/dataVM/0 dataVM-eth0',
  ]);
  // And the internal one of each function, by itself.
  expect(joined('hackfest_vnf1/internal')).toHaveLength(2);
  expect(joined('hackfest_vnf2/internal')).toHaveLength(2);
});

test('its charms are not run: what they would do is warned of, and its primitive `touch` fails with the reason', async () => {
  const { operation } = await bench.manager.apply({ service: HACKFEST });
  await bench.until(async () => isOver((await bench.manager.operation(operation?.id ?? '')).state));
  const ended = await bench.manager.operation(operation?.id ?? '');
  expect(ended.state).toBe('PARTIALLY_COMPLETED');
  expect(ended.errors.map(({ severity, message }) => `${severity} ${message}`)).toEqual(
    ['hackfest_vnf1', 'hackfest_vnf2'].flatMap((vnf) =>
      ['config', 'touch'].map(
        (name) =>
          `warning ${vnf}: ${name} is carried out by the juju charm simple, and Muster runs neither charms nor charts`,
      ),
    ),
  );
  const touch = await bench.manager.action('hackfest', {
    vnf: 'hackfest_vnf1',
    primitive: 'touch',
    parameters: { filename: '/tmp/x' },
  });
  await bench.until(async () => (await bench.manager.operation(touch.id)).state === 'FAILED');
  expect((await bench.manager.operation(touch.id)).errors[0]?.message).toContain(
    'FAILED: hackfest_vnf1: touch is carried out by the juju charm simple',
  );
});

test('scaled by its aspect: one more data unit, up to nine more', async () => {
  const { operation } = await bench.manager.apply({ service: HACKFEST });
  await bench.until(async () => isOver((await bench.manager.operation(operation?.id ?? '')).state));
  await expect(
    bench.manager.scale('hackfest', { vnf: 'hackfest_vnf1', direction: 'out', steps: 10 }),
  ).rejects.toThrow('goes from 0 to 9');
  const scaling = await bench.manager.scale('hackfest', { vnf: 'hackfest_vnf1', direction: 'out', steps: 2 });
  await bench.until(async () => isOver((await bench.manager.operation(scaling.id)).state));
  const { shape } = await bench.manager.get('hackfest');
  expect(shape.units.filter(({ vnf, vdu }) => vnf === 'hackfest_vnf1' && vdu === 'dataVM')).toHaveLength(3);
});

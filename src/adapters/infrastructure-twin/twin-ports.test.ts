import { expect, test } from 'vitest';
import { ipv4, LinkIdSchema } from '../../protocol/ids.ts';
import { UserGroupSchema } from '../../protocol/scenario.ts';
import { createVirtualClock } from '../clock-virtual/virtual-clock.ts';
import { createSeededRandom } from '../random-seeded/seeded-random.ts';
import { createTwinInfrastructure } from './twin-infrastructure.ts';
import { createTwinPorts } from './twin-ports.ts';

const SERVER = '10.9.0.2';
const linkTo = (name: string) => LinkIdSchema.parse(`shop/data>${name}/vm/0`);

test('users are shared out among the units of a step from the moment that another comes', async () => {
  const clock = createVirtualClock({ startAtMs: 0 });
  const twin = createTwinInfrastructure(clock);
  const ports = createTwinPorts(twin, clock);
  for (const name of ['one', 'two', 'web']) {
    const demand = { vcpus: 1, memoryMib: 1, storageGb: 1 };
    const unit = { id: name, member: name, vdu: 'vm', demand, sites: [], affinity: [], antiAffinity: [] };
    const address = name === 'web' ? { address: SERVER } : {};
    const interfaces = [{ name: 'eth0', link: 'data', ...address }];
    await twin.start({
      id: name,
      service: 's',
      unit,
      host: 'h',
      image: { catalogue: name },
      interfaces,
      parameters: {},
    });
  }
  clock.runUntil(1000);
  const chain = (beside: readonly string[]) =>
    twin.setChain({
      id: 'c',
      service: 's',
      match: { protocol: 6, destination: SERVER, destinationPort: 80 },
      hops: [
        { unit: 'one', ...(beside.length === 0 ? {} : { beside }), ingress: 'eth0', egress: 'eth0' },
        { unit: 'web', ingress: 'eth0', egress: 'eth0' },
      ],
    });
  await chain([]);
  await ports.guard(['one', 'two', 'web'].map((unit) => ({ link: linkTo(unit), unit, interface: 'eth0' })));
  const group = UserGroupSchema.parse({
    behaviour: 'page',
    name: 'visitors',
    count: 1,
    at: ['access'],
    target: 'web',
  });
  const random = createSeededRandom(1);
  for (let user = 0; user < 40; user++) {
    const address = ipv4(`10.9.1.${user}`);
    ports.user({ unit: 'web', interface: 'eth0' }, address, group, random.fork(address), () => {});
  }
  const passed = (unit: string) => ports.truthOf(linkTo(unit))?.totalBytes ?? 0;
  clock.runUntil(20_000);
  const before = passed('one');
  expect(before).toBeGreaterThan(0);
  expect(passed('two')).toBe(0);
  await chain(['two']);
  clock.runUntil(40_000);
  expect(passed('two')).toBeGreaterThan(before / 4);
  expect(passed('one')).toBeGreaterThan(1.25 * before);
  await ports.close();
  clock.close();
});

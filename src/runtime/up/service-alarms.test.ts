import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ServiceBench, serviceBench } from '../services/testing/service-bench.ts';
import { functionVnfd, shopNsd } from '../services/testing/shop-packages.ts';
import { serviceAlarms } from './service-alarms.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), functionVnfd('web'), shopNsd('wall', 'web'));
  await bench.manager.apply({
    service: { name: 'shop', nsd: 'shop-ns', members: { web: { sites: ['south'] } } },
  });
  await bench.until(() => bench.manager.services.every(({ operation }) => operation === null));
});
afterEach(() => bench.close());

const alarms = async (lost: readonly string[] = []) => {
  const troubled = (await bench.manager.operations()).filter(({ state }) => state === 'ROLLED_BACK');
  return serviceAlarms(bench.manager.services, lost, troubled).map(({ text }) => text);
};

test('nothing is told of services that run', async () => {
  expect(await alarms()).toEqual([]);
});

test('control agents that are not as planned are told with what lacks and what to do', () => {
  const lacks = [{ reason: 'site south: no host is left there', mend: 'muster agent list' }];
  const alarms = serviceAlarms([], [], [], [], [{ service: { id: 'id-1', name: 'shop' }, lacks }]);
  expect(alarms).toEqual([
    {
      text: 'the control agents of shop are not as planned: site south: no host is left there; muster agent list',
      about: [{ kind: 'service', id: 'id-1' }],
    },
  ]);
});

test('a silent site is told with whom it concerns', async () => {
  expect(await alarms(['south', 'east'])).toEqual([
    'the site south does not answer; there are units of shop',
    'the site east does not answer; nothing of a service is there',
  ]);
});

test('units that do not run are told with the reason, and what a healing lacked that came to nothing', async () => {
  bench.keeper.siteLost('south');
  await bench.until(async () =>
    (await bench.manager.operations()).some(({ state }) => state === 'ROLLED_BACK'),
  );
  expect(await alarms(['south'])).toEqual([
    'the site south does not answer; there are units of shop',
    expect.stringMatching(/^shop: heal came to nothing \(no place is found: .*web/),
    expect.stringMatching(/^shop: 1 of 2 units do not run, web\/vm\/0 first/),
  ]);
  bench.twin.spoil('vm', 'its disk is full');
  const [unit] = (await bench.manager.get('shop')).shape.units.filter(({ vnf }) => vnf === 'wall');
  bench.twin.fail(unit?.id ?? '', 'its disk is full');
  await bench.until(async () => (await alarms()).some((each) => each.includes('2 of 2 units do not run')));
});

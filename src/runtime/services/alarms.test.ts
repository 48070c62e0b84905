import { afterEach, beforeEach, expect, test } from 'vitest';
import { JournalWriter } from '../journal-writer.ts';
import { serviceAlarms } from '../up/service-alarms.ts';
import { keepServiceJournal } from '../up/service-journal.ts';
import { type ServiceBench, serviceBench } from './testing/service-bench.ts';
import { functionVnfd, shopNsd, withAlarms } from './testing/shop-packages.ts';

const ALARMS = `
        - alarm-id: busy
          vnf-monitoring-param-ref: vm_cpu
          operation: GT
          value: 70
          actions:
            alarm: [{ url: "http://hooks.example/alarm" }]
            ok: [{ url: "http://hooks.example/ok" }]
        - { alarm-id: strange, vnf-monitoring-param-ref: vm_cpu, operation: LIKE, value: 1, actions: { insufficient-data: [{ url: "http://hooks.example/none" }] } }
        - { alarm-id: not-idle, vnf-monitoring-param-ref: vm_cpu, operation: NE, value: 0 }
`;

let bench: ServiceBench;
let id: string;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), withAlarms(functionVnfd('web'), ALARMS), shopNsd('wall', 'web'));
  await bench.manager.apply({ service: { name: 'shop', nsd: 'shop-ns' } });
  await bench.until(() => bench.manager.services.every(({ operation }) => operation === null));
  ({ id } = await bench.manager.get('shop'));
});
afterEach(() => bench.close());

const states = async () =>
  Object.fromEntries((await bench.manager.get('shop')).alarms.map(({ alarm, state }) => [alarm, state]));
const told = () =>
  bench.told.flatMap((event) =>
    event.kind === 'alarm' ? [[event.alarm.alarm, event.alarm.state, event.webhooks] as const] : [],
  );

test('an alarm is raised by what is measured and cleared again, and its webhooks are told of each', async () => {
  await bench.pass(2000);
  expect(await states()).toEqual({ busy: 'ok', strange: 'insufficient-data', 'not-idle': 'ok' });
  expect(told()).toEqual([['strange', 'insufficient-data', ['http://hooks.example/none']]]);
  bench.twin.setLoad(id, 'vm', 180);
  // A peak that is over within a second is told to nobody.
  await bench.pass(600);
  bench.twin.setLoad(id, 'vm', 0);
  await bench.pass(2000);
  expect(told()).toHaveLength(1);
  bench.twin.setLoad(id, 'vm', 180);
  expect(await bench.until(async () => (await states())['busy'] === 'alarm')).toBeLessThan(1500);
  expect(serviceAlarms(bench.manager.services, [], [])).toEqual([
    {
      text: 'shop: the alarm busy of web/vm is raised: cpu_utilization of web/vm is 90 (GT 70)',
      about: [{ kind: 'service', id }],
    },
    expect.objectContaining({ text: expect.stringContaining('not-idle') }),
  ]);
  bench.twin.setLoad(id, 'vm', 0);
  await bench.until(async () => (await states())['busy'] === 'ok');
  expect(serviceAlarms(bench.manager.services, [], [])).toEqual([]);
  expect(told().filter(([alarm]) => alarm === 'busy')).toEqual([
    ['busy', 'alarm', ['http://hooks.example/alarm']],
    ['busy', 'ok', ['http://hooks.example/ok']],
  ]);
  expect(bench.trouble).toEqual([]);
});

test('the journal tells of it, each time because of what it told before', async () => {
  const journal = new JournalWriter();
  keepServiceJournal(bench.manager, journal, () => bench.clock.nowMs());
  bench.twin.setLoad(id, 'vm', 180);
  await bench.until(async () => (await states())['busy'] === 'alarm');
  bench.twin.setLoad(id, 'vm', 0);
  await bench.until(async () => (await states())['busy'] === 'ok');
  const subject = `${id}/web/vm/busy`;
  const [raised, cleared] = journal.entries.filter(
    (entry) => entry.kind === 'fault' && entry.subject === subject,
  );
  expect(raised).toMatchObject({ fault: 'alarm-raised', reason: expect.stringContaining('(GT 70)') });
  expect(cleared).toMatchObject({ fault: 'alarm-cleared', because: [raised?.id] });
});

test('who takes over knows what is raised already, and tells of it no second time', async () => {
  bench.twin.setLoad(id, 'vm', 180);
  await bench.until(async () => (await states())['busy'] === 'alarm');
  await bench.crash();
  await bench.pass(3000);
  expect((await states())['busy']).toBe('alarm');
  expect(told()).toEqual([]);
});

test('an alarm of a unit that has failed waits for data, also while its healing does not come about', async () => {
  await bench.pass(2000);
  bench.twin.spoil('vm', 'its disk is full');
  bench.twin.fail(`${id}/web/vm/0`, 'its disk is full');
  await bench.until(async () => (await states())['busy'] === 'insufficient-data');
  bench.twin.spoil('vm', undefined);
  await bench.until(async () => (await states())['busy'] === 'ok', 60_000);
});

test('nothing of it is left when the service has been terminated', async () => {
  await bench.pass(2000);
  const { id: operation } = await bench.manager.terminate('shop', {});
  await bench.until(async () => (await bench.manager.operation(operation)).state === 'COMPLETED');
  await bench.pass(1000);
  expect((await bench.manager.get('shop')).alarms).toEqual([]);
});

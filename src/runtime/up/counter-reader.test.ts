import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { smallNetwork } from '../../../test/conformance/small-network.ts';
import { createVirtualClock, type VirtualClock } from '../../adapters/clock-virtual/virtual-clock.ts';
import { createTwinInfrastructure } from '../../adapters/infrastructure-twin/twin-infrastructure.ts';
import { createTwinTestbed } from '../../adapters/plane-twin/twin-testbed.ts';
import { createSeededRandom } from '../../adapters/random-seeded/seeded-random.ts';
import type { Testbed } from '../../ports/testbed.ts';
import { nodeName } from '../../protocol/ids.ts';
import { type NetworkCounters, NetworkCountersSchema } from '../../protocol/network-counters.ts';
import { CounterReader, type CounterSources } from './counter-reader.ts';

const CAPACITY = 100_000;
const scenario = smallNetwork({ synCookies: true, capacity: CAPACITY });
let clock: VirtualClock;
let testbed: Testbed;

beforeEach(async () => {
  clock = createVirtualClock({ startAtMs: 0 });
  testbed = createTwinTestbed({ scenario, random: createSeededRandom(1), clock });
  await testbed.build();
});
afterEach(async () => {
  vi.useRealTimers();
  await testbed.destroy();
});

const reader = (more: Partial<CounterSources> = {}) =>
  new CounterReader({
    plane: () => testbed.plane,
    infrastructure: () => undefined,
    nowMs: () => clock.nowMs(),
    ...more,
  });

async function readAt(counters: CounterReader, atMs: number): Promise<NetworkCounters> {
  await clock.passUntil(atMs);
  const read = counters.read();
  await clock.passUntil(atMs + 10);
  return NetworkCountersSchema.parse(await read);
}

it('counts what goes over a link and what it drops, so that two readings make a rate', async () => {
  const [web] = scenario.functions;
  const [flood] = scenario.attacks;
  if (web === undefined || flood === undefined) throw new Error('the small network has both');
  await testbed.deploy(web, nodeName('srv'));
  await testbed.startAttack(flood, 60_000);
  const counters = reader();
  const [before, after] = [await readAt(counters, 1000), await readAt(counters, 3000)];
  const at = ({ links }: NetworkCounters) => links.find(({ link }) => link === 's2>srv');
  const sent = (at(after)?.deliveredBytes ?? 0) - (at(before)?.deliveredBytes ?? 0);
  const perSec = sent / ((after.tMs - before.tMs) / 1000);
  expect(perSec).toBeGreaterThan(CAPACITY * 0.9);
  expect(perSec).toBeLessThanOrEqual(CAPACITY * 1.01);
  expect(at(after)?.droppedPackets).toBeGreaterThan(at(before)?.droppedPackets ?? 0);
  expect(after.links.map(({ link }) => link).sort()).toEqual(['s2>other', 's2>srv']);
});

it('reads once for all who ask within half a second', async () => {
  const counters = reader();
  const [first, soon, later] = [
    await readAt(counters, 1000),
    await readAt(counters, 1400),
    await readAt(counters, 1600),
  ];
  expect(soon.tMs).toBe(first.tMs);
  expect(later.tMs).toBeGreaterThan(first.tMs);
});

it('tells what units have used', async () => {
  const infrastructure = createTwinInfrastructure(clock);
  await infrastructure.start({
    id: 'shop/web/vm/0',
    service: 'shop',
    unit: {
      id: 'web/vm/0',
      member: 'web',
      vdu: 'vm',
      demand: { vcpus: 1, memoryMib: 100, storageGb: 1 },
      sites: [],
      affinity: [],
      antiAffinity: [],
    },
    host: 'h1',
    image: { catalogue: 'web-server' },
    interfaces: [],
    parameters: {},
  });
  await clock.passUntil(300);
  infrastructure.setLoad('shop', 'vm', 10);
  const { units } = await readAt(reader({ infrastructure: () => infrastructure }), 10_300);
  expect(units.map(({ id }) => id)).toEqual(['shop/web/vm/0']);
  expect(units[0]?.cpuSeconds).toBeCloseTo(1, 1);
  expect(units[0]?.receivedBytes).toBeCloseTo(150_000, -3);
});

it('leaves out what does not answer', async () => {
  vi.useFakeTimers();
  const units = reader({
    infrastructure: () => ({ list: () => new Promise(() => {}), usage: () => new Promise(() => {}) }),
  }).read();
  await vi.advanceTimersByTimeAsync(2000);
  // Nobody has driven the clock of the data plane either.
  expect(await units).toEqual({ tMs: 0, links: [], units: [] });
});

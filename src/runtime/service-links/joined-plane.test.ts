import { beforeEach, expect, test } from 'vitest';
import type { VirtualClock } from '../../adapters/clock-virtual/virtual-clock.ts';
import { createVirtualClock } from '../../adapters/clock-virtual/virtual-clock.ts';
import { createTwinInfrastructure } from '../../adapters/infrastructure-twin/twin-infrastructure.ts';
import { createTwinPorts } from '../../adapters/infrastructure-twin/twin-ports.ts';
import { createTwinTestbed } from '../../adapters/plane-twin/twin-testbed.ts';
import { createSeededRandom } from '../../adapters/random-seeded/seeded-random.ts';
import type { DataPlane } from '../../ports/data-plane.ts';
import { type LinkId, LinkIdSchema } from '../../protocol/ids.ts';
import { PlaneCommandSchema, type PlaneQuery, type PlaneReading } from '../../protocol/plane.ts';
import { type Scenario, TopologySchema } from '../../protocol/scenario.ts';
import { generatedSubstrate } from '../placement/generated-substrate.ts';
import { siteScenario } from '../placement/site-agents.ts';
import { joinedPlane } from './joined-plane.ts';

const TRUNK = LinkIdSchema.parse('s1>h1');
const PORT = LinkIdSchema.parse('shop/data>web/vm/0');
const SCENARIO: Scenario = {
  ...siteScenario(generatedSubstrate(2, 'ring')),
  topology: TopologySchema.parse({
    switches: ['s1'],
    hosts: [{ name: 'h1', switch: 's1', cpu: 1, memoryGb: 1, capacityBytesPerSec: 1_000_000 }],
    accessPoints: [{ name: 'p1', switch: 's1' }],
  }),
};

let clock: VirtualClock;
let plane: DataPlane;
/** Whether services run. */
let open: boolean;

beforeEach(async () => {
  clock = createVirtualClock({ startAtMs: 0 });
  const testbed = createTwinTestbed({ scenario: SCENARIO, random: createSeededRandom(1), clock });
  await testbed.build();
  const twin = createTwinInfrastructure(clock);
  const demand = { vcpus: 1, memoryMib: 1, storageGb: 1 };
  const unit = {
    id: 'web/vm/0',
    member: 'web',
    vdu: 'vm',
    demand,
    sites: [],
    affinity: [],
    antiAffinity: [],
  };
  const interfaces = [{ name: 'eth0', link: 'data', address: '10.9.0.2' }];
  const image = { catalogue: 'web-server' };
  await twin.start({ id: 'u1', service: 'shop', unit, host: 'h1', image, interfaces, parameters: {} });
  clock.runUntil(300);
  const ports = createTwinPorts(twin, clock);
  expect(await ports.guard([{ link: PORT, unit: 'u1', interface: 'eth0' }])).toEqual([PORT]);
  open = true;
  plane = joinedPlane(testbed.plane, () => (open ? ports : undefined));
});

function done(command: object) {
  let told: unknown;
  plane.execute(PlaneCommandSchema.parse(command), (outcome) => {
    told = outcome;
  });
  clock.runUntil(clock.nowMs() + 10);
  return told;
}

function read(query: PlaneQuery): PlaneReading | string {
  let told: PlaneReading | string = 'nothing';
  plane.measure(query, (outcome) => {
    told = outcome.ok ? outcome.value : outcome.error;
  });
  clock.runUntil(clock.nowMs() + 10);
  return told;
}

const OK = { ok: true, value: null };
const limit = (link: LinkId, rule: string) => ({
  kind: 'limit-link',
  rule,
  award: 'a1.1',
  owner: 'a2',
  link,
  rateBytesPerSec: 1000,
});
const rules = () => {
  const reading = read({ kind: 'rules' });
  return typeof reading === 'object' && reading.kind === 'rules'
    ? reading.entries.map(({ rule, link, owner }) => `${rule} ${link} ${owner}`).toSorted()
    : reading;
};

test('what is about a link goes where it is; rules of both are told, adopted and removed together', () => {
  expect(plane.guardedLinks()).toEqual([TRUNK, PORT]);
  expect(done(limit(TRUNK, 'r1'))).toEqual(OK);
  expect(done(limit(PORT, 'r2'))).toEqual(OK);
  expect(rules()).toEqual([`r1 ${TRUNK} a2`, `r2 ${PORT} a2`]);
  for (const link of [TRUNK, PORT])
    expect(read({ kind: 'link-load', link })).toMatchObject({ kind: 'link-load', offeredBytes: 0 });
  expect(done({ kind: 'adopt-rules', fromAward: 'a1.1', toAward: 'a1.2', owner: 'a3' })).toEqual(OK);
  expect(rules()).toEqual([`r1 ${TRUNK} a3`, `r2 ${PORT} a3`]);
  for (const rule of ['r1', 'r2']) expect(done({ kind: 'remove-rule', rule })).toEqual(OK);
  expect(rules()).toEqual([]);
});

test('without services their links are none, and the network goes on', () => {
  open = false;
  expect(plane.guardedLinks()).toEqual([TRUNK]);
  expect(done(limit(PORT, 'r2'))).toEqual({
    ok: false,
    error: `${PORT} is not a link with a stated capacity`,
  });
  expect(done(limit(TRUNK, 'r1'))).toEqual(OK);
  expect(rules()).toEqual([`r1 ${TRUNK} a2`]);
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTwinPorts, type TwinPorts } from '../../adapters/infrastructure-twin/twin-ports.ts';
import { createTwinTestbed } from '../../adapters/plane-twin/twin-testbed.ts';
import { createSeededRandom } from '../../adapters/random-seeded/seeded-random.ts';
import { journalIndex } from '../../core/explain/journal-index.ts';
import { renderWhy } from '../../core/explain/render-why.ts';
import { whyChain } from '../../core/explain/why-chain.ts';
import type { RequestRecord } from '../../ports/testbed.ts';
import { agentId, ipv4 } from '../../protocol/ids.ts';
import { type AgentSpec, AgentSpecSchema, type Scenario, UserGroupSchema } from '../../protocol/scenario.ts';
import { SubstrateSchema } from '../../protocol/substrate.ts';
import { JournalWriter } from '../journal-writer.ts';
import { RunningNetwork } from '../network/running-network.ts';
import { siteScenario } from '../placement/site-agents.ts';
import { operationOver, type ServiceBench, serviceBench } from '../services/testing/service-bench.ts';
import { functionVnfd, shopNsd } from '../services/testing/shop-packages.ts';

const LINK = 'shop/data>web/vm/0';
const SERVER = { address: '10.9.0.2', interface: 'eth1' };
const ATTACKERS = [1, 2, 3].map((n) => ipv4(`10.9.0.${200 + n}`));
const USERS = [1, 2, 3, 4, 5].map((n) => ipv4(`10.9.0.${100 + n}`));

const agent = (name: string, host: string, service: string, ...capabilities: AgentSpec['capabilities']) =>
  AgentSpecSchema.parse({ name, host, service, capabilities });

const SHOP = [
  agent('shop-north', 'north-1', 'shop', 'link-monitor', 'rate-limiter'),
  agent('shop-south', 'south-1', 'shop', 'link-monitor', 'anomaly-detection', 'classifier'),
];
/** Able to do everything, and none of its business. */
const BANK = agent(
  'bank-south',
  'south-2',
  'bank',
  'link-monitor',
  'rate-limiter',
  'anomaly-detection',
  'classifier',
);

let bench: ServiceBench;
let ports: TwinPorts;
let network: RunningNetwork;
let journal: JournalWriter;

beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), functionVnfd('web'), shopNsd('wall', 'web'));
  ports = createTwinPorts(bench.twin, bench.clock);
});
afterEach(async () => {
  await network.close();
  await ports.close();
  await bench.close();
});

/** The shop, with what its virtual link may carry; the agents of its pipeline; and the network around them. */
async function opened(agents: readonly AgentSpec[]) {
  const traffic = { data: { bytesPerSec: 60_000 } };
  const { operation } = await bench.manager.apply({ service: { name: 'shop', nsd: 'shop-ns', traffic } });
  await operationOver(bench, operation);
  const { clock } = bench;
  const scenario: Scenario = { ...siteScenario(SUBSTRATE), agents: [...agents] };
  const random = createSeededRandom(7);
  journal = new JournalWriter();
  network = new RunningNetwork({
    scenario,
    seed: 7,
    startMs: clock.nowMs(),
    genuine: false,
    built: {
      plane: 'twin',
      testbed: createTwinTestbed({ scenario, random, clock }),
      clock,
      zeroNs: () => undefined,
      latencyMs: 1,
    },
    journal,
    onPhase: () => {},
    onDeliver: () => true,
    pass: (untilMs) => clock.passUntil(untilMs),
  });
  await network.start();
  const links = await network.openServiceLinks({
    plane: ports,
    services: () => bench.manager.services,
    onTrouble: (text) => bench.trouble.push(text),
  });
  bench.manager.listen(() => void links.sync());
  const web = bench.manager.services[0]?.shape.units.find(({ vnf }) => vnf === 'web')?.id ?? '';
  return { links, web, random };
}

const SUBSTRATE = SubstrateSchema.parse({
  sites: ['north', 'south'],
  hosts: ['north-1', 'north-2', 'south-1', 'south-2'].map((name) => ({
    name,
    site: name.split('-')[0],
    vcpus: 8,
    memoryMib: 8192,
    storageGb: 100,
  })),
  links: [],
});

const actions = (...kinds: readonly string[]) =>
  journal.entries.flatMap((entry) =>
    entry.kind === 'action' && kinds.includes(entry.action) ? [entry] : [],
  );

describe('the virtual links of a service', () => {
  test('under a flood are limited by the agents of its pipeline, who find its sources and block them at the port of the unit', async () => {
    const { web, random } = await opened([...SHOP, BANK]);
    const to = { unit: web, interface: SERVER.interface };
    const requests: RequestRecord[] = [];
    const group = UserGroupSchema.parse({
      behaviour: 'page',
      name: 'visitors',
      count: USERS.length,
      at: ['access'],
      target: 'web',
    });
    const leave = USERS.map((address) =>
      ports.user(to, address, group, random.fork(address), (request) => requests.push(request)),
    );
    await bench.pass(3000);
    expect(requests.length).toBeGreaterThan(10);
    expect(actions('limit-link', 'block-source')).toEqual([]);

    const beganMs = bench.clock.nowMs();
    for (const source of ATTACKERS) ports.flood(to, source, 700, beganMs + 12_000, random.fork(source));
    await bench.pass(6000);
    const done = actions('limit-link', 'limit-target', 'block-source').filter(
      ({ status }) => status === 'done',
    );
    expect(new Set(done.map(({ action }) => action))).toEqual(
      new Set(['limit-link', 'limit-target', 'block-source']),
    );
    // The wall passes the flood on: it is watched too, and nothing behind it is its own.
    const links = new Set(done.map(({ detail }) => detail['link']));
    expect([...links].sort()).toEqual(['shop/data>wall/vm/0', LINK].sort());
    for (const { detail } of done.filter(({ action }) => action !== 'limit-link'))
      expect(detail['link']).toBe(LINK);
    const blocked = new Set(actions('block-source').map(({ detail }) => detail['source']));
    expect(blocked).toEqual(new Set(ATTACKERS));
    for (const { detail } of done) expect(SHOP.map(({ name }) => name)).toContain(detail['owner']);

    // `muster why` of a block goes back to what was measured at that port.
    const block = actions('block-source').find(({ status }) => status === 'done');
    const why = renderWhy(whyChain(journalIndex(journal.entries), block?.id ?? '')).join('\n');
    for (const part of [LINK, 'sourcesBlocked', 'anomalousUsage', 'SYN/s', 'kB/s over the threshold'])
      expect(why).toContain(part);

    // An agent of another service knows the award that blocks are set under, and asks for one more.
    const { award, owner } = Object.fromEntries(
      Object.entries(actions('block-source')[0]?.detail ?? {}).map(([key, value]) => [key, String(value)]),
    );
    const ask = async (sender: string, source: string) => {
      const args = { link: LINK, source, ttlMs: 1000, award: award ?? '', reason: 'spite' };
      network.fleet.post(agentId(owner ?? ''), {
        kind: 'message',
        message: {
          performative: 'request',
          sender: agentId(sender),
          receiver: agentId(owner ?? ''),
          conversationId: `${sender}.r99`,
          messageId: `${sender}:99`,
          protocol: 'fipa-request',
          ontology: 'muster',
          content: { type: 'sourceBlockSet', args },
        },
      });
      await bench.pass(300);
      return actions('block-source').some(
        ({ detail, status }) => status === 'done' && detail['source'] === source,
      );
    };
    expect(await ask(BANK.name, '10.9.0.250')).toBe(false);
    expect(await ask(award?.split('.')[0] ?? '', '10.9.0.251')).toBe(true);

    const settledMs = bench.clock.nowMs();
    await bench.pass(5000);
    const after = requests.filter(({ startMs }) => startMs > settledMs);
    expect(after.length).toBeGreaterThan(20);
    expect(after.filter(({ inTime }) => inTime).length / after.length).toBeGreaterThan(0.9);
    for (const stop of leave) stop();
    expect(bench.trouble).toEqual([]);
  });

  test('are no longer watched once their units are gone, and nobody is told of those of a service without agents', async () => {
    const { links } = await opened([BANK]);
    expect(ports.guardedLinks()).toEqual([]);
    await network.close();
    await operationOver(bench, await bench.manager.terminate('shop', { remove: true }));
    const again = await opened(SHOP);
    expect([...ports.guardedLinks()].sort()).toEqual(
      ['shop/data>wall/vm/0', LINK, 'shop/mgmt>wall/vm/0', 'shop/mgmt>web/vm/0'].sort(),
    );
    await bench.pass(500);
    const watched = (topic: string) =>
      network.fleet.inputs.flatMap(({ agent: name, events }) =>
        events.flatMap((each) =>
          each.kind === 'percept' && each.topic === topic ? [`${name} ${each.subject}`] : [],
        ),
      );
    // First fit has put both on one host.
    expect(new Set(watched('assigned'))).toEqual(
      new Set(ports.guardedLinks().map((link) => `shop-north ${link}`)),
    );
    expect(watched('link-load').filter((each) => each.endsWith(LINK)).length).toBeGreaterThan(2);
    await operationOver(bench, await bench.manager.terminate('shop', {}));
    await again.links.sync();
    expect(ports.guardedLinks()).toEqual([]);
    await bench.pass(500);
    expect(new Set(watched('unassigned'))).toEqual(new Set(watched('assigned')));
    const readings = watched('link-load').length;
    await bench.pass(1000);
    expect(watched('link-load').length).toBe(readings);
    await links.close();
  });

  test('are watched by another link monitor of the service when the one of the site has ended, and by that one once it is back', async () => {
    const { links } = await opened(SHOP);
    const assigned = () =>
      network.fleet.inputs.flatMap(({ agent: name, events }) =>
        events.flatMap((each) =>
          each.kind === 'percept' && each.topic === 'assigned' && each.subject === LINK ? [name] : [],
        ),
      );
    const [north, south] = SHOP.map(({ name }) => name);
    if (north === undefined || south === undefined) throw new Error('two agents');
    links.ended(north);
    await links.sync();
    links.born(north);
    await links.sync();
    await bench.pass(100);
    expect(assigned().toSorted()).toEqual([north, north, south]);
  });
});

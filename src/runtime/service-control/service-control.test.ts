import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PipelineChange } from '../../core/pipeline-plan/pipeline-changes.ts';
import { MusterError } from '../../protocol/errors.ts';
import { agentId, nodeName } from '../../protocol/ids.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { ServiceControlView } from '../../protocol/service-control.ts';
import type { AgentGroup } from '../pipelines/agent-group.ts';
import { serviceToControl } from '../pipelines/service-to-control.ts';
import { untilAttested } from '../pipelines/until-attested.ts';
import { operationOver, type ServiceBench, serviceBench } from '../services/testing/service-bench.ts';
import { functionVnfd, SCALES, shopNsd } from '../services/testing/shop-packages.ts';
import { ServiceControl } from './service-control.ts';

const SITES = ['north', 'south', 'west'];
const ATTESTED_AFTER_MS = 1000;
const EVERY_MS = 5000;
const IMAGES = Object.fromEntries(
  ['wall-image', 'web-image'].map((name) => [name, { catalogue: 'web-server' }]),
);
const SITE = { images: IMAGES, webhooks: { allowHosts: [] } };
const SHOP = { name: 'shop', nsd: 'shop-ns', control: 'planned' } as const;

type Agent = PipelineView['agents'][number];

/** A group of agents without processes: who comes is attested after a second, if anybody is. */
class Group implements AgentGroup {
  readonly made: string[] = [];
  agents: Agent[];
  /** Throws in place of a change. */
  refusal: MusterError | undefined;
  attests = true;
  readonly #hosts: PipelineView['hosts'];
  readonly #since = new Map<string, number>();
  readonly #bench: ServiceBench;

  constructor(bench: ServiceBench, hosts: readonly number[]) {
    this.#bench = bench;
    this.#hosts = SITES.flatMap((site, index) =>
      Array.from({ length: hosts[index] ?? 0 }, (_, n) => ({
        name: nodeName(`${site}-${n + 1}`),
        site: nodeName(site),
      })),
    );
    this.agents = SITES.map((site) => ({
      ...{ name: agentId(`a-${site}`), host: nodeName(`${site}-1`), site: nodeName(site) },
      ...{ capabilities: [], pipeline: 'sites', attested: true, keyed: true },
    }));
  }

  /** Agents of services, each as `name@host`. */
  get control(): readonly string[] {
    return this.agents.flatMap(({ name, host, pipeline }) =>
      pipeline === 'sites' ? [] : [`${name}@${host}`],
    );
  }

  async view(): Promise<PipelineView> {
    const { clock } = this.#bench;
    const agents = this.agents.map((agent) => {
      const since = this.#since.get(agent.name);
      const trusted = since === undefined || (this.attests && clock.nowMs() >= since + ATTESTED_AFTER_MS);
      return { ...agent, attested: trusted, keyed: trusted };
    });
    return {
      ...{ name: 'sites', verifiersPerRound: 1, imageSha256: null, room: 16 },
      ...{ hosts: this.#hosts, agents, order: agents.map(({ name }) => name) },
    };
  }

  async change(change: PipelineChange, { name: pipeline, service }: { name: string; service?: string }) {
    if (this.refusal !== undefined) throw this.refusal;
    this.made.push(`${change.kind} ${change.name}`);
    const others = this.agents.filter(({ name }) => name !== change.name);
    this.#since.delete(change.name);
    this.agents = others;
    if (change.kind === 'remove') return;
    const { site = nodeName('nowhere') } = this.#hosts.find(({ name }) => name === change.host) ?? {};
    const place = { name: agentId(change.name), host: nodeName(change.host), site };
    const { capabilities } = change;
    this.agents = [
      ...others,
      {
        ...place,
        pipeline,
        capabilities: [...capabilities],
        attested: false,
        keyed: false,
        ...(service && { service }),
      },
    ];
    this.#since.set(change.name, this.#bench.clock.nowMs());
  }

  async setOrder(): Promise<void> {
    this.made.push('order');
  }

  untilAttested(names: readonly string[], signal?: AbortSignal): Promise<void> {
    return untilAttested(() => this.view(), names, this.#bench.clock, signal);
  }
}

let bench: ServiceBench;
let group: Group;
let control: ServiceControl;
let steps: string[];
let unlisten: () => void;

/** As another `muster up` would begin. */
function begin(): void {
  control = new ServiceControl({
    group,
    services: () => bench.manager.services,
    toControl: (service) => serviceToControl(service, bench.packages, SITE),
    clock: bench.clock,
    everyMs: EVERY_MS,
    onStep: ({ name }, text) => steps.push(`${name}: ${text}`),
  });
  unlisten = bench.manager.listen(({ kind }) => {
    if (kind === 'service') control.heard();
  });
  control.start();
}

function end(): void {
  unlisten();
  control.close();
}

async function started(hosts: readonly number[] = [3, 3, 3]): Promise<void> {
  bench = await serviceBench({
    sites: { north: 2, south: 2, west: 2 },
    images: (image) => IMAGES[image],
  });
  await bench.onboard(functionVnfd('wall'), functionVnfd('web', { flavour: SCALES }), shopNsd('wall', 'web'));
  steps = [];
  group = new Group(bench, hosts);
  begin();
}

beforeEach(() => started());
afterEach(async () => {
  end();
  await bench.close();
});

async function applied(file: object = {}): Promise<void> {
  const { operation } = await bench.manager.apply({ service: { ...SHOP, ...file } });
  await operationOver(bench, operation);
}

const viewed = async (name = 'shop'): Promise<ServiceControlView> =>
  control.viewOf(await bench.manager.get(name));

const until = (state: ServiceControlView['state'], name?: string): Promise<number> =>
  bench.until(async () => (await viewed(name)).state === state);

const sitesOfAgents = () =>
  new Set(group.agents.flatMap(({ site, pipeline }) => (pipeline === 'shop' ? site : [])));

const wallAt = (site: string) => ({ members: { wall: { sites: [site] } } });

describe('a service with control: planned', () => {
  it('is given its agents once it is instantiated, and they are up once they are attested', async () => {
    const { operation } = await bench.manager.apply({ service: SHOP });
    expect(group.control).toEqual([]);
    await operationOver(bench, operation);
    await until('attesting');
    expect(await until('up')).toBeGreaterThan(0);
    const { agents, pipeline, lacks } = await viewed();
    expect(pipeline).toBe('shop');
    expect(lacks).toEqual([]);
    expect(agents.every(({ attested, keyed }) => attested && keyed)).toBe(true);
    expect(group.made.every((each) => each.startsWith('add shop-'))).toBe(true);
    expect(steps).toHaveLength(group.made.length);
    expect(steps[0]).toMatch(/^shop: add shop-\w+ at \w+-2 \(\w+\): /);
  });

  it('without it has none, and agents that an operator has applied for it are left alone', async () => {
    group.agents.push({
      ...{ name: agentId('shop-north'), host: nodeName('north-3'), site: nodeName('north') },
      ...{ capabilities: [], pipeline: 'shop', service: 'shop', attested: true, keyed: true },
    });
    await applied({ control: 'none' });
    await bench.pass(2 * EVERY_MS);
    expect(await viewed()).toMatchObject({ control: 'none', state: 'none', pipeline: 'shop' });
    await operationOver(bench, await bench.manager.terminate('shop', {}));
    await bench.pass(2 * EVERY_MS);
    expect(group.made).toEqual([]);
  });

  it('whose units move is followed: who comes is attested before others go', async () => {
    await applied(wallAt('north'));
    await until('up');
    expect(sitesOfAgents()).toContain('north');
    group.made.length = 0;
    await applied({ members: { wall: { sites: ['west'] }, web: { sites: ['west'] } } });
    await until('up');
    expect(sitesOfAgents()).toContain('west');
    const [first] = group.made;
    expect(first).toBe('add shop-west');
    expect(group.made.filter((each) => each.startsWith('remove')).length).toBeLessThan(group.made.length);
  });

  it('that is changed without being moved keeps its agents as they are', async () => {
    await applied();
    await until('up');
    const made = group.made.length;
    await applied({ traffic: { data: { bytesPerSec: 500_000 } }, partitionGraceMs: 5000 });
    await until('up');
    expect(group.made).toHaveLength(made);
  });

  it('loses its agents when it is to have none any more, and when it ends', async () => {
    await applied();
    await until('up');
    await applied({ control: 'none' });
    await until('none');
    expect(group.control).toEqual([]);
    await applied();
    await until('up');
    expect(group.control.length).toBeGreaterThan(0);
    await operationOver(bench, await bench.manager.terminate('shop', { remove: true }));
    await bench.until(() => group.control.length === 0);
    expect(group.agents).toHaveLength(SITES.length);
  });

  it('that ends while its agents are being attested is not waited for', async () => {
    group.attests = false;
    await applied(wallAt('north'));
    await bench.until(() => group.control.length > 0);
    // Now somebody has to go, who waits for somebody who is never attested.
    await applied({ members: { wall: { sites: ['west'] }, web: { sites: ['west'] } } });
    await bench.until(() => group.control.some((each) => each.endsWith('west-2')));
    await operationOver(bench, await bench.manager.terminate('shop', {}));
    expect(await bench.until(() => group.control.length === 0)).toBeLessThan(5000);
    expect((await viewed()).state).toBe('waiting');
  });

  it('is given back an agent that somebody has removed', async () => {
    await applied();
    await until('up');
    const before = [...group.control].sort();
    group.agents = group.agents.filter(({ name }) => !name.startsWith('shop-'));
    await bench.pass(EVERY_MS);
    await until('up');
    expect([...group.control].sort()).toEqual(before);
  });

  it('of which a supervisor has ended is planned anew by the next, which adds nothing that is there', async () => {
    await applied();
    await until('up');
    const before = [...group.control];
    end();
    group.made.length = 0;
    begin();
    await until('up');
    expect(group.made).toEqual([]);
    end();
    // Its processes have ended with it.
    group.agents = group.agents.filter(({ pipeline }) => pipeline === 'sites');
    begin();
    await until('up');
    expect([...group.control].sort()).toEqual([...before].sort());
  });
});

describe('what lacks', () => {
  it('is told when a site has no host left, while the service runs on, and is seen to once there is one', async () => {
    end();
    await bench.close();
    await started([1, 1, 1]);
    await applied();
    await until('lacking');
    const { lacks, agents } = await viewed();
    expect(agents).toEqual([]);
    expect(lacks[0]).toMatchObject({
      reason: expect.stringMatching(/site \w+: no host is left there/),
      mend: expect.stringContaining('muster agent list'),
    });
    expect(control.lacking).toMatchObject([{ service: { name: 'shop' }, lacks }]);
    expect((await bench.manager.get('shop')).shape.units.every(({ state }) => state === 'running')).toBe(
      true,
    );
    // It is told once, however often it is tried.
    await bench.pass(3 * EVERY_MS);
    expect(steps).toHaveLength(1);
    group.agents = group.agents.slice(0, 1).map((agent) => ({ ...agent, host: nodeName('elsewhere') }));
    await until('up');
    expect(control.lacking).toEqual([]);
  });

  it('is told when a change is refused, and is tried again', async () => {
    group.refusal = new MusterError('LEDGER_FAILED', 'the ledger does not answer', { hint: 'muster status' });
    await applied();
    await until('lacking');
    expect((await viewed()).lacks).toEqual([{ reason: 'the ledger does not answer', mend: 'muster status' }]);
    group.refusal = undefined;
    expect(await until('up')).toBeLessThan(2 * EVERY_MS);
  });

  it('is told of agents that nobody attests', async () => {
    group.attests = false;
    await applied();
    await bench.until(async () => (await viewed()).state === 'lacking', 90_000);
    expect((await viewed()).lacks[0]).toMatchObject({
      reason: expect.stringMatching(/shop-\w+ is not attested/),
      mend: expect.stringContaining('muster doctor'),
    });
  });

  it('is told of a service whose pipeline would have the name of that of another', async () => {
    await applied();
    await until('up');
    const made = group.made.length;
    const { operation } = await bench.manager.apply({ service: { ...SHOP, name: 'Shop' } });
    await operationOver(bench, operation);
    await until('lacking', 'Shop');
    expect((await viewed('Shop')).lacks[0]?.reason).toContain('the agents of shop are of the pipeline shop');
    await operationOver(bench, await bench.manager.terminate('Shop', { remove: true }));
    await bench.pass(2 * EVERY_MS);
    expect(group.made).toHaveLength(made);
    await until('up');
  });
});

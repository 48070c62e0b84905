import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TwinInfrastructure } from '../../adapters/infrastructure-twin/twin-infrastructure.ts';
import type { AgentEvent } from '../../core/bdi/event.ts';
import { journalIndex } from '../../core/explain/journal-index.ts';
import { namedEntry } from '../../core/explain/named-entry.ts';
import { entriesTold, whyChain } from '../../core/explain/why-chain.ts';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import { AgentSpecSchema } from '../../protocol/scenario.ts';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { JournalWriter } from '../journal-writer.ts';
import { openPackage } from '../packages/examine-package.ts';
import { onboardPackages } from '../packages/onboard-packages.ts';
import { generatedSubstrate } from '../placement/generated-substrate.ts';
import { siteScenario } from '../placement/site-agents.ts';
import { serviceLinksFor } from '../service-links/service-links-for.ts';
import { stampedPackages, stampedService } from '../services/testing/stamped-service.ts';
import { UpServices } from './up-services.ts';

// Services as `muster up --sites 4` runs them in the twin, beside no pipeline: real time, since they share their clock with processes.

let home: string;
let up: UpServices;
let journal: JournalEntry[];
let trouble: string[];
let told: AgentEvent[];

const SCENARIO = siteScenario(generatedSubstrate(4, 'ring'));
/** Of the service `watched`, at one site of four. */
const AGENTS = [
  AgentSpecSchema.parse({ name: 'w1', host: 'site1-h2', service: 'watched', capabilities: ['link-monitor'] }),
];

async function start(): Promise<void> {
  up = await UpServices.open({ home, substrate: generatedSubstrate(4, 'ring'), site: NO_SITE_CONFIG });
  await up.start({
    plane: 'twin',
    network: {
      genuine: undefined,
      placing: undefined,
      openServiceLinks: async (given) => {
        const links = serviceLinksFor(
          { specs: AGENTS, post: (_, event) => told.push(event) },
          SCENARIO,
          given,
        );
        for (const { name } of AGENTS) links.born(name);
        return links;
      },
    },
    journal: new JournalWriter((entry) => journal.push(entry)),
    nowMs: () => 0,
    zeroNs: () => undefined,
    onTrouble: (text) => trouble.push(text),
  });
}

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'muster-up-services-'));
  journal = [];
  trouble = [];
  told = [];
  await start();
});
afterEach(async () => {
  await up.close(false);
  rmSync(home, { recursive: true, force: true });
});

const over = (id: string | undefined, withinMs = 10_000): Promise<Operation> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(new Error('it is not over in time'))), withinMs);
    const unlisten = up.operations.listen((event) => {
      if (event.kind === 'operation' && event.operation.id === id) look(event.operation);
    });
    const end = (finish: () => void) => {
      clearTimeout(timer);
      unlisten();
      finish();
    };
    const look = (operation: Operation) => {
      const { state } = operation;
      if (isOver(state) || state === 'FAILED_TEMP') end(() => resolve(operation));
    };
    up.operations.operation(id ?? '').then(look, (error: unknown) => end(() => reject(error)));
  });
const begun = async (kind: string) => {
  const operations = async () =>
    (await up.operations.operations()).filter(({ params }) => params.kind === kind);
  await expect.poll(operations, { timeout: 5000, interval: 20 }).not.toEqual([]);
  return over((await operations())[0]?.id);
};
const twin = () => up.infrastructure as TwinInfrastructure;

async function applied(name: string, sites: readonly string[] = []) {
  const packages = await Promise.all(stampedPackages.map((path) => openPackage(path)));
  await onboardPackages(up.packages, packages, { site: NO_SITE_CONFIG, update: true, nowMs: 0 });
  const { file, probe } = stampedService(name, sites);
  const { operation } = await up.operations.apply({ service: file });
  expect((await over(operation?.id)).state).toBe('COMPLETED');
  const verified = async () => (await over((await up.operations.action(name, probe)).id)).outputs[0]?.output;
  return { verified, file };
}

describe('services of muster up', () => {
  it('run where agents have bargained for, and stamps prove that traffic goes through each function', async () => {
    const { verified } = await applied('shop');
    expect(await verified()).toMatch(/^verified/);
    const { shape } = await up.operations.get('shop');
    expect(shape.units.every(({ site, state }) => site !== null && state === 'running')).toBe(true);
    expect(up.summary()).toMatchObject({ sites: 4, services: 1, units: 5, running: 5, lostSites: [] });
    // Why: the operation follows from the auction of the service, that from those of its units.
    const why = namedEntry(journal, 'shop/web/unit/0');
    expect(journal.find(({ id }) => id === why)).toMatchObject({ kind: 'auction', status: 'completed' });
    const told = entriesTold(whyChain(journalIndex(journal), namedEntry(journal, 'shop') ?? ''));
    expect(told.filter(({ kind }) => kind === 'auction').map((each) => 'goal' in each && each.goal)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^servicePlaced/),
        expect.stringMatching(/^unitHosted.*web/),
      ]),
    );
    // A chain that is bypassed is found out.
    const [chain] = twin().chains();
    if (chain === undefined) throw new Error('there is no chain');
    await twin().setChain({ ...chain, hops: chain.hops.slice(1) });
    const { probe } = stampedService('shop');
    const { 'within-ms': _, ...parameters } = probe.parameters;
    const unverified = await up.operations.action('shop', { ...probe, primitive: 'probe', parameters });
    expect((await over(unverified.id)).errors.at(-1)?.message).toMatch(/stamp|missing|hop 1/);
    expect(trouble).toEqual([]);
  });

  it('are asked about and moved to where they cost less, and say what was bid, and what it saves', async () => {
    const sites = ['site1', 'site3', 'site1', 'site1', 'site1'];
    const { file } = await applied('shop', sites);
    const members = Object.fromEntries(
      Object.entries(file.members).map(([member, { sites: _, ...wishes }]) => [member, wishes]),
    );
    const free = await up.operations.apply({ service: { ...file, members } });
    await over(free.operation?.id);
    const why = () => entriesTold(whyChain(journalIndex(journal), namedEntry(journal, 'shop') ?? ''));
    const dear = await up.operations.improve('shop', { margin: 0.9 });
    expect(dear.outcome).toBe('unchanged');
    const [declined, ...behind] = why();
    expect(declined).toMatchObject({
      kind: 'offer',
      units: [],
      reason: expect.stringMatching(/none saves 90 %/),
    });
    const stays = behind.find((each) => each.kind === 'auction' && each.goal.endsWith(',first/unit/0)'));
    expect(stays).toMatchObject({
      goal: expect.stringMatching(/^unitMoved/),
      reason: expect.stringMatching(
        /^it stays at site3-h\d of site3: elsewhere all would cost \d+, and a move/,
      ),
    });
    if (stays?.kind !== 'auction') throw new Error('there is no auction of the unit');
    expect(stays.bids.map(({ bidder }) => bidder).toSorted()).toEqual(['site1', 'site2', 'site3', 'site4']);
    // How it came to be as it is is behind that.
    expect(behind).toContainEqual(expect.objectContaining({ kind: 'operation', change: 'update' }));

    const { cost, operation } = await up.operations.improve('shop', {});
    expect((await over(operation?.id)).state).toBe('COMPLETED');
    expect(cost.after).toBeLessThan(cost.now);
    const [done, ...before] = why();
    expect(done).toMatchObject({ kind: 'operation', change: 'migrate', state: 'COMPLETED' });
    expect(before).toContainEqual(
      expect.objectContaining({ kind: 'offer', ...cost, units: ['first/unit/0'] }),
    );
    expect(before).toContainEqual(
      expect.objectContaining({ goal: expect.stringMatching(/^serviceImproved/), winner: 'improved' }),
    );
    expect(namedEntry(journal, 'shop/first/unit/1')).toBeDefined();
    expect(trouble).toEqual([]);
  });

  it('are healed when a function fails, and told so', async () => {
    const { verified } = await applied('shop');
    const { shape } = await up.operations.get('shop');
    const unit = shape.units.find(({ vnf }) => vnf === 'second');
    const fromMs = performance.now();
    twin().fail(unit?.id ?? '', 'killed by a test');
    expect((await begun('heal')).state).toBe('COMPLETED');
    expect(performance.now() - fromMs).toBeLessThan(2000);
    expect(await verified()).toMatch(/^verified/);
    const told = entriesTold(whyChain(journalIndex(journal), namedEntry(journal, 'shop') ?? ''));
    const heal = journal.find((entry) => entry.kind === 'operation' && entry.change === 'heal');
    expect(heal?.because.map((id) => journal.find((each) => each.id === id))).toMatchObject([
      { kind: 'fault', fault: 'unit-failed', reason: 'killed by a test' },
    ]);
    expect(told.length).toBeGreaterThan(0);
  });

  it('move away from a site that is silent, and what had been there is stopped when it is back', async () => {
    const { verified } = await applied('shop');
    const before = (await up.operations.get('shop')).shape.units;
    const site = before.find(({ vnf }) => vnf === 'second')?.site ?? '';
    const hosts = new Set(before.filter((each) => each.site === site).map(({ host }) => host ?? ''));
    for (const host of hosts) twin().cutOff(host);
    up.siteLost(site, Date.now());
    expect(up.alarms()).toMatchObject([
      { text: expect.stringContaining(`the site ${site} does not answer`) },
    ]);
    const fromMs = performance.now();
    expect((await begun('heal')).state).toBe('COMPLETED');
    expect(performance.now() - fromMs).toBeLessThan(4000);
    expect((await up.operations.get('shop')).shape.units.map((each) => each.site)).not.toContain(site);
    expect(await verified()).toMatch(/^verified/);
    for (const host of hosts) twin().putBack(host);
    await up.siteBack(site);
    const now = new Set((await up.operations.get('shop')).shape.units.map(({ id }) => id));
    expect((await twin().list()).filter(({ id }) => !now.has(id))).toEqual([]);
    expect(up.alarms()).toEqual([]);
  });

  it('count a site as silent until all is done that follows from its being back', async () => {
    const infrastructure = twin();
    const { list } = infrastructure;
    up.siteLost('site1', Date.now());
    Object.assign(infrastructure, { list: () => Promise.reject(new Error('the kernel has no time')) });
    await expect(up.siteBack('site1')).rejects.toThrow('the kernel has no time');
    expect([up.lost().map(({ site }) => site), up.alarms()]).toMatchObject([
      ['site1'],
      [{ text: expect.stringContaining('the site site1 does not answer') }],
    ]);
    Object.assign(infrastructure, { list });
    // Nobody asks for it again.
    await expect.poll(() => [up.lost(), up.alarms()]).toEqual([[], []]);
  });

  it('that have agents of their own are watched by them, as long as they run', async () => {
    const links = (topic: string) =>
      told
        .flatMap((event) => (event.kind === 'percept' && event.topic === topic ? [event.subject] : []))
        .toSorted();
    await applied('shop');
    expect(told).toEqual([]);
    await applied('watched');
    await expect.poll(() => links('assigned').length).toBeGreaterThan(4);
    for (const link of links('assigned')) expect(link).toMatch(/^watched\/[^>]+>[a-z]+\/unit\/0$/);
    expect(links('unassigned')).toEqual([]);
    await over((await up.operations.terminate('watched', {})).id);
    await expect.poll(() => links('unassigned')).toEqual(links('assigned'));
  });

  it('are on record when it ends, and run again when it is started again', async () => {
    await applied('shop');
    await up.close(false);
    await expect(up.operations.get('shop')).rejects.toMatchObject({ code: 'CONFLICT' });
    await start();
    // The functions of the twin ended with it.
    expect((await begun('heal')).state).toBe('COMPLETED');
    const { shape, name } = await up.operations.get('shop');
    expect([name, shape.units.map(({ state }) => state)]).toEqual([
      'shop',
      Array.from({ length: 5 }, () => 'running'),
    ]);
    const { id } = await up.operations.terminate('shop', { remove: true });
    expect((await over(id)).state).toBe('COMPLETED');
    expect(await twin().list()).toEqual([]);
  });
});

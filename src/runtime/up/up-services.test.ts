import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TwinInfrastructure } from '../../adapters/infrastructure-twin/twin-infrastructure.ts';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { JournalWriter } from '../journal-writer.ts';
import { openPackage } from '../packages/examine-package.ts';
import { onboardPackages } from '../packages/onboard-packages.ts';
import { generatedSubstrate } from '../placement/generated-substrate.ts';
import { stampedPackages, stampedService } from '../services/testing/stamped-service.ts';
import { journalIndex } from '../why/journal-index.ts';
import { namedEntry } from '../why/named-entry.ts';
import { entriesTold, whyChain } from '../why/why-chain.ts';
import { UpServices } from './up-services.ts';

// Services as `muster up --sites 4` runs them in the twin, beside no pipeline: real time, since they share their clock with processes.

let home: string;
let up: UpServices;
let journal: JournalEntry[];
let trouble: string[];

async function start(): Promise<void> {
  up = await UpServices.open({ home, substrate: generatedSubstrate(4, 'ring'), site: NO_SITE_CONFIG });
  await up.start({
    plane: 'twin',
    network: { genuine: undefined, placing: undefined },
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

async function applied(name: string) {
  const packages = await Promise.all(stampedPackages.map((path) => openPackage(path)));
  await onboardPackages(up.packages, packages, { site: NO_SITE_CONFIG, update: true, nowMs: 0 });
  const { file, probe } = stampedService(name);
  const { operation } = await up.operations.apply({ service: file });
  expect((await over(operation?.id)).state).toBe('COMPLETED');
  const verified = async () => (await over((await up.operations.action(name, probe)).id)).outputs[0]?.output;
  return { verified };
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
    const unverified = await up.operations.action('shop', {
      ...probe,
      primitive: 'probe',
    });
    expect((await over(unverified.id)).errors.at(-1)?.message).toMatch(/stamp|missing|hop 1/);
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
    expect(up.alarms()).toEqual([expect.stringContaining(`the site ${site} does not answer`)]);
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

import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type WhatIfChange, WhatIfOrderSchema, type WhatIfView } from '../../protocol/what-if.ts';
import { openRun } from '../open-run.ts';
import { findScenario } from '../scenario/find-scenario.ts';
import { changedScenario } from './run-scenario-fork.ts';
import { takeFork } from './take-fork.ts';
import { type ForkableShop, forkableShop } from './testing/forkable-shop.ts';
import { type ForkSource, WhatIfDesk } from './what-if-desk.ts';

const WITHIN = { timeout: 120_000, interval: 50 };

let directory: string;
let shop: ForkableShop;
let desk: WhatIfDesk;
let source: ForkSource;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-what-if-'));
  shop = await forkableShop();
  source = { check: async () => {}, take: () => takeFork(shop.from, 1_000_000) };
  desk = deskOf(source);
});
afterEach(async () => {
  await desk.close();
  await shop.bench.close();
  rmSync(directory, { recursive: true, force: true });
});

const deskOf = (of: ForkSource) => new WhatIfDesk({ source: of, directory, nowMs: () => Date.now() });
const order = (change: WhatIfChange, seconds = 15) => WhatIfOrderSchema.parse({ change, seconds });
async function ended({ id }: WhatIfView): Promise<WhatIfView> {
  await expect.poll(async () => (await desk.detail(id)).state, WITHIN).not.toBe('running');
  return desk.detail(id);
}

describe('a what-if', () => {
  test('is run in a process of its own, compared, recorded so that it can be replayed, found again, and thrown away', async () => {
    const site = await shop.siteOf();
    const begun = await desk.start(order({ kind: 'lose-site', site }), 'alice');
    expect(begun).toMatchObject({ id: 'what-if-1', state: 'running', by: 'alice', result: null });
    await expect(desk.start(order({ kind: 'lose-site', site }), 'bob')).rejects.toThrow('one at a time');
    const { state, result, note } = await ended(begun);
    expect([state, note]).toEqual(['done', 'it has ended']);
    expect(result?.services).toMatchObject([
      { name: 'shop', unchanged: { served: true, brokenMs: 0 }, changed: { served: true } },
    ]);
    expect(result?.services[0]?.changed.brokenMs).toBeGreaterThan(1000);
    expect(result?.services[0]?.moved.length).toBeGreaterThan(0);
    expect(result?.operations).toMatchObject([{ service: 'shop', change: 'heal', state: 'COMPLETED' }]);
    const lost = result?.hosts.filter((host) => host.site === site) ?? [];
    expect(lost.reduce((sum, host) => sum + host.before, 0)).toBeGreaterThan(0);
    expect(lost.reduce((sum, host) => sum + host.changed, 0)).toBe(0);
    expect(result?.taken.join()).toContain('4 sites');

    for (const run of [result?.runs.changed, result?.runs.unchanged]) {
      const opened = await openRun(join(directory, run ?? ''));
      expect(opened.journal.length).toBeGreaterThan(10);
      expect(await opened.replay()).toMatchObject({ equal: true, difference: undefined });
    }
    // By another process too.
    expect(await deskOf(source).list()).toEqual(await desk.list());
    await desk.remove(begun.id);
    expect(readdirSync(directory)).toEqual([]);
    await expect(desk.detail(begun.id)).rejects.toThrow('there is no what-if');
  }, 180_000);

  test('is stopped at once, and leaves nothing behind', async () => {
    const begun = await desk.start(order({ kind: 'more-users', factor: 2 }, 300), 'alice');
    await expect.poll(async () => (await desk.detail(begun.id)).progress, WITHIN).toBeGreaterThan(0);
    await desk.stop(begun.id);
    expect(await desk.detail(begun.id)).toMatchObject({ state: 'stopped', result: null });
    expect(readdirSync(directory)).toEqual([]);
    // The next one has a name of its own.
    const next = await desk.start(order({ kind: 'more-users', factor: 2 }, 300), 'alice');
    expect(next.id).toBe('what-if-2');
  }, 180_000);

  test('of a scenario that is up runs that, with an attack and without', async () => {
    const scenario = await findScenario('demo');
    desk = deskOf({
      check: async (change) => void changedScenario(scenario, change),
      take: async () => ({ kind: 'scenario', scenario, taken: ['demo'], assumed: [] }),
    });
    await expect(
      desk.start(order({ kind: 'lose-site', site: await shop.siteOf() }), 'alice'),
    ).rejects.toThrow('cannot be lost');
    const server = scenario.functions.find(({ kind }) => kind === 'web-server')?.name ?? '';
    const attack = { kind: 'attack', target: server, sources: 3, ratePps: 2000 } as const;
    const { result, note } = await ended(await desk.start(order(attack, 20), 'alice'));
    expect(note).toBe('it has ended');
    expect(result?.attack?.sources.length).toBe(3);
    expect(result?.attack?.blockedSources.length).toBe(3);
    expect(result?.attack?.blockedWrongly).toBe(0);
    expect(result?.services.map(({ name }) => name)).toEqual(scenario.users.map(({ name }) => name));
  }, 180_000);

  test('is refused when as many are kept as may be; what a killed process has left is not among them, and goes', async () => {
    const dirOf = (name: string) => join(directory, name);
    for (let number = 1; number <= 50; number++) {
      mkdirSync(dirOf(`what-if-${number}`));
      writeFileSync(join(dirOf(`what-if-${number}`), 'what-if.json'), '{}');
    }
    const change = { kind: 'more-users', factor: 2 } as const;
    await expect(desk.start(order(change), 'alice')).rejects.toThrow('50 what-ifs are kept');
    rmSync(join(dirOf('what-if-7'), 'what-if.json'));
    mkdirSync(dirOf('what-if-90-unchanged'));
    // It may belong to somebody who runs it now.
    await expect(desk.start(order(change), 'alice')).rejects.toThrow('51 what-ifs are kept');
    for (const name of ['what-if-7', 'what-if-90-unchanged']) utimesSync(dirOf(name), 1, 1);
    const { id } = await desk.start(order(change, 300), 'alice');
    expect(id).toBe('what-if-51');
    expect(readdirSync(directory)).not.toContain('what-if-90-unchanged');
    await desk.stop(id);
    expect(readdirSync(directory)).toHaveLength(49);
  }, 180_000);
});

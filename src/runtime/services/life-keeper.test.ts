import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { REQUESTS_PER_VCPU } from '../../adapters/infrastructure-twin/unit-model.ts';
import { type ServiceBench, serviceBench } from './testing/service-bench.ts';
import { functionVnfd, PRIMITIVES, SCALES, shopNsd } from './testing/shop-packages.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), functionVnfd('web', { flavour: SCALES }), shopNsd('wall', 'web'));
});
afterEach(() => bench.close());

const SHOP = { name: 'shop', nsd: 'shop-ns' };

async function up(file: object = SHOP): Promise<string> {
  await bench.manager.apply({ service: { ...SHOP, ...file } });
  await bench.until(quiet);
  return (await bench.manager.get('shop')).id;
}

async function quiet(): Promise<boolean> {
  const { operation, state, shape } = await bench.manager.get('shop');
  return (
    operation === null && state === 'INSTANTIATED' && shape.units.every((unit) => unit.state === 'running')
  );
}

/** Until what infrastructure tells is on record. */
async function heard(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function unitsOf(vnf: string): Promise<readonly string[]> {
  return (await bench.manager.get('shop')).shape.units
    .filter((each) => each.vnf === vnf)
    .map(({ unit }) => unit.id);
}

describe('healing', () => {
  test('a unit that ends is replaced at once, by itself, and the reason is told', async () => {
    const id = await up();
    bench.twin.fail(`${id}/wall/vm/0`, 'out of memory');
    const tookMs = await bench.until(
      async () => (await unitsOf('wall'))[0] === 'wall/vm/1' && (await quiet()),
    );
    expect(tookMs).toBeLessThan(2000);
    const [healing] = await bench.manager.operations('shop');
    expect(healing).toMatchObject({
      automatic: true,
      params: { kind: 'heal' },
      reason: 'wall/vm/0 has failed (out of memory)',
    });
    expect(bench.twin.send(`${id}/graph/path/http`, 'n')?.request.map(({ unit }) => unit)).toEqual([
      `${id}/wall/vm/1`,
      `${id}/web/vm/0`,
    ]);
    expect(Object.values(bench.placer.booked()).flat().toSorted()).toEqual(['wall/vm/1', 'web/vm/0']);
  });

  test('the second time it waits for the cooldown, and says so; then it heals again', async () => {
    const id = await up({ members: { wall: { healingCooldownMs: { vm: 3000 } } } });
    bench.twin.fail(`${id}/wall/vm/0`, 'first');
    await bench.until(async () => (await unitsOf('wall'))[0] === 'wall/vm/1' && (await quiet()));
    bench.twin.fail(`${id}/wall/vm/1`, 'second');
    await bench.until(async () => (await bench.manager.get('shop')).notes.length > 0, 1000);
    expect((await bench.manager.get('shop')).notes[0]).toMatch(/second.*cooldown is 3 s: it is healed in/);
    expect(await unitsOf('wall')).toEqual(['wall/vm/1']);
    const tookMs = await bench.until(
      async () => (await unitsOf('wall'))[0] === 'wall/vm/2' && (await quiet()),
    );
    expect(tookMs).toBeGreaterThan(1500);
    expect(tookMs).toBeLessThan(4000);
    await bench.until(async () => (await bench.manager.get('shop')).notes.length === 0, 1000);
  });

  test('a unit that ends on its first day, after what is done to it, is healed afterwards', async () => {
    await bench.onboard(functionVnfd('web', { flavour: PRIMITIVES }));
    const { exec } = bench.twin;
    vi.spyOn(bench.twin, 'exec').mockImplementationOnce(async (unit, ...more) => {
      const said = await exec(unit, ...more);
      bench.twin.fail(unit, 'out of memory');
      await heard();
      return said;
    });
    await up({ members: { web: { day1: { whom: 'world' } } } });
    await bench.until(async () => (await unitsOf('web'))[0] === 'web/vm/1' && (await quiet()), 2000);
  });

  test('a unit that ends before it is on record that it runs is healed afterwards', async () => {
    const { update } = bench.store;
    let ended = false;
    vi.spyOn(bench.store, 'update').mockImplementation(async (decide) => {
      const units = await bench.twin.list();
      if (!ended && units.length === 2 && units.every(({ state }) => state === 'running')) {
        ended = true;
        bench.twin.fail(units[0]?.id ?? '', 'out of memory');
        // That it has ended is heard first.
        await heard();
      }
      return update(decide);
    });
    await bench.manager.apply({ service: SHOP });
    await bench.until(async () => (await unitsOf('wall'))[0] === 'wall/vm/1' && (await quiet()), 3000);
  });

  test('by hand: nothing to heal is said; a unit that is named is replaced', async () => {
    const id = await up();
    await expect(bench.manager.heal('shop', {})).rejects.toMatchObject({ code: 'CONFLICT' });
    await bench.manager.heal('shop', { units: [`${id}/web/vm/0`] });
    await bench.until(async () => (await unitsOf('web'))[0] === 'web/vm/1' && (await quiet()));
  });
});

describe('scaling', () => {
  const load = (id: string, vcpus: number) => bench.twin.setLoad(id, 'vm', vcpus * REQUESTS_PER_VCPU);

  test('load over the threshold for the window: scaled out within a second after it; and in again', async () => {
    const id = await up();
    // Only the web function scales; both have a VDU of that name, and each its share.
    load(id, 1.6);
    const outMs = await bench.until(async () => (await unitsOf('web')).length === 2 && (await quiet()), 5000);
    expect(outMs).toBeGreaterThan(2000);
    expect(outMs).toBeLessThan(3000);
    const [scaling] = await bench.manager.operations('shop');
    expect(scaling?.reason).toMatch(
      /cpu_utilization of web is 80 \(GE 60\) for 2(\.\d)? s: by-load goes out from level 0/,
    );
    expect((await bench.manager.get('shop')).shape.vnfs.find(({ id: vnf }) => vnf === 'web')?.levels).toEqual(
      { 'by-load': 1 },
    );
    load(id, 0.1);
    const inMs = await bench.until(
      async () => (await unitsOf('web')).length === 1 && (await quiet()),
      20_000,
    );
    // The cooldown of 10 s counts from the end of the last scaling.
    expect(inMs).toBeGreaterThan(8000);
    expect(inMs).toBeLessThan(13_000);
    expect(await unitsOf('web')).toEqual(['web/vm/0']);
    expect(Object.values(bench.placer.booked()).flat().toSorted()).toEqual(['wall/vm/0', 'web/vm/0']);
  });

  test('a load that comes and goes within the window scales nothing', async () => {
    const id = await up();
    for (let n = 0; n < 4; n++) {
      load(id, 1.6);
      await bench.pass(1000);
      load(id, 0.5);
      await bench.pass(500);
    }
    expect(await unitsOf('web')).toEqual(['web/vm/0']);
  });

  test('a level that is asked for is not undone before the cooldown, whether at the beginning or later', async () => {
    const members = { web: { levels: { 'by-load': 1 } } };
    await up({ members });
    const goneMs = await bench.until(
      async () => (await unitsOf('web')).length === 1 && (await quiet()),
      20_000,
    );
    expect(goneMs).toBeGreaterThan(9000);
    // It has been at the lowest level, without load, for longer than the window.
    await bench.pass(5000);
    await bench.manager.apply({ service: { ...SHOP, members: { web: { levels: { 'by-load': 2 } } } } });
    await bench.until(async () => (await unitsOf('web')).length === 3 && (await quiet()));
    const lowerMs = await bench.until(
      async () => (await unitsOf('web')).length === 2 && (await quiet()),
      20_000,
    );
    expect(lowerMs).toBeGreaterThan(9000);
    expect(lowerMs).toBeLessThan(13_000);
  });

  test('thresholds, window and cooldown can be changed while it runs', async () => {
    const id = await up();
    load(id, 1);
    await bench.pass(3000);
    expect(await unitsOf('web')).toEqual(['web/vm/0']);
    const settings = { scaleOut: 40, windowMs: 500, cooldownMs: 600_000 };
    const { operation } = await bench.manager.apply({
      service: { ...SHOP, members: { web: { scaling: { 'by-load': settings } } } },
    });
    expect(operation).toMatchObject({ state: 'COMPLETED', steps: [] });
    await bench.until(async () => (await unitsOf('web')).length === 2 && (await quiet()), 1500);
    load(id, 8);
    await bench.pass(2000);
    expect(await unitsOf('web')).toHaveLength(2);
    expect((await bench.manager.get('shop')).notes[0]).toMatch(/it waits \d+/);
  });

  test('by hand, with its bounds; flows to an address stay with the unit that has it', async () => {
    const id = await up({ members: { web: { scaling: { 'by-load': { enabled: false } } } } });
    await expect(bench.manager.scale('shop', { vnf: 'web', direction: 'in' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(bench.manager.scale('shop', { vnf: 'web', direction: 'out', steps: 4 })).rejects.toThrow(
      'goes from 0 to 3',
    );
    await expect(bench.manager.scale('shop', { vnf: 'wall', direction: 'out' })).rejects.toMatchObject({
      code: 'USAGE',
    });
    await bench.manager.scale('shop', { vnf: 'web', direction: 'out' });
    await bench.until(async () => (await unitsOf('web')).length === 2 && (await quiet()));
    const last = (chain: string) => bench.twin.send(`${id}/graph/path/${chain}`, 'n')?.request.at(-1)?.unit;
    expect([last('http'), last('https')]).toEqual([`${id}/web/vm/0`, `${id}/web/vm/0`]);
    await bench.manager.scale('shop', { vnf: 'web', direction: 'in' });
    await bench.until(async () => (await unitsOf('web')).length === 1 && (await quiet()));
    expect([last('http'), last('https')]).toEqual([`${id}/web/vm/0`, `${id}/web/vm/0`]);
  });

  test('flows are shared out among all units of a step, each keeps to its own, and replies come back through it', async () => {
    await bench.onboard(functionVnfd('wall', { flavour: SCALES }));
    const id = await up();
    const flows = Array.from({ length: 64 }, (_, index) => `flow ${index}`);
    const walls = () =>
      flows.map((each) => {
        const journey = bench.twin.send(`${id}/graph/path/http`, each);
        expect(journey?.reply.at(-1)?.unit).toBe(journey?.request[0]?.unit);
        return journey?.request[0]?.unit;
      });
    expect(new Set(walls())).toEqual(new Set([`${id}/wall/vm/0`]));
    await bench.manager.scale('shop', { vnf: 'wall', direction: 'out' });
    await bench.until(async () => (await unitsOf('wall')).length === 2 && (await quiet()));
    const two = walls();
    expect(walls()).toEqual(two);
    const second = two.filter((each) => each === `${id}/wall/vm/1`).length;
    expect(second).toBeGreaterThan(16);
    expect(second).toBeLessThan(48);
    await bench.manager.scale('shop', { vnf: 'wall', direction: 'out' });
    await bench.until(async () => (await unitsOf('wall')).length === 3 && (await quiet()));
    // Nobody changes but to the unit that has come.
    walls().forEach((each, index) => {
      if (each !== `${id}/wall/vm/2`) expect(each).toBe(two[index]);
    });
    await bench.manager.scale('shop', { vnf: 'wall', direction: 'in' });
    await bench.until(async () => (await unitsOf('wall')).length === 2 && (await quiet()));
    expect(walls()).toEqual(two);
  });

  test('what was scaled by load stays so when the same file is applied again', async () => {
    await up();
    await bench.manager.scale('shop', { vnf: 'web', direction: 'out' });
    await bench.until(quiet);
    expect(await bench.manager.apply({ service: SHOP })).toMatchObject({ outcome: 'unchanged' });
    await bench.manager.apply({ service: { ...SHOP, members: { web: { levels: { 'by-load': 2 } } } } });
    await bench.until(quiet);
    expect(await unitsOf('web')).toHaveLength(3);
  });
});

describe('a site that is silent', () => {
  const cut = () => {
    for (const host of ['north-1', 'north-2']) bench.twin.cutOff(host);
    bench.keeper.siteLost('north');
  };

  test('move: after the grace its units run elsewhere; what it still ran is stopped when it is back', async () => {
    const id = await up();
    expect((await bench.manager.get('shop')).shape.units.map(({ site }) => site)).toEqual(['north', 'north']);
    cut();
    await bench.pass(1500);
    expect(await unitsOf('wall')).toEqual(['wall/vm/0']);
    const tookMs = await bench.until(async () => {
      const { shape } = await bench.manager.get('shop');
      return (
        shape.units.every(({ site, state }) => site === 'south' && state === 'running') && (await quiet())
      );
    });
    expect(1500 + tookMs).toBeLessThan(5000);
    expect(bench.twin.send(`${id}/graph/path/http`, 'n')?.request.map(({ unit }) => unit)).toEqual([
      `${id}/wall/vm/1`,
      `${id}/web/vm/1`,
    ]);
    for (const host of ['north-1', 'north-2']) bench.twin.putBack(host);
    expect(await bench.twin.list()).toHaveLength(4);
    await bench.keeper.siteBack('north');
    expect((await bench.twin.list()).map((each) => each.id).toSorted()).toEqual([
      `${id}/wall/vm/1`,
      `${id}/web/vm/1`,
    ]);
  });

  test('back, with a unit that cannot be stopped there: the site is looked after all the same', async () => {
    const id = await up();
    cut();
    await bench.until(async () => {
      const { shape } = await bench.manager.get('shop');
      return (
        shape.units.every(({ site, state }) => site === 'south' && state === 'running') && (await quiet())
      );
    });
    for (const host of ['north-1', 'north-2']) bench.twin.putBack(host);
    const stop = bench.twin.stop.bind(bench.twin);
    Object.assign(bench.twin, {
      stop: (unit: string) => (unit === `${id}/wall/vm/0` ? Promise.reject(new Error('busy')) : stop(unit)),
    });
    await bench.keeper.siteBack('north');
    expect(bench.manager.lostSites).toEqual([]);
    expect((await bench.twin.list()).map((each) => each.id)).not.toContain(`${id}/web/vm/0`);
    expect(bench.trouble).toEqual([expect.stringContaining(`${id}/wall/vm/0, which has been replaced`)]);
  });

  test('move: also what was healed there a moment before anybody knew, in spite of its cooldown', async () => {
    const id = await up();
    bench.twin.fail(`${id}/web/vm/0`, 'its machine is going down');
    await bench.until(async () => (await unitsOf('web')).includes('web/vm/1') && (await quiet()));
    expect((await bench.manager.get('shop')).shape.units.map(({ site }) => site)).toEqual(['north', 'north']);
    cut();
    const tookMs = await bench.until(async () => {
      const { shape } = await bench.manager.get('shop');
      return (
        shape.units.every(({ site, state }) => site === 'south' && state === 'running') && (await quiet())
      );
    });
    expect(tookMs).toBeLessThan(5000);
  });

  test('back within the grace: nothing is done', async () => {
    await up();
    cut();
    await bench.pass(1000);
    for (const host of ['north-1', 'north-2']) bench.twin.putBack(host);
    await bench.keeper.siteBack('north');
    await bench.pass(4000);
    expect(await bench.manager.operations('shop')).toHaveLength(1);
  });

  test('move, with nowhere to go: it is said what lacks, and it stays', async () => {
    await up({ members: { wall: { sites: ['north'] } } });
    cut();
    await bench.until(async () =>
      (await bench.manager.operations('shop')).some(({ state }) => state === 'ROLLED_BACK'),
    );
    const [tried] = await bench.manager.operations('shop');
    expect(tried?.errors[0]?.message).toContain('no host has 1 vCPU free for wall/vm/1');
    await bench.pass(3000);
    // Not again and again: the cooldown counts.
    expect(await bench.manager.operations('shop')).toHaveLength(2);
  });

  test('stay: its units are waited for', async () => {
    await up({ onPartition: 'stay' });
    cut();
    await bench.pass(6000);
    expect(await unitsOf('wall')).toEqual(['wall/vm/0']);
    expect((await bench.manager.get('shop')).notes[0]).toContain('onPartition is stay');
  });

  test('fence: no flow is led there, and nothing takes its place until it is back', async () => {
    const id = await up({ onPartition: 'fence' });
    cut();
    await bench.pass(3000);
    expect(bench.twin.chains()).toEqual([]);
    expect(await unitsOf('wall')).toEqual(['wall/vm/0']);
    for (const host of ['north-1', 'north-2']) bench.twin.putBack(host);
    await bench.keeper.siteBack('north');
    expect(bench.twin.send(`${id}/graph/path/http`, 'n')).toBeDefined();
  });

  test('fence: flows that units of other sites share are led through those', async () => {
    await bench.close();
    bench = await serviceBench({ sites: { north: 1, south: 1 } });
    await bench.onboard(
      functionVnfd('wall', { flavour: SCALES }),
      functionVnfd('web'),
      shopNsd('wall', 'web'),
    );
    const wall = { hostsApart: true, levels: { 'by-load': 1 } };
    const id = await up({ onPartition: 'fence', members: { wall, web: { sites: ['south'] } } });
    const walls = () => {
      const flows = Array.from({ length: 32 }, (_, index) => `flow ${index}`);
      const sent = flows.map((each) => bench.twin.send(`${id}/graph/path/http`, each)?.request[0]?.unit);
      return new Set(sent);
    };
    const { units } = (await bench.manager.get('shop')).shape;
    const [north, south] = ['north', 'south'].map(
      (site) => units.find((each) => each.vnf === 'wall' && each.site === site)?.id,
    );
    expect(walls()).toEqual(new Set([north, south]));
    bench.twin.cutOff('north-1');
    bench.keeper.siteLost('north');
    await bench.pass(3000);
    expect(walls()).toEqual(new Set([south]));
    bench.twin.putBack('north-1');
    await bench.keeper.siteBack('north');
    expect(walls()).toEqual(new Set([north, south]));
  });

  test('fence: of each site by itself, and again after what has set its chains anew', async () => {
    await bench.close();
    bench = await serviceBench({ sites: { north: 1, south: 1, east: 1 } });
    await bench.onboard(
      functionVnfd('wall'),
      functionVnfd('web', { flavour: SCALES }),
      shopNsd('wall', 'web'),
    );
    const only = { wall: { sites: ['north'] }, web: { sites: ['south'] } };
    const id = await up({ onPartition: 'fence', members: only });
    bench.keeper.siteLost('north');
    await bench.pass(3000);
    expect(bench.twin.chains()).toEqual([]);
    await bench.manager.scale('shop', { vnf: 'web', direction: 'out' });
    await bench.until(async () => (await unitsOf('web')).length === 2 && (await quiet()));
    await bench.pass(500);
    expect(bench.twin.chains()).toEqual([]);
    bench.keeper.siteLost('south');
    await bench.pass(3000);
    await bench.keeper.siteBack('north');
    expect(bench.twin.chains()).toEqual([]);
    await bench.keeper.siteBack('south');
    expect(bench.twin.send(`${id}/graph/path/http`, 'n')).toBeDefined();
  });
});

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../adapters/store-memory/memory-store.ts';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { onboardPackages } from '../packages/onboard-packages.ts';
import { bare } from '../packages/testing/sample-files.ts';
import { functionVnfd, shopNsd } from '../services/testing/shop-packages.ts';
import { loadService } from './load-service.ts';
import { whatToPlan } from './what-to-plan.ts';

const catalogue = (path: string) => new URL(`../../../catalogue/${path}`, import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'muster-plan-'));
afterAll(() => rmSync(dir, { recursive: true }));
const site = {
  ...NO_SITE_CONFIG,
  images: { 'wall-image': { catalogue: 'firewall' }, 'web-image': { catalogue: 'web-server' } },
};

describe('a service to plan', () => {
  it('finds the VNFDs of its NSD beside it: package folders, and a descriptor within its own', async () => {
    for (const path of ['watched-video_ns', 'watched-video_ns/watched-video_nsd.yaml']) {
      const { graph, found } = await loadService([catalogue(path)], createMemoryStore(), NO_SITE_CONFIG);
      expect(found).toHaveLength(5);
      expect(graph.units.map(({ id }) => id)).toEqual([
        'viewer/unit/0',
        'monitor/unit/0',
        'detector/unit/0',
        'classifier/unit/0',
        'video/unit/0',
      ]);
      expect(graph.links.length).toBeGreaterThanOrEqual(4);
    }
  });

  it('of a service file: its NSD by path, its VNFDs from the store; nothing is onboarded by it', async () => {
    const store = createMemoryStore();
    const packages = [functionVnfd('wall'), functionVnfd('web')].map((text, n) => bare(text, `${n}.yaml`));
    await onboardPackages(store, packages, { site, update: false, nowMs: 0 });
    const before = (await store.view()).keys('');
    writeFileSync(join(dir, 'shop_nsd.yaml'), shopNsd('wall', 'web'));
    writeFileSync(
      join(dir, 'shop.yaml'),
      'service:\n  name: corner-shop\n  nsd: { file: shop_nsd.yaml }\n  members: { web: { sites: [north] } }\n',
    );
    const { graph, found } = await loadService([join(dir, 'shop.yaml')], store, site);
    expect(found).toEqual([]);
    expect(graph.service).toBe('corner-shop');
    expect(graph.units.find(({ member }) => member === 'web')?.sites).toEqual(['north']);
    expect((await store.view()).keys('')).toEqual(before);
  });

  it('whose VNFDs are nowhere is refused with the line that names them', async () => {
    const alone = join(dir, 'alone', 'deeper');
    cpSync(catalogue('watched-video_ns'), alone, { recursive: true });
    await expect(loadService([alone], createMemoryStore(), NO_SITE_CONFIG)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/watched-video_nsd\.yaml:\d+.*muster-client/),
    });
  });

  it('several at once are refused, and so is what is neither service nor package', async () => {
    const both = [catalogue('watched-video_ns'), catalogue('protected-web_ns')];
    await expect(loadService(both, createMemoryStore(), NO_SITE_CONFIG)).rejects.toMatchObject({
      code: 'USAGE',
    });
    const missing = join(dir, 'nothing.tar.gz');
    await expect(loadService([missing], createMemoryStore(), NO_SITE_CONFIG)).rejects.toMatchObject({
      code: 'BAD_PACKAGE',
      message: expect.stringContaining('there is no such file'),
    });
  });
});

describe('muster plan takes', () => {
  const ask = (...paths: string[]) =>
    whatToPlan(
      paths,
      async () => createMemoryStore(),
      async () => NO_SITE_CONFIG,
    );

  it('a file of units and links, and a service', async () => {
    const graph = new URL('../../../examples/placement/service.yaml', import.meta.url).pathname;
    expect((await ask(graph)).graph.units).toHaveLength(4);
    expect((await ask(catalogue('protected-web_ns/protected-web_nsd.yaml'))).graph.units).toHaveLength(4);
  });

  it('nothing else, and says what it would', async () => {
    const sites = new URL('../../../examples/placement/sites.yaml', import.meta.url).pathname;
    await expect(ask(sites)).rejects.toMatchObject({
      code: 'BAD_FILE',
      hint: expect.stringContaining('units'),
    });
    await expect(ask(join(dir, 'missing.yaml'))).rejects.toMatchObject({ code: 'BAD_FILE' });
  });
});

import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CATALOGUE, imageTargetOf, isCatalogueName } from '../../protocol/catalogue.ts';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { openPackage } from './examine-package.ts';
import { judgePackages } from './judge-packages.ts';

const catalogue = new URL('../../../catalogue/', import.meta.url).pathname;
const packages = readdirSync(catalogue).map((name) => `${catalogue}${name}`);
const results = judgePackages(
  await Promise.all(packages.map((path) => openPackage(path))),
  new Map(),
  NO_SITE_CONFIG,
);

test('every package of the catalogue is accepted, without a warning', () => {
  expect(results.length).toBeGreaterThan(14);
  expect(results.flatMap(({ problems }) => problems)).toEqual([]);
});

test('every function has a package, whose image is it, and whose primitives are its own', () => {
  const vnfds = results.flatMap(({ descriptor }) => (descriptor?.kind === 'vnfd' ? [descriptor] : []));
  const found = vnfds.map(({ vdus, flavours }) => {
    const target = imageTargetOf(NO_SITE_CONFIG, vdus[0]?.image ?? '');
    const name = target !== undefined && 'catalogue' in target ? target.catalogue : '';
    return {
      name,
      primitives: flavours[0]?.primitives.filter(({ when }) => when === 'on-demand').map((each) => each.name),
    };
  });
  const wanted = Object.entries(CATALOGUE).map(([name, { primitives }]) => ({
    name,
    primitives: [...primitives],
  }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(found.toSorted(byName)).toEqual(wanted.toSorted(byName));
});

test('a chain of three functions is among the services', () => {
  const nsd = results.flatMap(({ descriptor }) => (descriptor?.kind === 'nsd' ? [descriptor] : []));
  const steps = nsd.find(({ id }) => id === 'protected-web')?.forwardingGraphs[0]?.paths[0]?.steps;
  expect(steps?.map(({ member }) => member)).toEqual(['firewall', 'limiter', 'web']);
});

test('what an operator maps counts, and names of other images are not taken for ours', () => {
  const own = { catalogue: 'forwarder' };
  expect(imageTargetOf({ ...NO_SITE_CONFIG, images: { 'muster/firewall': own } }, 'muster/firewall')).toEqual(
    own,
  );
  expect(imageTargetOf(NO_SITE_CONFIG, 'firewall')).toBeUndefined();
  expect(isCatalogueName('toString')).toBe(false);
});

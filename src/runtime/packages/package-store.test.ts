import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../ports/store.ts';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { deletePackage } from './delete-package.ts';
import type { OpenedPackage } from './examine-package.ts';
import { holdPackage, letGoOfPackage } from './hold-package.ts';
import { onboardPackages, validatePackages } from './onboard-packages.ts';
import { openPackageStore } from './open-package-store.ts';
import { storedPackages } from './stored-packages.ts';
import { bare, errorsOf, folder, sampleText } from './testing/sample-files.ts';

const VNFD = sampleText('sol006/hackfest_3charmed_vnfd.yaml');
const NSD = sampleText('sol006/hackfest_3charmed_nsd.yaml');
const VNF_ID = 'hackfest3charmed-vnf';
const NS_ID = 'hackfest3charmed-ns';

let home = '';
let store: Store;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'muster-packages-'));
  store = await openPackageStore(home);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const onboard = (packages: readonly OpenedPackage[], update = false, nowMs = 1000) =>
  onboardPackages(store, packages, { site: NO_SITE_CONFIG, update, nowMs });
const outcomes = async (packages: readonly OpenedPackage[], update = false) =>
  (await onboard(packages, update)).map(({ outcome }) => outcome);
const all = async () => storedPackages(await store.view());

test('packages named together are onboarded in any order, and are there for the next process', async () => {
  expect(await outcomes([bare(NSD), bare(VNFD)])).toEqual(['onboarded', 'onboarded']);
  const again = await storedPackages(await (await openPackageStore(home)).view());
  expect(again.map(({ record, usage, neededBy }) => ({ id: record.id, usage, neededBy }))).toEqual([
    { id: NS_ID, usage: 'NOT_IN_USE', neededBy: [] },
    { id: VNF_ID, usage: 'NOT_IN_USE', neededBy: [NS_ID] },
  ]);
});

test('onboarding the same again does nothing, whatever it came in and is called', async () => {
  await outcomes([bare(VNFD)]);
  const [before] = await all();
  expect(await outcomes([bare(VNFD)])).toEqual(['unchanged']);
  expect(await all()).toEqual([before]);
  const files = { 'a_vnfd.yaml': VNFD, 'cloud_init/cloud-config.txt': '#', 'charms/simple/x': '' };
  expect(await outcomes([folder(files)], true)).toEqual(['updated']);
  expect(await outcomes([folder(files, 'elsewhere')])).toEqual(['unchanged']);
});

test('all or none: with one that is wrong nothing is kept', async () => {
  expect(await outcomes([bare(VNFD), bare('vnfd:\n  id: x\n')])).toEqual(['held-back', 'refused']);
  expect(await all()).toEqual([]);
});

test('an NSD finds the VNFD that was onboarded before', async () => {
  expect(await outcomes([bare(NSD)])).toEqual(['refused']);
  await outcomes([bare(VNFD)]);
  expect(await outcomes([bare(NSD)])).toEqual(['onboarded']);
});

test('two packages of one id in one command are a conflict', async () => {
  const results = await onboard([bare(VNFD), bare(VNFD.replace('1.0', '2.0'))]);
  expect(results.map(({ status }) => status)).toEqual([200, 409]);
});

describe('another content under the same id', () => {
  test('is a conflict (409) without --update, and a new revision with it', async () => {
    await onboard([bare(VNFD)], false, 1000);
    const other = bare(VNFD.replace('2 VDUs', 'two VDUs'));
    const [refused] = await onboard([other]);
    expect(refused).toMatchObject({ outcome: 'refused', status: 409 });
    expect(refused?.problems.at(-1)).toMatchObject({ code: 'exists', status: 409 });
    expect((await onboard([other], true, 2000))[0]?.outcome).toBe('updated');
    expect((await all())[0]?.record).toMatchObject({ revision: 2, onboardedAtMs: 1000, updatedAtMs: 2000 });
  });

  test('is refused where an NSD would break, unless that is updated with it', async () => {
    await outcomes([bare(VNFD), bare(NSD)]);
    const renamed = bare(VNFD.replace('- id: vnf-data-ext', '- id: data'));
    const [refused] = await onboard([renamed], true);
    expect(refused?.problems.at(-1)?.message).toContain(`the NSD ${NS_ID} would break`);
    const nsd = bare(NSD.replaceAll('constituent-cpd-id: vnf-data-ext', 'constituent-cpd-id: data'));
    expect(await outcomes([renamed, nsd], true)).toEqual(['updated', 'updated']);
  });

  test('of an NSD in use may change its texts, and not its structure', async () => {
    await outcomes([bare(VNFD), bare(NSD)]);
    await holdPackage(store, 'nsd', NS_ID, 'service-1');
    expect((await all()).map(({ usage }) => usage)).toEqual(['IN_USE', 'IN_USE']);
    expect(await outcomes([bare(NSD.replace('description: NS', 'description: A service'))], true)).toEqual([
      'updated',
    ]);
    const [refused] = await onboard([bare(NSD.replaceAll('datanet', 'data'))], true);
    expect(refused?.problems.at(-1)).toMatchObject({ code: 'in-use', status: 409 });
    expect(refused?.problems.at(-1)?.message).toContain(
      'in use by service-1, and virtual-link-desc, df would change',
    );
    await letGoOfPackage(store, 'nsd', NS_ID, 'service-1');
    expect(await outcomes([bare(NSD.replaceAll('datanet', 'data'))], true)).toEqual(['updated']);
  });

  test('of a VNFD in use may change alarms and primitives, and all with another software version', async () => {
    await outcomes([bare(VNFD), bare(NSD)]);
    await holdPackage(store, 'nsd', NS_ID, 'service-1');
    expect(await outcomes([bare(VNFD.replace('cooldown-time: 60', 'cooldown-time: 30'))], true)).toEqual([
      'updated',
    ]);
    const larger = VNFD.replace("size: '2'", "size: '4'");
    expect(await outcomes([bare(larger)], true)).toEqual(['refused']);
    const released = larger.replace("version: '1.0'", "version: '1.0'\n  software-version: '2.0'");
    expect(await outcomes([bare(released)], true)).toEqual(['updated']);
  });
});

describe('deleting', () => {
  test('is a conflict while an NSD names it or an instance uses it, and leaves nothing behind', async () => {
    await outcomes([bare(VNFD), bare(NSD)]);
    await expect(deletePackage(store, 'vnfd', VNF_ID)).rejects.toMatchObject({ code: 'CONFLICT' });
    await holdPackage(store, 'nsd', NS_ID, 'service-1');
    await expect(deletePackage(store, 'nsd', NS_ID)).rejects.toMatchObject({ code: 'CONFLICT' });
    await letGoOfPackage(store, 'nsd', NS_ID, 'service-1');
    await deletePackage(store, 'nsd', NS_ID);
    await deletePackage(store, 'vnfd', VNF_ID);
    expect((await store.view()).keys('')).toEqual([]);
    await expect(deletePackage(store, 'vnfd', VNF_ID)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('and using at the same time: one of the two is told no', async () => {
    await outcomes([bare(VNFD)]);
    const both = await Promise.allSettled([
      deletePackage(store, 'vnfd', VNF_ID),
      holdPackage(await openPackageStore(home), 'vnfd', VNF_ID, 'service-1'),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

test('validating changes nothing', async () => {
  const results = await validatePackages(store, [bare(VNFD), bare(NSD)], NO_SITE_CONFIG);
  expect(results.flatMap(errorsOf)).toEqual([]);
  expect(await all()).toEqual([]);
});

test('an id with slashes and dots is a name like any other', async () => {
  const text = (id: string) => `vnfd:\n  id: "${id}"\n  df: [{ id: d }]\n`;
  expect(await outcomes([bare(text('../../x')), bare(text('a/b')), bare(text('a%2Fb'))])).toEqual(
    Array(3).fill('onboarded'),
  );
  expect((await all()).map(({ record }) => record.id).sort()).toEqual(['../../x', 'a%2Fb', 'a/b']);
  await deletePackage(store, 'vnfd', 'a/b');
  expect((await all()).map(({ record }) => record.id).sort()).toEqual(['../../x', 'a%2Fb']);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { functionVnfd, shopNsd } from '../../runtime/services/testing/shop-packages.ts';
import { type ApiBench, apiBench, SHOP, WALL, WEB, WHOM } from '../testing/api-bench.ts';
import { field, text } from '../testing/field.ts';

const NS = '/nslcm/v1/ns_instances';
const NSDS = '/nsd/v1/ns_descriptors';

/** The shop with another function in front, as a version of the NSD that it runs after, and one that is none. */
const NEXT = shopNsd('guard', 'web', 'shop-ns-2').replace(
  "version: '1.0'",
  "version: '2.0'\n      invariant-id: shop-ns",
);
const OTHER = shopNsd('guard', 'web', 'other-ns');

let bench: ApiBench;
let id: string;
beforeEach(async () => {
  bench = await apiBench();
  await bench.bench.onboard(WALL, WEB, functionVnfd('guard'), SHOP, NEXT, OTHER);
  const { body } = await bench.ask('POST', NS, { nsdId: 'shop-ns', nsName: 'shop' });
  id = text(body, 'id');
  const begun = await bench.ask('POST', `${NS}/${id}/instantiate`, { additionalParamsForVnf: [WHOM] });
  expect(await bench.settled(begun.headers['location'])).toBe('COMPLETED');
});
afterEach(() => bench.close());

const goOverTo = (newNsdId: string, more: object = {}) =>
  bench.ask('POST', `${NS}/${id}/update`, {
    updateType: 'ASSOC_NEW_NSD_VERSION',
    assocNewNsdVersionData: { newNsdId, ...more },
  });

const units = async () => (await bench.bench.twin.list()).map((each) => each.id.slice(id.length + 1));
const held = async () => (await bench.bench.packages.view()).keys('use/').map(decodeURIComponent);

test('a service goes over to another version of its NSD, what is new running before what goes stops', async () => {
  const { body } = await bench.ask('GET', `${NSDS}?filter=(eq,nsdInvariantId,shop-ns)`);
  const next = [0, 1].find((index) => field(body, `${index}/nsdId`) === 'shop-ns-2');
  // By its resource, as SOL005 names it.
  const begun = await goOverTo(text(body, `${next}/id`), { sync: true });
  expect(begun.status).toBe(202);
  let most = 0;
  await bench.bench.until(async () => {
    most = Math.max(most, (await units()).length);
    expect(bench.bench.twin.send(`${id}/graph/path/http`, 'n')).toBeDefined();
    return (await bench.bench.manager.get(id)).operation === null;
  });
  expect(most).toBe(3);
  expect(await units()).toEqual(['web/vm/0', 'wall/vm/1']);
  const { body: now } = await bench.ask('GET', `${NS}/${id}`);
  expect(now).toMatchObject({ nsdId: 'shop-ns-2', nsState: 'INSTANTIATED' });
  expect((await bench.bench.manager.get(id)).shape.vnfs.map(({ vnfdId }) => vnfdId)).toEqual([
    'guard',
    'web',
  ]);
  // What it ran after before can be deleted.
  expect((await bench.ask('DELETE', `${NSDS}/shop-ns`)).status).toBe(204);
  expect((await bench.ask('DELETE', `${NSDS}/shop-ns-2`)).status).toBe(409);
  // And back is no way, for there is none any more.
  expect((await goOverTo('shop-ns')).body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
});

test('one that fails waits, and is rolled back to the version of before', async () => {
  const before = await held();
  bench.bench.twin.spoil('vm', 'no such program');
  const begun = await goOverTo('shop-ns-2');
  const location = begun.headers['location'] ?? '';
  await bench.bench.until(
    async () => text((await bench.ask('GET', location)).body, 'operationState') === 'FAILED_TEMP',
  );
  expect((await bench.ask('POST', `${location}/rollback`)).status).toBe(202);
  expect(await bench.settled(location)).toBe('ROLLED_BACK');
  expect((await bench.ask('GET', `${NS}/${id}`)).body).toMatchObject({ nsdId: 'shop-ns' });
  expect(await units()).toEqual(['wall/vm/0', 'web/vm/0']);
  expect(await held()).toEqual(before);
  expect(bench.bench.twin.send(`${id}/graph/path/http`, 'n')).toBeDefined();
});

test('what is in the way is said, and nothing is begun', async () => {
  expect((await goOverTo('other-ns')).body).toMatchObject({
    status: 422,
    code: 'BAD_SERVICE',
    reason: expect.stringContaining('other-ns is no version of it: it has another invariant-id'),
  });
  expect((await goOverTo('nowhere')).body).toMatchObject({ status: 404 });
  const { body } = await bench.ask('POST', NSDS, {});
  expect((await goOverTo(text(body, 'id'))).body).toMatchObject({ status: 409, code: 'CONFLICT' });
  expect((await goOverTo('shop-ns-2', { sync: false })).body).toMatchObject({ status: 400 });
  // What was set for a function that the new version does not have.
  const without = NEXT.replaceAll('wall', 'gate').replaceAll('shop-ns-2', 'shop-ns-3');
  await bench.bench.onboard(without);
  const { body: shop } = await bench.ask('GET', `${NS}/${id}`);
  const changed = await bench.ask('POST', `${NS}/${id}/update`, {
    updateType: 'MODIFY_VNF_INFORMATION',
    modifyVnfInfoData: [
      { vnfInstanceId: text(shop, 'vnfInstance/0/id'), vnfConfigurableProperties: { size: '1' } },
    ],
  });
  expect(await bench.settled(changed.headers['location'])).toBe('COMPLETED');
  expect((await goOverTo('shop-ns-3')).body).toMatchObject({
    status: 422,
    reason: expect.stringContaining('member wall: the NSD has no such member'),
  });
  expect((await bench.bench.manager.operations(id)).map(({ params }) => params.kind)).toEqual([
    'update',
    'instantiate',
  ]);
});

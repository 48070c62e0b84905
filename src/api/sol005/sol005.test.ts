import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTar } from '../../adapters/package-source/testing/make-tar.ts';
import { type ApiBench, apiBench, SHOP, WALL, WEB, WHOM } from '../testing/api-bench.ts';
import { field, text } from '../testing/field.ts';

let bench: ApiBench;
beforeEach(async () => {
  bench = await apiBench({ output: 'painted', api: { pageSize: 2 } });
});
afterEach(() => bench.close());

const PACKAGES = '/vnfpkgm/v1/vnf_packages';
const NSDS = '/nsd/v1/ns_descriptors';
const NS = '/nslcm/v1/ns_instances';
const OPS = '/nslcm/v1/ns_lcm_op_occs';

/** Onboards as SOL005 has it: a resource, then its content. */
async function onboard(path: string, content: string, yaml: string): Promise<string> {
  const { status, headers, body } = await bench.ask('POST', path, {});
  expect(status).toBe(201);
  expect(headers['location']).toBe(`${path}/${text(body, 'id')}`);
  const sent = await bench.send('PUT', `${headers['location']}/${content}`, yaml, 'application/yaml');
  expect(sent.text).toBe('');
  expect(sent.status).toBe(202);
  return text(body, 'id');
}

async function onboardShop(): Promise<string> {
  await onboard(PACKAGES, 'package_content', WALL);
  await onboard(PACKAGES, 'package_content', WEB);
  return onboard(NSDS, 'nsd_content', SHOP);
}

async function shop(): Promise<string> {
  const nsdId = await onboardShop();
  const { status, body } = await bench.ask('POST', NS, { nsdId, nsName: 'shop' });
  expect(status).toBe(201);
  return text(body, 'id');
}

async function done(path: string, body: object | undefined): Promise<void> {
  const { status, headers, text: said } = await bench.ask('POST', path, body);
  expect([status, said]).toEqual([202, '']);
  expect(await bench.settled(headers['location'])).toBe('COMPLETED');
}

describe('the whole life of a service', () => {
  test('from its packages to their removal', async () => {
    const id = await shop();
    await done(`${NS}/${id}/instantiate`, { nsFlavourId: 'default', additionalParamsForVnf: [WHOM] });
    const { body } = await bench.ask('GET', `${NS}/${id}`);
    expect(body).toMatchObject({ nsState: 'INSTANTIATED', nsInstanceName: 'shop', nsdId: 'shop-ns' });
    const web = text(body, 'vnfInstance/1/id');
    expect(web).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const units = async () => (await bench.bench.twin.list()).length;
    expect(await units()).toBe(2);
    await done(`${NS}/${id}/scale`, {
      scaleType: 'SCALE_VNF',
      scaleVnfData: [
        { vnfInstanceId: web, scaleVnfType: 'SCALE_OUT', scaleByStepData: { aspectId: 'by-load' } },
      ],
    });
    expect(await units()).toBe(3);
    await done(`${NS}/${id}/heal`, { healVnfData: [{ vnfInstanceId: web, cause: 'a test' }] });
    await done(`${NS}/${id}/update`, {
      updateType: 'ASSOC_NEW_NSD_VERSION',
      assocNewNsdVersionData: { newNsdId: 'shop-ns' },
    });
    const action = await bench.ask('POST', `${NS}/${id}/action`, {
      member_vnf_index: 'web',
      primitive: 'paint',
      primitive_params: { colour: 'blue' },
    });
    expect(await bench.settled(action.headers['location'])).toBe('COMPLETED');
    const painted = await bench.ask('GET', action.headers['location'] ?? '');
    expect(painted.body).toMatchObject({ lcmOperationType: 'ACTION', startedBy: 'up' });
    expect(field(painted.body, 'musterOperation/outputs/0/output')).toContain('painted');
    await done(`${NS}/${id}/terminate`, undefined);
    expect((await bench.ask('DELETE', `${NS}/${id}`)).status).toBe(204);
    expect((await bench.ask('GET', `${NS}/${id}`)).status).toBe(404);
    expect(await units()).toBe(0);
    expect((await bench.ask('DELETE', `${NSDS}/shop-ns`)).status).toBe(204);
    for (const vnfd of ['wall', 'web'])
      expect((await bench.ask('DELETE', `${PACKAGES}/${vnfd}`)).status).toBe(204);
    expect((await bench.bench.packages.view()).keys('')).toEqual([]);
    expect(bench.trouble).toEqual([]);
  });

  test('what cannot be now is a conflict that says what to do', async () => {
    const id = await shop();
    expect(
      (
        await bench.ask('POST', `${NS}/${id}/scale`, {
          scaleType: 'SCALE_VNF',
          scaleVnfData: [{ vnfInstanceId: 'web', scaleVnfType: 'SCALE_OUT' }],
        })
      ).body,
    ).toMatchObject({ status: 404, hint: 'instantiate it first' });
    await done(`${NS}/${id}/instantiate`, { additionalParamsForVnf: [WHOM] });
    expect((await bench.ask('DELETE', `${NS}/${id}`)).body).toMatchObject({
      status: 409,
      title: 'Conflict',
      code: 'CONFLICT',
      detail: expect.stringContaining('terminate shop'),
    });
    expect((await bench.ask('DELETE', `${NSDS}/shop-ns`)).status).toBe(409);
    expect((await bench.ask('POST', NS, { nsdId: 'shop-ns', nsName: 'shop' })).status).toBe(409);
    const listed = await bench.ask('GET', `${NSDS}?filter=(eq,nsdUsageState,IN_USE)`);
    expect(field(listed.body, '0/nsdId')).toBe('shop-ns');
  });

  test('wishes and values reach the service; what means nothing here is refused and not passed over', async () => {
    const id = await shop();
    await done(`${NS}/${id}/instantiate`, {
      locationConstraints: [{ vnfProfileId: 'web', sites: ['south'] }],
      additionalParamsForVnf: [WHOM],
    });
    const service = await bench.bench.manager.get('shop');
    expect(service.shape.units.find(({ vnf }) => vnf === 'web')?.site).toBe('south');
    const refused = await bench.ask('POST', `${NS}/${id}/instantiate`, { wanConnectionData: [] });
    expect(refused).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('wanConnectionData') },
    });
  });
});

describe('operations', () => {
  test('one that fails waits, is retried, and its problem says what to do', async () => {
    const id = await shop();
    bench.bench.twin.spoil('vm', 'it does not start');
    const begun = await bench.ask('POST', `${NS}/${id}/instantiate`, { additionalParamsForVnf: [WHOM] });
    const op = begun.headers['location'] ?? '';
    expect(await bench.settled(op)).toBe('FAILED_TEMP');
    const waits = await bench.ask('GET', op);
    expect(waits.body).toMatchObject({
      operationState: 'FAILED_TEMP',
      error: { detail: expect.stringContaining('it does not start') },
    });
    expect(Object.keys(Object(field(waits.body, '_links')))).toEqual(
      expect.arrayContaining(['retry', 'rollback', 'fail']),
    );
    expect((await bench.ask('POST', `${op}/cancel`, { cancelMode: 'GRACEFUL' })).status).toBe(409);
    bench.bench.twin.spoil('vm', undefined);
    expect((await bench.ask('POST', `${op}/retry`)).status).toBe(202);
    expect(await bench.settled(op)).toBe('COMPLETED');
  });

  test('one that failed is rolled back, and nothing is left', async () => {
    const id = await shop();
    bench.bench.twin.spoil('vm', 'it does not start');
    const begun = await bench.ask('POST', `${NS}/${id}/instantiate`, { additionalParamsForVnf: [WHOM] });
    const op = begun.headers['location'] ?? '';
    await bench.settled(op);
    expect((await bench.ask('POST', `${op}/rollback`)).status).toBe(202);
    expect(await bench.settled(op)).toBe('ROLLED_BACK');
    expect(await bench.bench.twin.list()).toEqual([]);
  });
});

describe('lists', () => {
  beforeEach(async () => {
    const nsdId = await onboardShop();
    for (const nsName of ['one', 'two', 'three', 'four', 'five']) {
      await bench.ask('POST', NS, { nsdId, nsName });
      await bench.bench.pass(10);
    }
  });

  test('come in pages that lead from one to the next, whatever is removed meanwhile', async () => {
    const names: unknown[] = [];
    let next: string | undefined = NS;
    let pages = 0;
    while (next !== undefined && pages < 9) {
      const { body, headers }: Awaited<ReturnType<ApiBench['ask']>> = await bench.ask('GET', next);
      names.push(...Object.values(Object(body)).map((each) => field(each, 'nsInstanceName')));
      next = /^<([^>]+)>; rel="next"$/.exec(headers['link'] ?? '')?.[1];
      if (pages++ === 0) await bench.ask('DELETE', `${NS}/two`);
    }
    expect([names, pages]).toEqual([['one', 'two', 'three', 'four', 'five'], 3]);
  });

  test('are filtered, also over pages, and cut to what is asked for', async () => {
    const url = `${NS}?filter=(cont,nsInstanceName,o);(neq,nsInstanceName,two)&fields=nsInstanceName`;
    const first = await bench.ask('GET', url);
    expect(Object.values(Object(first.body)).map((each) => Object.keys(Object(each)).sort())).toEqual([
      ['_links', 'id', 'nsInstanceName'],
      ['_links', 'id', 'nsInstanceName'],
    ]);
    expect([field(first.body, '0/nsInstanceName'), field(first.body, '1/nsInstanceName')]).toEqual([
      'one',
      'four',
    ]);
    expect(first.headers['link']).toBeUndefined();
    expect(field((await bench.ask('GET', NS)).body, '0/musterService')).toBeUndefined();
    expect(field((await bench.ask('GET', `${NS}?all_fields`)).body, '0/musterService/name')).toBe('one');
    const cut = await bench.ask('GET', `${NS}?exclude_fields=_links/self,vnfInstance`);
    expect(field(cut.body, '0/vnfInstance')).toBeUndefined();
    expect(field(cut.body, '0/_links/self')).toBeUndefined();
    expect(field(cut.body, '0/_links/nsd')).toBeDefined();
  });

  test.each([
    `${NS}?filter=nsState`,
    `${NS}?filter=(like,a,b)`,
    `${NS}?filter=(eq,a`,
    `${NS}?nextpage_opaque_marker=!`,
    `${NS}?page=2`,
  ])('%s is refused with what to write instead', async (url) => {
    const { status, type, body } = await bench.ask('GET', url);
    expect([status, type]).toEqual([400, 'application/problem+json']);
    expect(text(body, 'hint').length).toBeGreaterThan(10);
  });
});

describe('packages', () => {
  test('an archive is onboarded, and comes back as it can be onboarded again', async () => {
    const archive = gzipSync(
      makeTar([
        { name: 'wall/', type: '5' },
        { name: 'wall/wall_vnfd.yaml', content: WALL },
        { name: `wall/files/${'x'.repeat(100)}`, content: 'y' },
      ]),
    );
    const { headers } = await bench.ask('POST', PACKAGES, { userDefinedData: { owner: 'alice' } });
    const path = headers['location'] ?? '';
    expect((await bench.send('PUT', `${path}/package_content`, archive, 'application/gzip')).status).toBe(
      202,
    );
    const { body } = await bench.ask('GET', path);
    expect(body).toMatchObject({
      vnfdId: 'wall',
      onboardingState: 'ONBOARDED',
      userDefinedData: { owner: 'alice' },
    });
    const digest = text(body, 'checksum/hash');
    const back = await bench.api.inject({
      url: `${path}/package_content`,
      headers: { authorization: 'Bearer the-token-of-up' },
    });
    expect(back.headers['content-type']).toBe('application/gzip');
    expect((await bench.ask('GET', `${path}/vnfd`)).text).toBe(WALL);
    await bench.ask('DELETE', path);
    const again = (await bench.ask('POST', PACKAGES, {})).headers['location'] ?? '';
    expect(
      (await bench.send('PUT', `${again}/package_content`, back.rawPayload, 'application/gzip')).status,
    ).toBe(202);
    expect(field((await bench.ask('GET', again)).body, 'checksum/hash')).toBe(digest);
  });

  test('one that is wrong is refused with all that is wrong, and its resource says so', async () => {
    const path = (await bench.ask('POST', PACKAGES, {})).headers['location'] ?? '';
    const refused = await bench.send(
      'PUT',
      `${path}/package_content`,
      'vnfd:\n  id: x\n',
      'application/yaml',
    );
    expect(refused).toMatchObject({
      status: 422,
      type: 'application/problem+json',
      body: { code: 'BAD_PACKAGE' },
    });
    expect(field(refused.body, 'problems/0/line')).toBeTypeOf('number');
    expect((await bench.ask('GET', path)).body).toMatchObject({
      onboardingState: 'ERROR',
      onboardingFailureDetails: { status: 422 },
    });
    expect((await bench.ask('GET', `${path}/package_content`)).status).toBe(409);
    expect((await bench.send('PUT', `${path}/package_content`, WALL, 'application/yaml')).status).toBe(202);
    expect((await bench.send('PUT', `${path}/package_content`, WALL, 'application/yaml')).status).toBe(409);
  });

  test('the older format is refused in OSM words; an NSD lacks its VNFD; the same id twice is a conflict', async () => {
    const path = (await bench.ask('POST', NSDS, {})).headers['location'] ?? '';
    const old = await bench.send('PUT', `${path}/nsd_content`, 'nsd:nsd-catalog:\n  nsd: []\n', 'text/plain');
    expect(old.body).toMatchObject({
      status: 422,
      reason: expect.stringContaining('Unsupported descriptor format'),
    });
    expect((await bench.send('PUT', `${path}/nsd_content`, SHOP, 'text/plain')).status).toBe(409);
    await onboard(PACKAGES, 'package_content', WALL);
    const twice = (await bench.ask('POST', PACKAGES, {})).headers['location'] ?? '';
    const refused = await bench.send('PUT', `${twice}/package_content`, WALL, 'application/yaml');
    expect(refused.body).toMatchObject({
      status: 409,
      reason: "vnfd with id 'wall' already exists for this project",
    });
    const misplaced = await bench.send('PUT', `${path}/nsd_content`, WEB, 'application/yaml');
    expect(misplaced.body).toMatchObject({
      status: 422,
      hint: expect.stringContaining('/vnfpkgm/v1/vnf_packages'),
    });
  });

  test('what is too large, no package, or nothing is not taken', async () => {
    const path = `${(await bench.ask('POST', PACKAGES, {})).headers['location']}/package_content`;
    const large = await bench.send('PUT', path, Buffer.alloc(64 * 1024 * 1024 + 1), 'application/gzip');
    expect(large.body).toMatchObject({ status: 413, hint: expect.stringContaining('docs/packages.md') });
    expect((await bench.send('PUT', path, 'PK', 'application/zip')).body).toMatchObject({
      status: 415,
      hint: expect.stringContaining('.tar.gz'),
    });
    expect((await bench.ask('PUT', path)).status).toBe(400);
  });

  test('only who has seen it as it is changes it', async () => {
    await onboard(PACKAGES, 'package_content', WALL);
    const { headers } = await bench.ask('GET', `${PACKAGES}/wall`);
    const etag = headers['etag'] ?? '';
    expect((await bench.ask('GET', `${PACKAGES}/wall`, undefined, { 'if-none-match': etag })).status).toBe(
      304,
    );
    const change = (data: object) =>
      bench.ask('PATCH', `${PACKAGES}/wall`, { userDefinedData: data }, { 'if-match': etag });
    expect((await change({ a: 1 })).status).toBe(200);
    expect((await change({ a: 2 })).status).toBe(412);
    expect((await bench.ask('DELETE', `${PACKAGES}/wall`, undefined, { 'if-match': etag })).status).toBe(412);
    expect((await bench.ask('GET', `${PACKAGES}/wall`)).body).toMatchObject({ userDefinedData: { a: 1 } });
  });
});

test('an operation is found by whose service it is, newest first', async () => {
  const id = await shop();
  await done(`${NS}/${id}/instantiate`, { additionalParamsForVnf: [WHOM] });
  await bench.bench.pass(10);
  await done(`${NS}/${id}/terminate`, {});
  const { body } = await bench.ask('GET', `${OPS}?filter=(eq,nsInstanceId,${id})&fields=lcmOperationType`);
  expect([field(body, '0/lcmOperationType'), field(body, '1/lcmOperationType')]).toEqual([
    'TERMINATE',
    'INSTANTIATE',
  ]);
});

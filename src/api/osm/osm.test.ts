import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type ApiBench, apiBench, SHOP, UP_TOKEN, WALL, WEB } from '../testing/api-bench.ts';
import { field, text } from '../testing/field.ts';

// What OSM's own client sends (python-osmclient, sol005/*.py) and reads of what is answered.

let bench: ApiBench;
let headers: Record<string, string>;
beforeEach(async () => {
  bench = await apiBench({ output: 'painted' });
  const secret = await bench.token('alice', 'operator');
  const { body } = await login('alice', secret);
  headers = {
    authorization: `Bearer ${text(body, 'id')}`,
    accept: 'application/json',
    'content-type': 'application/yaml',
  };
});
afterEach(() => bench.close());

const login = (username: string, password: string) =>
  bench.send(
    'POST',
    '/osm/admin/v1/tokens',
    JSON.stringify({ username, password, project_id: 'admin' }),
    'application/yaml',
    { authorization: '', accept: 'application/json' },
  );
const get = (path: string) => bench.ask('GET', `/osm${path}`, undefined, headers);
const post = (path: string, body: object) =>
  bench.send('POST', `/osm${path}`, JSON.stringify(body), 'application/yaml', headers);
const upload = (path: string, yaml: string, method: 'POST' | 'PUT' = 'POST') =>
  bench.send(method, `/osm${path}`, yaml, 'text/plain', {
    ...headers,
    'content-type': 'text/plain',
    'content-filename': 'x.yaml',
    'content-file-md5': createHash('md5').update(yaml).digest('hex'),
  });

async function settled(id: unknown): Promise<void> {
  expect(await bench.settled(`/${String(id)}`)).toBe('COMPLETED');
  expect((await get(`/nslcm/v1/ns_lcm_op_occs/${String(id)}`)).body).toMatchObject({
    operationState: 'COMPLETED',
  });
}

async function onboard(): Promise<string> {
  for (const yaml of [WALL, WEB]) {
    const { status, body } = await upload('/vnfpkgm/v1/vnf_packages_content', yaml);
    expect([status, Object.keys(Object(body))]).toEqual([201, ['id']]);
  }
  return text((await upload('/nsd/v1/ns_descriptors_content', SHOP)).body, 'id');
}

const PARAMS = [{ 'member-vnf-index': 'web', additionalParams: { whom: 'world' } }];

test('the whole life of a service, as the client of OSM asks for it', async () => {
  await onboard();
  const nsds = (await get('/nsd/v1/ns_descriptors')).body;
  const nsd = text(nsds, '0/_id');
  expect(nsds).toMatchObject([{ id: 'shop-ns', name: 'shop-ns', _admin: { usageState: 'NOT_IN_USE' } }]);
  expect(field((await get(`/nsd/v1/ns_descriptors/${nsd}`)).body, 'df/0/vnf-profile/1/id')).toBe('web');
  const vim = text((await get('/admin/v1/vim_accounts?name=south')).body, '0/_id');
  const created = await post('/nslcm/v1/ns_instances_content', {
    nsdId: nsd,
    nsName: 'shop',
    nsDescription: 'default description',
    vimAccountId: vim,
    additionalParamsForVnf: PARAMS,
  });
  expect([created.status, created.type]).toEqual([201, 'application/json']);
  const id = text(created.body, 'id');
  await settled(field(created.body, 'nslcmop_id'));
  expect((await get('/nslcm/v1/ns_instances_content')).body).toMatchObject([
    {
      _id: id,
      name: 'shop',
      nsState: 'READY',
      'operational-status': 'running',
      'config-status': 'configured',
    },
  ]);
  const vnfs = (await get(`/nslcm/v1/vnf_instances?nsr-id-ref=${id}`)).body;
  expect(vnfs).toMatchObject([
    { 'vim-account-id': vim },
    { 'member-vnf-index-ref': 'web', vdur: [{ status: 'ACTIVE' }] },
  ]);

  const scaled = await post(`/nslcm/v1/ns_instances/${id}/scale`, {
    scaleType: 'SCALE_VNF',
    scaleVnfData: {
      scaleVnfType: 'SCALE_OUT',
      scaleByStepData: { 'member-vnf-index': 'web', 'scaling-group-descriptor': 'by-load' },
    },
  });
  expect(scaled.status).toBe(202);
  await settled(field(scaled.body, 'id'));
  expect(await bench.bench.twin.list()).toHaveLength(3);
  const healed = await post(`/nslcm/v1/ns_instances/${id}/heal`, {
    healVnfData: [
      {
        vnfInstanceId: text(vnfs, '1/_id'),
        cause: 'default',
        additionalParams: {
          'run-day1': false,
          vdu: [{ 'run-day1': false, 'vdu-id': 'vm', 'count-index': 1 }],
        },
      },
    ],
  });
  await settled(field(healed.body, 'id'));
  const acted = await post(`/nslcm/v1/ns_instances/${id}/action`, {
    member_vnf_index: 'web',
    primitive: 'paint',
    primitive_params: { colour: 'blue' },
  });
  await settled(field(acted.body, 'id'));
  expect(
    field((await get(`/nslcm/v1/ns_lcm_op_occs/${text(acted.body, 'id')}`)).body, 'detailed-status'),
  ).toContain('painted');
  expect(Object.values(Object((await get(`/nslcm/v1/ns_lcm_op_occs?nsInstanceId=${id}`)).body))).toHaveLength(
    4,
  );
  const removed = await bench.ask('DELETE', `/osm/nslcm/v1/ns_instances_content/${id}`, undefined, headers);
  expect(removed.status).toBe(202);
  await bench.settled(`/${text(removed.body, '_id')}`).catch(() => {});
  expect((await get('/nslcm/v1/ns_instances_content')).body).toEqual([]);
  expect((await bench.ask('DELETE', `/osm/nsd/v1/ns_descriptors/${nsd}`, undefined, headers)).status).toBe(
    204,
  );
  expect(bench.trouble).toEqual([]);
});

test('in two steps: named first, instantiated later, terminated and then removed', async () => {
  const nsdId = await onboard();
  const request = { nsdId, nsName: 'shop', vimAccountId: 'muster', additionalParamsForVnf: PARAMS };
  const id = text((await post('/nslcm/v1/ns_instances', request)).body, 'id');
  expect((await get(`/nslcm/v1/ns_instances/${id}`)).body).toMatchObject({ nsState: 'NOT_INSTANTIATED' });
  await settled(field((await post(`/nslcm/v1/ns_instances/${id}/instantiate`, request)).body, 'id'));
  await settled(field((await post(`/nslcm/v1/ns_instances/${id}/terminate`, {})).body, 'id'));
  expect((await get(`/nslcm/v1/ns_instances/${id}`)).body).toMatchObject({
    'operational-status': 'terminated',
  });
  expect((await bench.ask('DELETE', `/osm/nslcm/v1/ns_instances/${id}`, undefined, headers)).status).toBe(
    204,
  );
});

describe('packages', () => {
  test('a second one of the same id is a conflict in the words of OSM, and PUT takes its place', async () => {
    const id = text((await upload('/vnfpkgm/v1/vnf_packages_content', WALL)).body, 'id');
    expect((await upload('/vnfpkgm/v1/vnf_packages_content', WALL)).body).toMatchObject({
      code: 'CONFLICT',
      status: 409,
      detail: expect.stringContaining("vnfd with id 'wall' already exists for this project"),
    });
    const other = WALL.replace("'1.0'", "'2.0'");
    expect((await upload(`/vnfpkgm/v1/vnf_packages/${id}/package_content`, other, 'PUT')).status).toBe(204);
    expect((await get(`/vnfpkgm/v1/vnf_packages/${id}`)).body).toMatchObject({
      version: '2.0',
      _admin: { revision: 2 },
    });
    const renamed = WALL.replace('id: wall', 'id: fence');
    expect((await upload(`/vnfpkgm/v1/vnf_packages/${id}/package_content`, renamed, 'PUT')).status).toBe(422);
    expect(Object((await get('/vnfpkgm/v1/vnf_packages')).body)).toHaveLength(1);
  });

  test('what was damaged on the way is not onboarded', async () => {
    const sent = await bench.send('POST', '/osm/vnfpkgm/v1/vnf_packages_content', WALL, 'text/plain', {
      ...headers,
      'content-type': 'text/plain',
      'content-file-md5': '0'.repeat(32),
    });
    expect(sent.body).toMatchObject({ status: 422, hint: 'send it again' });
    expect((await get('/vnfpkgm/v1/vnf_packages')).body).toEqual([]);
  });
});

describe('answers', () => {
  test('are YAML for whom does not ask for JSON, also when something is wrong', async () => {
    const ask = (path: string) => bench.ask('GET', `/osm${path}`, undefined, { accept: '*/*' });
    const listed = await ask('/admin/v1/vim_accounts');
    expect(listed.type).toContain('application/yaml');
    expect(field(parse(listed.text), '1/name')).toBe('north');
    expect(parse((await ask('/nslcm/v1/ns_instances/none')).text)).toMatchObject({
      code: 'NOT_FOUND',
      status: 404,
    });
  });

  test('of what does not fit are 422 there, and name what is wrong', async () => {
    const refused = await post('/nslcm/v1/ns_instances_content', {
      nsdId: 'x',
      nsName: 'n',
      vimAccountId: 'muster',
      vnf: 3,
    });
    expect(refused.body).toMatchObject({
      code: 'UNPROCESSABLE_ENTITY',
      detail: expect.stringContaining('vnf'),
    });
    const nowhere = await post('/nslcm/v1/ns_instances_content', {
      nsdId: await onboard(),
      nsName: 'n',
      vimAccountId: 'mars',
    });
    expect(nowhere.body).toMatchObject({ status: 404, detail: expect.stringContaining('mars') });
    expect(await bench.bench.manager.list()).toEqual([]);
  });
});

describe('tokens', () => {
  test('are given for the name and the secret of one that was made, and end with it', async () => {
    expect((await login('alice', 'wrong')).body).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    const secret = await bench.token('bob', 'viewer');
    expect((await login('alice', secret)).status).toBe(401);
    const { body } = await login('bob', secret);
    expect(body).toMatchObject({ username: 'bob', admin: false, project_name: 'muster' });
    const bob = { ...headers, authorization: `Bearer ${text(body, 'id')}` };
    expect((await bench.ask('GET', '/osm/nslcm/v1/ns_instances', undefined, bob)).status).toBe(200);
    expect((await bench.ask('GET', '/osm/admin/v1/tokens', undefined, bob)).body).toMatchObject([
      { id: text(body, 'id') },
    ]);
    expect(
      (await bench.ask('DELETE', `/osm/admin/v1/tokens/${text(body, 'id')}`, undefined, headers)).status,
    ).toBe(404);
    expect((await bench.ask('DELETE', '/osm/admin/v1/tokens', undefined, bob)).status).toBe(200);
    expect((await bench.ask('GET', '/osm/nslcm/v1/ns_instances', undefined, bob)).status).toBe(401);
    expect(JSON.stringify(bench.requests)).not.toContain(text(body, 'id'));
  });

  test('last for an hour; `admin` has the one of muster up', async () => {
    const { body } = await login('admin', UP_TOKEN);
    expect(Number(field(body, 'expires')) - Number(field(body, 'issued_at'))).toBe(3600);
    const admin = { ...headers, authorization: `Bearer ${text(body, 'id')}` };
    const ask = () => bench.ask('GET', '/osm/admin/v1/vim_accounts', undefined, admin);
    expect((await ask()).status).toBe(200);
    bench.bench.clock.runUntil(bench.bench.clock.nowMs() + 3_600_001);
    expect((await ask()).status).toBe(401);
  });
});

import { beforeEach, expect, it } from 'vitest';
import { agentId, nodeName } from '../../protocol/ids.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { apiBench, SHOP, WALL, WEB } from '../testing/api-bench.ts';
import { field } from '../testing/field.ts';
import { pipelineEndpoints, pipelinePlanEndpoints } from './pipeline-routes.ts';

const sites = ['north', 'south', 'west'];
const view: PipelineView = {
  name: 'base',
  verifiersPerRound: 1,
  imageSha256: 'ab'.repeat(32),
  room: 8,
  hosts: sites.flatMap((site) =>
    [1, 2].map((n) => ({ name: nodeName(`${site}-${n}`), site: nodeName(site) })),
  ),
  agents: sites.map((site) => ({
    name: agentId(`a-${site}`),
    host: nodeName(`${site}-1`),
    site: nodeName(site),
    capabilities: [],
    pipeline: 'base',
    attested: true,
    keyed: true,
  })),
  order: sites.map((site) => agentId(`a-${site}`)),
};

let endpoints: readonly Endpoint[];
beforeEach(() => {
  endpoints = pipelineEndpoints(() => view);
});

async function ask(
  path: string,
  given: { readonly query?: object; readonly params?: object; readonly body?: object },
): Promise<unknown> {
  const endpoint = endpoints.find((each) => each.path === path);
  const call = { params: {}, query: {}, body: undefined, upload: undefined, headers: {}, ...given };
  const answer = await endpoint?.run({ ...call, caller: undefined, url: path });
  return answer?.body;
}

const fileOfBase = async () => String(field(await ask('/v1/pipeline/file', {}), 'text'));
const check = (text: string) => ask('/v1/pipeline/check', { body: { text } });

it('what is read as a file and given back changes nothing', async () => {
  expect(await check(await fileOfBase())).toMatchObject({
    problems: [],
    rows: [],
    changes: [],
    order: null,
    refusal: null,
    pipeline: { name: 'base', agents: ['a-north', 'a-south', 'a-west'] },
  });
});

it('an agent that is moved in the file is told as a change, with what goes on the ledger', async () => {
  const checked = await check((await fileOfBase()).replace('host: west-1', 'host: west-2'));
  expect(checked).toMatchObject({
    rows: [
      { agent: 'a-west', change: 'move', ledger: expect.stringContaining('withdrawAgent') },
      { change: 'order', ledger: 'setPlan' },
    ],
    changes: [{ kind: 'move', name: 'a-west', host: 'west-2', from: 'west-1' }],
  });
});

it('mistakes are told at their lines, and nothing else', async () => {
  const text = (await fileOfBase()).replace('host: west-1', 'host: west-9');
  const line = text.split('\n').findIndex((each) => each.includes('west-9')) + 1;
  expect(await check(text)).toMatchObject({
    pipeline: null,
    changes: [],
    problems: [{ line, severity: 'error', path: 'pipeline.agents[2].host' }],
  });
});

it('a pipeline that is not there is refused with those that are', async () => {
  await expect(ask('/v1/pipeline/file', { query: { name: 'shop' } })).rejects.toThrow(/no pipeline shop/);
});

it('a pipeline that is planned for a service that runs is a file that can be applied', async () => {
  const bench = await apiBench();
  const { manager, packages } = bench.bench;
  const form = new FormData();
  for (const text of [SHOP, WALL, WEB])
    form.append('files', new Blob([text]), `${form.getAll('files').length}.yaml`);
  const site = { images: {}, webhooks: { allowHosts: [] } };
  const request = new Response(form);
  const bytes = new Uint8Array(await request.arrayBuffer());
  await bench.send('POST', '/v1/files/onboard', bytes, request.headers.get('content-type') ?? '');
  const service = { name: 'shop', nsd: 'shop-ns', members: { web: { day1: { whom: 'world' } } } };
  const applied = await bench.ask('POST', '/v1/services/apply', { service });
  await bench.settled(applied.headers['location']);
  const images = Object.fromEntries(['wall-image', 'web-image'].map((name) => [name, { catalogue: name }]));
  endpoints = [
    ...endpoints,
    ...pipelinePlanEndpoints({ services: manager, packages, site: { ...site, images } }, () => view),
  ];
  const params = { service: 'shop' };
  const planned = await ask('/v1/services/{service}/pipeline', { params });
  expect(field(planned, 'name')).toBe('shop');
  const checked = await check(String(field(planned, 'text')));
  expect(checked).toMatchObject({ pipeline: { name: 'shop' }, refusal: null });
  expect(field(checked, 'changes/0')).toMatchObject({ kind: 'add' });
  await bench.close();
});

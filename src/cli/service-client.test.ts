import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NS_LCM_OP_OCCS, nsInstanceView, nsLcmOpOccView } from '../core/lifecycle/sol005-views.ts';
import { MusterError } from '../protocol/errors.ts';
import type { Operation } from '../protocol/operation-record.ts';
import { type ServiceBench, serviceBench } from '../runtime/services/testing/service-bench.ts';
import { functionVnfd, PRIMITIVES, SCALES, shopNsd } from '../runtime/services/testing/shop-packages.ts';
import { createServiceClient, type ServiceClient } from './service-client.ts';

// The client against a server of its own paths, over real services of the twin: what it sends is understood, and what comes back is read.

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

let bench: ServiceBench;
let server: Server;
let client: ServiceClient;
const seen: Seen[] = [];

const isoTime = (ms: number) => new Date(ms).toISOString();

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

async function answerTo({
  method,
  path,
  body,
}: Seen): Promise<{ status: number; body?: unknown; location?: string }> {
  const { manager } = bench;
  const accepted = ({ id }: Operation) => ({
    status: 202,
    location: `http://somewhere${NS_LCM_OP_OCCS}/${id}`,
  });
  const [, , , resource, id = '', verb = ''] = path.split('?')[0]?.split('/') ?? [];
  if (path === '/v1/services/apply') {
    const { operation, service, ...rest } = await manager.apply(Object(body));
    return { status: 200, body: { ...rest, service: service ?? null, operation: operation ?? null } };
  }
  if (resource === 'ns_instances' && method === 'GET' && id === '') {
    return { status: 200, body: (await manager.list()).map((each) => nsInstanceView(each)) };
  }
  if (resource === 'ns_instances' && method === 'GET')
    return { status: 200, body: nsInstanceView(await manager.get(id)) };
  if (resource === 'ns_instances' && method === 'DELETE') {
    await manager.remove(id);
    return { status: 204 };
  }
  if (resource === 'ns_instances' && verb === 'terminate') return accepted(await manager.terminate(id, {}));
  if (resource === 'ns_instances' && verb === 'scale') {
    return accepted(await manager.scale(id, { vnf: 'web', aspect: 'by-load', direction: 'out' }));
  }
  if (resource === 'ns_lcm_op_occs' && id === '') {
    const service = /eq,nsInstanceId,([^)]+)\)/.exec(decodeURIComponent(path))?.[1];
    return {
      status: 200,
      body: (await manager.operations(service)).map((each) => nsLcmOpOccView(each, isoTime)),
    };
  }
  if (resource === 'ns_lcm_op_occs' && method === 'GET') {
    return { status: 200, body: nsLcmOpOccView(await manager.operation(id), isoTime) };
  }
  return { status: 202, location: `${NS_LCM_OP_OCCS}/unknown` };
}

beforeEach(async () => {
  seen.length = 0;
  bench = await serviceBench();
  await bench.onboard(
    functionVnfd('wall', { flavour: PRIMITIVES }),
    functionVnfd('web', { flavour: SCALES }),
    shopNsd('wall', 'web'),
  );
  server = createServer((request, response) => {
    void (async () => {
      const asked = { method: request.method ?? '', path: request.url ?? '', body: await bodyOf(request) };
      seen.push(asked);
      try {
        const { status, body, location } = await answerTo(asked);
        response.writeHead(status, {
          'content-type': 'application/json',
          ...(location === undefined ? {} : { location }),
        });
        response.end(body === undefined ? '' : JSON.stringify(body));
      } catch (error) {
        const { code, message, hint } =
          error instanceof MusterError ? error : new MusterError('INTERNAL', String(error));
        const status = code === 'NOT_FOUND' ? 404 : code === 'CONFLICT' ? 409 : 422;
        response.writeHead(status, { 'content-type': 'application/problem+json' });
        response.end(JSON.stringify({ status, title: code, detail: message, hint }));
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  client = createServiceClient({ api: `http://127.0.0.1:${port}`, token: 'secret', pid: 1 });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await bench.close();
});

const SHOP = { name: 'shop', nsd: 'shop-ns', members: { wall: { day1: { whom: 'world' } } } };

async function applied(): Promise<string> {
  const { outcome, service, operation } = await client.apply({ service: SHOP });
  expect(outcome).toBe('created');
  await bench.until(async () => (await bench.manager.operation(operation?.id ?? '')).state === 'COMPLETED');
  return service?.id ?? '';
}

describe('a service over the API', () => {
  test('is applied, listed, described, followed, terminated and removed', async () => {
    const id = await applied();
    expect((await client.list()).map(({ name }) => name)).toEqual(['shop']);
    expect((await client.get(id)).shape.units).toHaveLength(2);
    const scaling = await client.scale(id, { vnf: 'web', direction: 'out' });
    expect(scaling).toMatchObject({ state: 'PROCESSING', params: { kind: 'scale' } });
    expect(seen.find(({ path }) => path.endsWith('/scale'))?.body).toEqual({
      scaleType: 'SCALE_VNF',
      scaleVnfData: [
        { vnfInstanceId: 'web', scaleVnfType: 'SCALE_OUT', scaleByStepData: { numberOfSteps: 1 } },
      ],
    });
    await bench.until(async () => (await bench.manager.operation(scaling.id)).state === 'COMPLETED');
    expect((await client.operations(id)).map(({ params }) => params.kind)).toEqual(['scale', 'instantiate']);
    const ending = await client.terminate(id, {});
    await bench.until(async () => (await bench.manager.operation(ending.id)).state === 'COMPLETED');
    await client.remove(id);
    expect(await client.list()).toEqual([]);
  });

  test('what is refused comes with its reason, its hint, and the right exit code', async () => {
    await expect(client.get('nobody')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: 'muster service list',
    });
    const id = await applied();
    await expect(client.remove(id)).rejects.toMatchObject({ code: 'CONFLICT', exitCode: 1 });
    await expect(client.apply({ service: { name: 'other', nsd: 'shop-ns' } })).rejects.toMatchObject({
      code: 'BAD_SERVICE',
      exitCode: 64,
    });
  });

  test('a server that is not there is said to be so', async () => {
    const nobody = createServiceClient({ api: 'http://127.0.0.1:9', token: '', pid: 7 });
    await expect(nobody.list()).rejects.toMatchObject({
      message: expect.stringContaining('does not answer'),
      hint: expect.stringContaining('7'),
    });
  });
});

test('what can be done with a service, and about an operation, stands in its links', async () => {
  const id = await applied();
  const service = nsInstanceView(await bench.manager.get(id));
  expect(Object.keys(service._links)).toEqual(['self', 'terminate', 'scale', 'heal', 'update', 'action']);
  const [operation] = await bench.manager.operations(id);
  if (operation === undefined) throw new Error('one is expected');
  expect(Object.keys(nsLcmOpOccView(operation, isoTime)._links)).toEqual(['self', 'nsInstance']);
  const failed: Operation = { ...operation, state: 'FAILED_TEMP' };
  expect(Object.keys(nsLcmOpOccView(failed, isoTime)._links)).toEqual([
    'self',
    'nsInstance',
    'retry',
    'fail',
    'rollback',
  ]);
});

import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MusterError } from '../protocol/errors.ts';
import { ScaleRequestSchema } from '../protocol/service-requests.ts';
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

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

async function answerTo({ method, path, body }: Seen): Promise<{ status: number; body?: unknown }> {
  const { manager } = bench;
  const { pathname, searchParams } = new URL(path, 'http://here');
  const [, , kind, id = '', verb = ''] = pathname.split('/');
  if (pathname === '/v1/services/apply') return { status: 202, body: await manager.apply(Object(body)) };
  if (kind === 'operations') {
    if (id === '')
      return { status: 200, body: await manager.operations(searchParams.get('service') ?? undefined) };
    return method === 'GET'
      ? { status: 200, body: await manager.operation(id) }
      : { status: 202, body: await manager.cancel(id) };
  }
  if (method === 'GET')
    return { status: 200, body: id === '' ? await manager.list() : await manager.get(id) };
  if (method === 'DELETE') {
    await manager.remove(id);
    return { status: 204 };
  }
  if (verb === 'scale') return { status: 202, body: await manager.scale(id, ScaleRequestSchema.parse(body)) };
  if (verb === 'action') return { status: 202, body: await manager.action(id, body) };
  if (verb === 'heal') return { status: 202, body: await manager.heal(id, body) };
  return { status: 202, body: await manager.terminate(id, body) };
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
        const { status, body } = await answerTo(asked);
        response.writeHead(status, { 'content-type': 'application/json' });
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
      vnf: 'web',
      direction: 'out',
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

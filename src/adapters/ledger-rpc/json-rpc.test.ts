import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEndpoint } from './endpoint.ts';
import { createJsonRpc } from './json-rpc.ts';

let directory: string;
const servers: Server[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-test-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await stop(server);
  rmSync(directory, { recursive: true, force: true });
});

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

type Question = { readonly id: number; readonly method: string };

/** A node that answers every POST with what `reply` makes of its questions. */
function nodeThat(reply: (questions: readonly Question[]) => unknown, told?: (line: string) => void): Server {
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      told?.(`${request.method} ${request.url} ${request.headers['content-type']}`);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(reply(JSON.parse(body) as readonly Question[])));
    });
  };
  const server = createServer(listener);
  servers.push(server);
  return server;
}

async function at(server: Server, path?: string): Promise<string> {
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  return path === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${path}`;
}

const numbered = (questions: readonly Question[]) =>
  questions.map(({ id }) => ({ jsonrpc: '2.0', id, result: '0x2a' }));

it.each(['a URL', 'a Unix socket'])('calls of one turn travel together to a node at %s', async (where) => {
  const asked: string[] = [];
  const server = nodeThat(numbered, (line) => asked.push(line));
  const endpoint = createEndpoint(
    await at(server, where === 'a URL' ? undefined : join(directory, 'node.sock')),
  );
  expect(await Promise.all([endpoint.chainId(), endpoint.chainId()])).toEqual([42, 42]);
  expect(asked).toEqual(['POST / application/json']);
  await stop(server);
  await expect(endpoint.chainId()).rejects.toThrow();
});

it('answers find their calls in whatever order they come, and a call without one fails alone', async () => {
  const server = nodeThat((questions) =>
    questions
      .filter(({ method }) => method !== 'lost')
      .map(({ id, method }) => ({ jsonrpc: '2.0', id, result: method }))
      .reverse(),
  );
  const rpc = createJsonRpc(await at(server));
  const results = await Promise.allSettled([rpc('one', []), rpc('lost', []), rpc('two', [])]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[0]).toMatchObject({ value: { result: 'one' } });
  expect(results[2]).toMatchObject({ value: { result: 'two' } });
});

it.each([
  ['nonsense', () => 'hello'],
  ['a refusal of all of it', () => ({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'no' } })],
  ['more than it takes', () => 'x'.repeat(17 * 1024 * 1024)],
])('%s is no answer', async (_, reply) => {
  const rpc = createJsonRpc(await at(nodeThat(reply)));
  await expect(rpc('eth_chainId', [])).rejects.toThrow();
});

it('a status other than 200, and what is no URL, are no answers', async () => {
  const server = createServer((_, response) => response.writeHead(429).end('[]'));
  servers.push(server);
  await expect(createJsonRpc(await at(server))('eth_chainId', [])).rejects.toThrow('HTTP status 429');
  await expect(createJsonRpc('nowhere')('eth_chainId', [])).rejects.toThrow('Invalid URL');
});

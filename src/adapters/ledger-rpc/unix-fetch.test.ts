import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEndpoint } from './endpoint.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('a node behind a Unix socket is asked as one behind a URL is', async () => {
  const path = join(directory, 'node.sock');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      asked.push(`${request.method} ${request.headers['content-type']}`);
      const questions = JSON.parse(body) as readonly { id: number }[];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(questions.map(({ id }) => ({ jsonrpc: '2.0', id, result: '0x2a' }))));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const endpoint = createEndpoint(`unix:${path}`);
  expect(await Promise.all([endpoint.chainId(), endpoint.chainId()])).toEqual([42, 42]);
  expect(asked).toEqual(['POST application/json']);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(endpoint.chainId()).rejects.toThrow();
});

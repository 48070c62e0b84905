import { rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { MusterError } from '../../protocol/errors.ts';
import { createPlaces } from './connection-places.ts';
import type { Engine } from './engine.ts';
import { METHODS } from './final-view.ts';
import { createRateLimit } from './rate-limit.ts';
import { RPC, RpcError } from './rpc-error.ts';

const MAX_BODY_BYTES = 256 * 1024;
const MAX_BATCH = 100;
const MAX_CONNECTIONS = 512;
/** Whoever follows the chain asks several times a second. */
const IDLE_MS = 5000;
const RATE = { perSec: 1000, burst: 2000 };

const RequestSchema = z.object({
  id: z.union([z.string().max(64), z.number(), z.null()]).default(null),
  method: z.string().max(64),
  params: z.array(z.unknown()).max(8).default([]),
});

export interface ProxyOptions {
  /** Loopback port, 0 for any; or the path of a Unix socket. */
  readonly listen: { readonly port: number } | { readonly path: string };
  /** The node behind, as long as there is one. */
  readonly engine: () => Engine | undefined;
}

export interface RpcProxy {
  /** `http://127.0.0.1:PORT`, or `unix:PATH`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The one way to the node: JSON-RPC over HTTP for a fixed list of methods, bounded in size and rate.
 * @throws LEDGER_FAILED when it cannot listen there.
 */
export async function startRpcProxy({ listen, engine }: ProxyOptions): Promise<RpcProxy> {
  const nowMs = (): number => performance.now();
  const limits = new WeakMap<Socket, (count: number) => boolean>();
  const allowed = (socket: Socket, count: number): boolean => {
    const limit = limits.get(socket) ?? createRateLimit(RATE, nowMs);
    limits.set(socket, limit);
    return limit(count);
  };
  const places = createPlaces<Socket>({ most: MAX_CONNECTIONS, idleMs: IDLE_MS, nowMs });
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 30_000 }, (request, response) => {
    places.asked(request.socket);
    void handle(request, response, engine, (count) => allowed(request.socket, count));
  });
  server.on('connection', (socket) => {
    const away = places.enter(socket);
    socket.once('close', () => places.leave(socket));
    away?.destroy();
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await listening(server, listen);
  return {
    url: urlOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  engine: () => Engine | undefined,
  allowed: (count: number) => boolean,
): Promise<void> {
  try {
    // A web page could send anything else to a loopback address without being asked first.
    if (request.method !== 'POST' || !request.headers['content-type']?.startsWith('application/json')) {
      answer(response, 405, failure(null, new RpcError(RPC.invalidRequest, 'POST JSON')));
      request.resume();
      return;
    }
    const body = await bodyOf(request);
    if (body === undefined) {
      response.setHeader('connection', 'close');
      answer(response, 413, failure(null, new RpcError(RPC.limit, `at most ${MAX_BODY_BYTES} bytes`)));
      return;
    }
    answer(response, 200, await answerBody(body, engine, allowed));
  } catch {
    // The caller has gone.
    response.destroy();
  }
}

async function answerBody(
  body: string,
  engine: () => Engine | undefined,
  allowed: (count: number) => boolean,
): Promise<unknown> {
  const parsed = parse(body);
  if (parsed === undefined) return failure(null, new RpcError(RPC.parse, 'not JSON'));
  const batch: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (batch.length === 0 || batch.length > MAX_BATCH) {
    return failure(null, new RpcError(RPC.limit, `1 to ${MAX_BATCH} requests at a time`));
  }
  const pass = allowed(batch.length);
  const answers = await Promise.all(batch.map((each) => answerOne(each, engine(), pass)));
  return Array.isArray(parsed) ? answers : answers[0];
}

async function answerOne(request: unknown, engine: Engine | undefined, pass: boolean): Promise<unknown> {
  const parsed = RequestSchema.safeParse(request);
  if (!parsed.success) return failure(null, new RpcError(RPC.invalidRequest, 'not a JSON-RPC request'));
  const { id, method, params } = parsed.data;
  try {
    if (!pass) throw new RpcError(RPC.limit, 'too many requests: slow down');
    const ask = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    if (ask === undefined) throw new RpcError(RPC.notAllowed, `${method} is not answered here`);
    if (engine === undefined) throw new RpcError(RPC.away, 'the ledger is starting again');
    return { jsonrpc: '2.0', id, result: (await ask(engine, params)) ?? null };
  } catch (error) {
    return failure(id, error);
  }
}

function failure(id: string | number | null, error: unknown): unknown {
  if (error instanceof RpcError) {
    const { code, message, data } = error;
    return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } };
  }
  const message = error instanceof z.ZodError ? z.prettifyError(error) : 'it failed';
  return { jsonrpc: '2.0', id, error: { code: RPC.params, message } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    const bytes: unknown = part;
    if (!Buffer.isBuffer(bytes)) continue;
    length += bytes.length;
    if (length > MAX_BODY_BYTES) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function listening(server: Server, listen: ProxyOptions['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new MusterError('LEDGER_FAILED', `the ledger cannot listen: ${cause.message}`, { cause }));
    });
    // One that was killed has left its socket; who else has the directory's lock is told of before.
    if ('path' in listen) rmSync(listen.path, { force: true });
    server.listen('path' in listen ? listen : { ...listen, host: '127.0.0.1' }, resolve);
  });
}

function urlOf(server: Server): string {
  const address = server.address();
  return typeof address === 'string' ? `unix:${address}` : `http://127.0.0.1:${address?.port ?? 0}`;
}

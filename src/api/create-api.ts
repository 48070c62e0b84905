import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import { Hex32Schema } from '../protocol/agent-control.ts';
import { metricsText } from '../runtime/up/metrics.ts';
import type { Supervisor } from '../runtime/up/supervisor.ts';
import { addAgentRoutes } from './agent-routes.ts';

export interface ApiOptions {
  readonly supervisor: Pick<
    Supervisor,
    'status' | 'record' | 'appraisal' | 'entriesAfter' | 'listen' | 'change' | 'startAgent'
  >;
  /** Who has it may do everything: on loopback alone. */
  readonly token: string;
  onStop(): void;
}

/** Entries that a reader who does not read may have waiting, bytes. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;

/** What runs here, for the command line, the console and Prometheus. Every path wants the token as a bearer. */
export function createApi({ supervisor, token, onStop }: ApiOptions): FastifyInstance {
  const api = Fastify({ bodyLimit: 64 * 1024 });
  const expected = Buffer.from(`Bearer ${token}`);
  api.addHook('onRequest', async (request, reply) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length === expected.length && timingSafeEqual(given, expected)) return;
    await reply
      .code(401)
      .send({ status: 401, title: 'Unauthorized', detail: 'the token of `muster up` is asked for' });
  });
  api.get('/v1/status', () => supervisor.status());
  api.get('/v1/agents', () => supervisor.status().agents);
  api.get('/v1/record', async (_, reply) => {
    const record = supervisor.record();
    return (
      record ?? reply.code(503).send({ status: 503, title: 'Not yet', detail: 'there is no ledger yet' })
    );
  });
  api.get('/v1/checkpoint', async (_, reply) => {
    const { pipeline, operator, checkpoint } = supervisor.record() ?? {};
    if (checkpoint) return { pipeline, operator, checkpoint };
    return reply.code(503).send({ status: 503, title: 'Not yet', detail: 'no block has been co-signed yet' });
  });
  api.get<{ Params: { hash: string } }>('/v1/appraisals/:hash', async (request, reply) => {
    const hash = Hex32Schema.safeParse(request.params.hash).data;
    const text = hash === undefined ? undefined : supervisor.appraisal(hash);
    if (text !== undefined) return { text };
    const detail = 'no appraisal with that hash is known here, or not any more';
    return reply.code(404).send({ status: 404, title: 'Not found', detail });
  });
  api.get('/v1/entries', () => supervisor.entriesAfter(0).map(({ entry }) => entry));
  api.get('/metrics', async (_, reply) => {
    const { type, text } = await metricsText(supervisor.status());
    return reply.type(type).send(text);
  });
  addAgentRoutes(api, (what) => supervisor.change(what));
  api.post('/v1/stop', async (_, reply) => {
    await reply.code(202).send({ stopping: true });
    onStop();
  });
  api.post<{ Params: { name: string } }>('/v1/agents/:name/start', async (request, reply) => {
    if (supervisor.startAgent(request.params.name)) return reply.code(202).send({ starting: true });
    const title = 'Conflict';
    return reply
      .code(409)
      .send({ status: 409, title, detail: 'there is no agent of that name that stays down' });
  });
  api.get('/v1/journal', (request, reply) => {
    const last = Number(request.headers['last-event-id'] ?? 0);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const send = (seq: number, entry: unknown): void => {
      if (raw.writableLength > MOST_UNREAD_BYTES) raw.destroy();
      else raw.write(`id: ${seq}\ndata: ${JSON.stringify(entry)}\n\n`);
    };
    for (const { seq, entry } of supervisor.entriesAfter(Number.isSafeInteger(last) ? last : 0))
      send(seq, entry);
    const unlisten = supervisor.listen(send);
    raw.on('close', unlisten);
  });
  return api;
}

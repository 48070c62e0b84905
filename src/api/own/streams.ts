import type { FastifyInstance } from 'fastify';
import { metricsText } from '../../runtime/up/metrics.ts';
import { serviceMetricsText } from '../../runtime/up/service-metrics.ts';
import type { EndpointFacts } from '../http/endpoint.ts';
import { NOTHING } from '../http/endpoint.ts';
import type { Northbound } from '../northbound.ts';
import type { Notifier } from '../notifications/notifier.ts';
import type { Supervised } from './status-routes.ts';

/** Entries that a reader who does not read may have waiting, bytes. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;

const facts = {
  method: 'GET',
  tag: 'Muster: what runs here',
  takes: 'nothing',
  params: NOTHING,
  query: NOTHING,
  body: NOTHING,
} as const;

/** What is not answered as JSON, for the OpenAPI document. */
export const STREAMS: readonly EndpointFacts[] = [
  {
    ...facts,
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    answers: { 200: { description: 'See docs/metrics.md', type: 'text/plain' } },
  },
  {
    ...facts,
    path: '/v1/journal',
    summary: 'The journal as server-sent events, from Last-Event-ID on',
    answers: { 200: { description: 'Each event is an entry', type: 'text/event-stream' } },
  },
  {
    ...facts,
    path: '/openapi.json',
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1', type: 'application/json' } },
  },
];

/** Services, and who tells of them: for the metrics. */
export interface Measured {
  readonly services: Northbound['services'];
  readonly notifier: Pick<Notifier, 'dropped'>;
}

/** Metrics, and the journal as it grows. */
export function addStreams(
  api: FastifyInstance,
  supervisor: Supervised,
  measured: Measured | undefined,
): void {
  api.get('/metrics', async (_, reply) => {
    const { type, text } = await metricsText(supervisor.status());
    const services =
      measured === undefined ? '' : await serviceMetricsText(measured.services, measured.notifier.dropped());
    return reply.type(type).send(`${text}${services}`);
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
    const after = Number.isSafeInteger(last) && last > 0 ? last : 0;
    const kept = supervisor.entriesAfter(after);
    // Who comes too late is told so, and goes on with what there is.
    const { firstSeq } = supervisor.status().journal;
    if (firstSeq > after + 1) {
      raw.write(`event: dropped\ndata: ${JSON.stringify({ from: after + 1, to: firstSeq - 1 })}\n\n`);
    }
    for (const { seq, entry } of kept) send(seq, entry);
    const unlisten = supervisor.listen(send);
    raw.on('close', unlisten);
  });
}

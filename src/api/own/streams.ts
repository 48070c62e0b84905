import type { FastifyInstance } from 'fastify';
import type { RunId } from '../../protocol/run-view.ts';
import type { RunProcess } from '../../runtime/runs/run-process.ts';
import type { RunShelf } from '../../runtime/runs/run-shelf.ts';
import { metricsText } from '../../runtime/up/metrics.ts';
import { serviceMetricsText } from '../../runtime/up/service-metrics.ts';
import type { UnitMeter } from '../../runtime/up/unit-meter.ts';
import type { EndpointFacts } from '../http/endpoint.ts';
import { NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import type { Northbound } from '../northbound.ts';
import type { Notifier } from '../notifications/notifier.ts';
import { streamJournal } from './journal-stream.ts';
import { runIdOf } from './run-routes.ts';
import type { Supervised } from './status-routes.ts';

const facts = {
  method: 'GET',
  tag: 'Muster: what runs here',
  takes: 'nothing',
  params: NOTHING,
  query: NOTHING,
  body: NOTHING,
} as const;

/** Of runs, for the OpenAPI document. */
export const RUN_STREAMS: readonly EndpointFacts[] = [
  {
    ...facts,
    path: '/v1/runs/{run}/journal',
    tag: 'Muster: scenarios and their runs',
    summary: 'What happens in a run as server-sent events, from Last-Event-ID on',
    answers: { 200: { description: 'As /v1/journal', type: 'text/event-stream' } },
  },
];

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
    answers: {
      200: {
        description: 'Each event is an entry; with batch=1 an array of them',
        type: 'text/event-stream',
      },
    },
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
  readonly meter: UnitMeter;
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
      measured === undefined
        ? ''
        : await serviceMetricsText(measured.services, measured.notifier.dropped(), measured.meter);
    return reply.type(type).send(`${text}${services}`);
  });
  api.get('/v1/journal', (request, reply) => {
    streamJournal(request, reply, {
      life: supervisor.status().journal.life,
      firstSeq: () => supervisor.status().journal.firstSeq,
      after: (seq) => supervisor.entriesAfter(seq).map(({ entry }) => JSON.stringify(entry)),
      listen: (listener) => supervisor.listen((seq, entry) => listener(seq, JSON.stringify(entry))),
    });
  });
}

/** What happens in a run, and what has happened in a recorded one. */
export function addRunStreams(api: FastifyInstance, shelf: RunShelf): void {
  api.get<{ Params: { run: string } }>('/v1/runs/:run/journal', async (request, reply) => {
    const id = runIdOf(request.params.run);
    if (id === undefined)
      throw new HttpProblem({ status: 404, reason: 'there is no such run', hint: 'GET /v1/runs' });
    const { life, texts, growing } = await shelf.entries(id);
    streamJournal(request, reply, {
      life,
      firstSeq: () => 1,
      after: (seq) => texts.slice(seq),
      ...(growing === undefined
        ? {}
        : { listen: (listener) => growing.listen(listener), ended: endOf(growing, id, shelf) }),
    });
    return reply;
  });
}

async function endOf(growing: RunProcess, id: RunId, shelf: RunShelf): Promise<'complete' | 'replaced'> {
  await growing.ended();
  return (await shelf.gaveWay(id)) ? 'replaced' : 'complete';
}

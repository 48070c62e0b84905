import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Fastify from 'fastify';
import type { Store } from '../ports/store.ts';
import type { RunShelf } from '../runtime/runs/run-shelf.ts';
import { UnitMeter } from '../runtime/up/unit-meter.ts';
import type { WhatIfDesk } from '../runtime/what-if/what-if-desk.ts';
import { createAccess } from './access/access.ts';
import { callerOf, requireCaller } from './access/require-caller.ts';
import type { ConsoleAccess } from './console/console-access.ts';
import { addConsolePages, isConsolePage } from './console/console-pages.ts';
import { sessionEndpoints } from './console/session-routes.ts';
import { answerMalformed } from './http/answer-malformed.ts';
import { answerProblems, answerUnroutable } from './http/answer-problems.ts';
import type { Endpoint } from './http/endpoint.ts';
import { HttpProblem } from './http/http-problem.ts';
import { registerEndpoints, routerPath } from './http/register-endpoints.ts';
import type { Northbound } from './northbound.ts';
import { askOverHttp } from './notifications/ask-over-http.ts';
import type { Ask } from './notifications/callback.ts';
import { type Notifier, startNotifier } from './notifications/notifier.ts';
import { openApiDocument } from './openapi/openapi-document.ts';
import { osmNsEndpoints } from './osm/ns-routes.ts';
import { osmOperationEndpoints } from './osm/operation-routes.ts';
import { osmText } from './osm/osm-format.ts';
import { osmPackageEndpoints } from './osm/package-routes.ts';
import { osmTokenEndpoints } from './osm/token-routes.ts';
import { osmVersionEndpoints } from './osm/version-routes.ts';
import { vimEndpoints } from './osm/vim-accounts.ts';
import { backupEndpoints } from './own/backup-routes.ts';
import { blockEndpoints } from './own/block-routes.ts';
import { catalogueEndpoints } from './own/catalogue-routes.ts';
import { fileEndpoints } from './own/file-routes.ts';
import { ledgerEndpoints } from './own/ledger-routes.ts';
import { optimumEndpoints } from './own/optimum-routes.ts';
import { pipelineEndpoints, pipelinePlanEndpoints } from './own/pipeline-routes.ts';
import { runEndpoints } from './own/run-routes.ts';
import { serviceEndpoints } from './own/service-routes.ts';
import { type Supervised, statusEndpoints } from './own/status-routes.ts';
import { addRunStreams, addStreams, RUN_STREAMS, STREAMS } from './own/streams.ts';
import { unitEndpoints } from './own/unit-routes.ts';
import { upgradeEndpoints } from './own/upgrade-routes.ts';
import { whatIfEndpoints } from './own/what-if-routes.ts';
import { nsInstanceEndpoints } from './sol005/ns-instance-routes.ts';
import { opOccEndpoints } from './sol005/op-occ-routes.ts';
import { packageEndpoints } from './sol005/package-routes.ts';
import { subscriptionEndpoints } from './sol005/subscription-routes.ts';

export interface ApiOptions {
  readonly supervisor: Supervised;
  /** Who has it may do everything: on loopback alone. */
  readonly token: string;
  /** Tokens with names; absent: only the one above is taken. */
  readonly tokens?: Store;
  /** Services and packages; absent: their paths answer 503. */
  readonly northbound?: Northbound;
  /** How subscribers are told; absent: over HTTP. */
  readonly ask?: Ask;
  /** Pages for a browser, and who may see them; absent: there are none. */
  readonly console?: { readonly access: ConsoleAccess; readonly pages: string };
  /** Runs of scenarios; absent: their paths are not there. */
  readonly runs?: RunShelf;
  /** Forks of what is up; absent: their paths are not there. */
  readonly whatIfs?: WhatIfDesk;
  readonly pageSize?: number;
  readonly checkAnswers?: boolean;
  onStop(keepFunctions: boolean): void;
  /** Told of errors that nobody foresaw. */
  onTrouble?(error: unknown): void;
}

/** How long a request may take to come in. */
const REQUEST_WITHIN_MS = 120_000;
/** Roots of the paths that need services. */
const NEEDS_SERVICES = [
  '/nsd',
  '/vnfpkgm',
  '/nslcm',
  '/osm',
  '/v1/services',
  '/v1/operations',
  '/v1/placement',
  '/v1/files',
];

/** What runs here, and what runs on it: for the command line, the console, Prometheus, and clients of SOL005 and of Open Source MANO. */
export function createApi(options: ApiOptions): FastifyInstance {
  const { supervisor, token, tokens, northbound, pageSize } = options;
  const nowMs = northbound?.nowMs ?? (() => Date.now());
  const access = createAccess({ token, tokens, nowMs });
  const api = Fastify({
    bodyLimit: 64 * 1024,
    requestTimeout: REQUEST_WITHIN_MS,
    clientErrorHandler: answerMalformed,
    frameworkErrors: answerUnroutable,
    routerOptions: { maxParamLength: 2000 },
  });
  const render = (request: FastifyRequest, body: unknown, jsonType: string) =>
    request.url.startsWith('/osm/') ? osmText(request.headers.accept, body, jsonType) : undefined;
  answerProblems(api, {
    render: (request, body) => render(request, body, 'application/problem+json'),
    ...(options.onTrouble === undefined ? {} : { onTrouble: options.onTrouble }),
  });
  const endpoints = [
    ...statusEndpoints(options),
    ...blockEndpoints(supervisor),
    ...pipelineEndpoints(() => supervisor.group()),
    ...upgradeEndpoints(supervisor),
    ...ledgerEndpoints(() => supervisor.status()),
    ...osmTokenEndpoints(access),
    ...osmVersionEndpoints(),
    ...(options.console === undefined ? [] : sessionEndpoints(options.console.access)),
    ...(options.runs === undefined ? [] : runEndpoints(options.runs)),
    ...(options.whatIfs === undefined ? [] : whatIfEndpoints(options.whatIfs, northbound)),
    ...(northbound === undefined
      ? []
      : [
          ...northboundEndpoints(northbound, options.ask ?? askOverHttp, pageSize),
          ...pipelinePlanEndpoints(northbound, () => supervisor.group()),
        ]),
  ];
  const open = endpoints.filter((each) => each.open === true);
  const forViewers = endpoints.filter((each) => each.forViewers === true);
  requireCaller(
    api,
    access,
    async (cookie) => options.console?.access.callerOf(cookie),
    (method, path) =>
      open.some((each) => each.method === method && each.path === path) ||
      (options.console !== undefined && isConsolePage(method, path)),
    (method, route) => forViewers.some((each) => each.method === method && routerPath(each.path) === route),
  );
  if (options.console !== undefined) addConsolePages(api, options.console.pages);
  api.addHook('onSend', async (request, reply) => {
    const caller = callerOf(request);
    if (caller === undefined || request.method === 'GET' || request.method === 'HEAD') return;
    const [path = ''] = request.url.split('?');
    // A session's secret is a part of its path.
    if (path.startsWith('/osm/admin/v1/tokens')) return;
    const location = reply.getHeader('location');
    supervisor.recordRequest({
      caller: caller.name,
      request: `${request.method} ${path.slice(0, 500)}`,
      status: reply.statusCode,
      location: typeof location === 'string' ? location : null,
    });
  });
  registerEndpoints(api, endpoints, {
    render: (request, answer) => render(request, answer.body, 'application/json'),
    ...(options.checkAnswers === undefined ? {} : { checkAnswers: options.checkAnswers }),
  });
  if (northbound === undefined) {
    addStreams(api, supervisor, undefined);
    refuseServices(api);
  } else {
    const notifier = notify(api, northbound, options.ask ?? askOverHttp);
    const meter = new UnitMeter(() => northbound.infrastructure(), northbound.nowMs);
    addStreams(api, supervisor, { services: northbound.services, notifier, meter });
  }
  if (options.runs !== undefined) addRunStreams(api, options.runs);
  const document = openApiDocument([
    ...endpoints,
    ...STREAMS,
    ...(options.runs === undefined ? [] : RUN_STREAMS),
  ]);
  api.get('/openapi.json', () => document);
  return api;
}

function northboundEndpoints(to: Northbound, ask: Ask, pageSize: number | undefined): readonly Endpoint[] {
  return [
    ...serviceEndpoints(to),
    ...unitEndpoints(to),
    ...fileEndpoints(to),
    ...catalogueEndpoints(),
    ...(to.backup === undefined ? [] : backupEndpoints(to.backup)),
    ...(to.compare === undefined ? [] : optimumEndpoints(to.compare)),
    ...packageEndpoints(to, pageSize),
    ...nsInstanceEndpoints(to, pageSize),
    ...opOccEndpoints(to, pageSize),
    ...subscriptionEndpoints(to, ask, pageSize),
    ...osmPackageEndpoints(to),
    ...osmNsEndpoints(to),
    ...osmOperationEndpoints(to),
    ...vimEndpoints(to),
  ];
}

function notify(api: FastifyInstance, northbound: Northbound, ask: Ask): Notifier {
  const notifier = startNotifier(northbound, {
    ask,
    pause: async (ms, signal) => {
      await pause(ms, undefined, { signal }).catch(() => {});
    },
  });
  api.addHook('onClose', () => notifier.stop());
  return notifier;
}

function refuseServices(api: FastifyInstance): void {
  for (const root of NEEDS_SERVICES) {
    api.all(`${root}/*`, refuse);
    if (root.startsWith('/v1/')) api.all(root, refuse);
  }
}

function refuse(): never {
  throw new HttpProblem({
    status: 503,
    reason: 'nobody manages services here',
    hint: 'start what is up with sites: muster down, then muster up --sites 4',
  });
}

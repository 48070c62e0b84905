import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import type { Store } from '../ports/store.ts';
import type { RunShelf } from '../runtime/runs/run-shelf.ts';
import { createAccess } from './access/access.ts';
import { requireCaller } from './access/require-caller.ts';
import type { ConsoleAccess } from './console/console-access.ts';
import { addConsolePages, isConsolePage } from './console/console-pages.ts';
import { sessionEndpoints } from './console/session-routes.ts';
import { answerMalformed } from './http/answer-malformed.ts';
import { answerProblems, answerUnroutable } from './http/answer-problems.ts';
import { HttpProblem } from './http/http-problem.ts';
import { registerEndpoints } from './http/register-endpoints.ts';
import { runEndpoints } from './own/run-routes.ts';
import { addRunStreams } from './own/streams.ts';

export interface RecordingApiOptions {
  /** Of this process alone: whoever has it may look. */
  readonly token: string;
  /** Tokens with names, and sessions. */
  readonly tokens: Store;
  readonly runs: RunShelf;
  readonly console: { readonly access: ConsoleAccess; readonly pages: string };
  nowMs(): number;
  onTrouble?(error: unknown): void;
}

const BODY_BYTES = 16 * 1024;

/** What a browser needs to look at a recorded run, behind the same tokens as what is up; nothing can be changed through it. */
export function createRecordingApi(options: RecordingApiOptions): FastifyInstance {
  const { token, tokens, runs, nowMs } = options;
  const { access, pages } = options.console;
  const api = Fastify({
    bodyLimit: BODY_BYTES,
    clientErrorHandler: answerMalformed,
    frameworkErrors: answerUnroutable,
  });
  answerProblems(api, options.onTrouble === undefined ? {} : { onTrouble: options.onTrouble });
  const endpoints = [
    ...sessionEndpoints(access).filter(({ path }) => path === '/v1/session'),
    ...runEndpoints(runs).filter(({ method }) => method === 'GET'),
  ];
  requireCaller(
    api,
    createAccess({ token, tokens, nowMs }),
    async (cookie) => access.callerOf(cookie),
    (method, path) =>
      endpoints.some((each) => each.open === true && each.method === method && each.path === path) ||
      isConsolePage(method, path),
    () => false,
  );
  addConsolePages(api, pages);
  registerEndpoints(api, endpoints);
  addRunStreams(api, runs);
  // What the console asks of what is up, and whoever wants something done.
  api.all('/v1/*', refuse);
  return api;
}

function refuse(): never {
  throw new HttpProblem({
    status: 503,
    reason: 'nothing is up here: this is the console of a recorded run, and nothing can be changed in it',
    hint: 'choose the run at the top; muster up starts something that is up',
  });
}

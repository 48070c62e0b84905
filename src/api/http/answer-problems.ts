import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem, type ProblemParts, problemDetails, problemOf } from './http-problem.ts';

export interface ProblemOptions {
  /** Told of errors that nobody foresaw. */
  onTrouble?(error: unknown): void;
  /** How a problem is written, where that is not JSON. */
  render?(
    request: FastifyRequest,
    body: unknown,
  ): { readonly type: string; readonly text: string } | undefined;
}

/** Every error of every path as ProblemDetails: also of paths and methods that are not there. */
export function answerProblems(api: FastifyInstance, options: ProblemOptions = {}): void {
  const routes: { readonly method: string; readonly pattern: RegExp }[] = [];
  api.addHook('onRoute', ({ method, url }) => {
    const pattern = new RegExp(
      `^${url.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:\w+/g, '[^/]+')}$`,
    );
    for (const each of [method].flat()) routes.push({ method: each, pattern });
  });
  api.setErrorHandler((error, request, reply) => {
    const parts = problemOf(error);
    if (parts.status >= 500 && !(error instanceof HttpProblem)) options.onTrouble?.(error);
    return sendProblem(request, reply, parts, options);
  });
  api.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (allowed.length === 0) {
      return sendProblem(
        request,
        reply,
        {
          status: 404,
          reason: `there is nothing at ${path.slice(0, 200)}`,
          hint: 'see /openapi.json for what there is',
        },
        options,
      );
    }
    const allow = [...new Set(allowed)].sort().join(', ');
    return sendProblem(
      request,
      reply,
      {
        status: 405,
        reason: `${request.method} is nothing that can be done with ${path.slice(0, 200)}`,
        hint: `one of: ${allow}`,
        headers: { allow },
      },
      options,
    );
  });
}

/** Answers a path that cannot be looked up, such as one that is not encoded as it should be. */
export function answerUnroutable(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  void sendProblem(request, reply, problemOf(error), {});
}

function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ProblemParts,
  { render }: ProblemOptions,
) {
  const body = problemDetails(parts, request.url.startsWith('/osm/'));
  const { type, text } = render?.(request, body) ?? {
    type: 'application/problem+json',
    text: JSON.stringify(body),
  };
  // As bytes: the framework would put a charset behind the type of text, and JSON has none.
  return reply
    .code(parts.status)
    .headers(parts.headers ?? {})
    .type(type)
    .send(Buffer.from(text));
}

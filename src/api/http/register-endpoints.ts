import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../access/require-caller.ts';
import type { Answer, Endpoint } from './endpoint.ts';
import { HttpProblem } from './http-problem.ts';
import { JSON_TYPES, MOST_DOCUMENT_BYTES, readDocument, YAML_TYPES } from './read-document.ts';

export interface RegisterOptions {
  /** Turns what is answered into what is sent, where that is not JSON. */
  render?(
    request: FastifyRequest,
    answer: Answer,
  ): { readonly type: string; readonly text: string } | undefined;
  /** For tests: an answer that its endpoint does not name, or whose body its schema does not know, ends in 500. */
  readonly checkAnswers?: boolean;
}

/** Serves endpoints. Bodies are read as the endpoint wants them: as a document of bounded size, or as a stream. */
export function registerEndpoints(
  api: FastifyInstance,
  endpoints: readonly Endpoint[],
  options: RegisterOptions = {},
): void {
  for (const takesBytes of [false, true]) {
    const here = endpoints.filter(
      ({ takes }) => ['package', 'files', 'image'].includes(takes) === takesBytes,
    );
    void api.register((scope, _, done) => {
      scope.removeAllContentTypeParsers();
      if (takesBytes) scope.addContentTypeParser('*', (_, payload, done) => done(null, payload));
      else takeDocuments(scope);
      for (const each of here) serve(scope, each, options);
      done();
    });
  }
}

function takeDocuments(scope: FastifyInstance): void {
  const limits = { parseAs: 'string', bodyLimit: MOST_DOCUMENT_BYTES } as const;
  scope.addContentTypeParser([...JSON_TYPES, ...YAML_TYPES], limits, (request, body, done) => {
    try {
      done(null, readDocument(request.headers['content-type'] ?? '', String(body)));
    } catch (error) {
      done(error instanceof Error ? error : new Error('the body cannot be read'));
    }
  });
}

function serve(scope: FastifyInstance, endpoint: Endpoint, options: RegisterOptions): void {
  scope.route({
    method: endpoint.method,
    url: routerPath(endpoint.path),
    handler: async (request, reply) => {
      const answer = await endpoint.run({
        params: request.params,
        query: request.query,
        body: request.body,
        upload: request.body instanceof Readable ? request.body : undefined,
        headers: headersOf(request),
        caller: callerOf(request),
        url: request.url,
      });
      if (options.checkAnswers === true) checkAnswer(endpoint, answer);
      if (answer.after !== undefined) reply.raw.once('close', answer.after);
      return send(request, reply, answer, options);
    },
  });
}

/** `/a/{id}` as the router writes it: `/a/:id`. */
export function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function headersOf(request: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer, { render }: RegisterOptions) {
  reply.code(answer.status).headers(answer.headers ?? {});
  if (answer.body === undefined) return reply.send();
  if (answer.type !== undefined) return reply.type(answer.type).send(answer.body);
  const { type, text } = render?.(request, answer) ?? {
    type: 'application/json',
    text: JSON.stringify(answer.body),
  };
  // As bytes: the framework would put a charset behind the type of text, and JSON has none.
  return reply.type(type).send(Buffer.from(text));
}

function checkAnswer({ method, path, answers }: Endpoint, { status, body, type }: Answer): void {
  const spec = answers[status];
  const wrong = (what: string) =>
    new HttpProblem({ status: 500, reason: `${method} ${path} ${status}: ${what}`, hint: 'mend the answer' });
  if (spec === undefined) throw wrong('the endpoint does not name this status');
  if (type !== undefined) return;
  if (spec.schema === undefined) {
    if (body !== undefined) throw wrong('the endpoint names no body');
    return;
  }
  // As it is sent: without what is undefined.
  const sent: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
  const checked = spec.schema.safeParse(sent);
  if (!checked.success) throw wrong(checked.error.message);
}

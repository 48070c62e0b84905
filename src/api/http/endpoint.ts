import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import { HttpProblem } from './http-problem.ts';

export interface Answer {
  readonly status: number;
  /** JSON, unless `type` says that it is text or bytes. */
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once it has been sent. */
  readonly after?: () => void;
}

/** A request that has been received and not yet been looked into. */
export interface RawCall {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** Of a package that is being sent; undefined: the request has no body. */
  readonly upload: Readable | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined only where anyone may ask. */
  readonly caller: Caller | undefined;
  /** Path and query as they were sent. */
  readonly url: string;
}

export interface Call<P, Q, B> extends RawCall {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

export interface AnswerSpec {
  readonly description: string;
  /** Of a JSON body; absent: there is none, or `type` says what. */
  readonly schema?: z.ZodType;
  readonly type?: string;
}

export interface EndpointFacts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As OpenAPI writes it: `/nslcm/v1/ns_instances/{nsInstanceId}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** `package`, `files`, `image`: the body is a package, a form with files, or an image of agents, and is not parsed; `document`: JSON or YAML. */
  readonly takes: 'nothing' | 'document' | 'package' | 'files' | 'image';
  /** Whether it is for those too who have no token. */
  readonly open?: boolean;
  /** Whether it is for viewers although it is no GET: it changes nothing of what is up. */
  readonly forViewers?: boolean;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly body: z.ZodType;
  /** Answers that are not problems, by status. */
  readonly answers: Readonly<Record<number, AnswerSpec>>;
}

/** One method of one path: what the router, the checks and the OpenAPI document are made from. */
export interface Endpoint extends EndpointFacts {
  run(call: RawCall): Promise<Answer>;
}

interface EndpointSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>
  extends Omit<EndpointFacts, 'takes'> {
  readonly takes?: 'package' | 'files' | 'image';
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  handle(call: Call<z.output<P>, z.output<Q>, z.output<B>>): Promise<Answer>;
}

/** Where nothing is looked at. */
export const NOTHING: z.ZodType<unknown> = z.unknown();

/** What is sent is parsed by the endpoint's schemas before it is handled; what does not fit ends in 400, under `/osm` in 422 as there. */
export function endpoint<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  spec: EndpointSpec<P, Q, B>,
): Endpoint {
  const { handle, takes, ...facts } = spec;
  const wrong = spec.path.startsWith('/osm/') ? 422 : 400;
  return {
    ...facts,
    takes: takes ?? (spec.body === NOTHING ? 'nothing' : 'document'),
    run: async (raw) => {
      const call = {
        ...raw,
        params: parsed(spec.params, raw.params, 'path', 404),
        query: parsed(spec.query, raw.query, 'query', 400),
        body: parsed(spec.body, raw.body, 'body', wrong),
      };
      try {
        return await handle(call);
      } catch (error) {
        // What fits here by itself may not fit together with what is there already.
        throw error instanceof z.ZodError ? unfit(error, 'body', wrong) : error;
      }
    },
  };
}

function parsed<T extends z.ZodType>(schema: T, value: unknown, part: string, status: number): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw unfit(result.error, part, status);
}

function unfit({ issues }: z.ZodError, part: string, status: number): HttpProblem {
  const problems = issues
    .slice(0, 50)
    .map((issue) => ({ path: issue.path.map(String).join('/'), message: issue.message }));
  const [first] = problems;
  const where = first === undefined || first.path === '' ? '' : ` at ${first.path}`;
  return new HttpProblem({
    status,
    reason: `the ${part} is not what is taken here${where}: ${first?.message ?? 'it does not fit'}`,
    hint: 'see /openapi.json for what is taken here',
    more: { problems },
  });
}

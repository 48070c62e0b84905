import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import * as http from 'node:http';
import { z } from 'zod';

/** A call is given up after this, ms. */
const ANSWER_MS = 10_000;
/** Largest answer, bytes. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Calls that travel together at most. */
const MOST_TOGETHER = 50;
const MOST_CONNECTIONS = 4;

const AnswersSchema = z.array(z.looseObject({ id: z.number() }));

/** A JSON-RPC 2.0 call; resolves with the whole answer, result or error, unchecked. Throws when none comes. */
export type JsonRpc = (method: string, params: readonly unknown[]) => Promise<unknown>;

interface Waiting {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * JSON-RPC over HTTP POST, to a URL, or behind a Unix socket by `unix:PATH`. Calls of one turn travel together. It is on `node:http`,
 * not `fetch`: loading that takes each process longer than all its calls until it is attested.
 */
export function createJsonRpc(url: string): JsonRpc {
  const post = createPost(url);
  let waiting: Waiting[] = [];
  const sendAll = (): void => {
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += MOST_TOGETHER)
      void send(post, all.slice(from, from + MOST_TOGETHER));
  };
  return (method, params) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(sendAll);
      waiting.push({ method, params, resolve, reject });
    });
}

async function send(post: (body: string) => Promise<string>, calls: readonly Waiting[]): Promise<void> {
  try {
    const body = calls.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params }));
    const answers = AnswersSchema.parse(JSON.parse(await post(JSON.stringify(body))));
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    for (const [id, { resolve, reject, method }] of calls.entries()) {
      const answer = byId.get(id);
      if (answer === undefined) reject(new Error(`${method} was not answered`));
      else resolve(answer);
    }
  } catch (error) {
    for (const { reject } of calls) reject(error);
  }
}

function createPost(url: string): (body: string) => Promise<string> {
  let begun: ReturnType<typeof begin> | undefined;
  return async (body) => {
    begun ??= begin(url);
    const ask = await begun;
    return answerTo(ask(Buffer.byteLength(body)), body);
  };
}

/** Throws for what is no URL of that kind. */
async function begin(url: string): Promise<(length: number) => ClientRequest> {
  const socketPath = /^unix:(?<path>.+)$/.exec(url)?.groups?.['path'];
  const target = socketPath === undefined ? new URL(url) : undefined;
  const { request, Agent } = target?.protocol === 'https:' ? await import('node:https') : http;
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  return (length) => {
    const headers = { 'content-type': 'application/json', 'content-length': length };
    const options: RequestOptions = { method: 'POST', headers, agent };
    return target === undefined ? request({ ...options, socketPath, path: '/' }) : request(target, options);
  };
}

function answerTo(asked: ClientRequest, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => asked.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)),
      ANSWER_MS,
    );
    const fail = (error: unknown): void => {
      clearTimeout(late);
      reject(error);
    };
    asked.on('error', fail);
    asked.once('response', (answer: IncomingMessage) => {
      const parts: Buffer[] = [];
      let length = 0;
      answer.on('data', (part: Buffer) => {
        length += part.length;
        if (length > MOST_BYTES) answer.destroy(new Error(`an answer of more than ${MOST_BYTES} bytes`));
        else parts.push(part);
      });
      answer.on('error', fail);
      answer.once('end', () => {
        clearTimeout(late);
        if (answer.statusCode === 200) resolve(Buffer.concat(parts).toString());
        else reject(new Error(`the node answers with HTTP status ${answer.statusCode}`));
      });
    });
    asked.end(body);
  });
}

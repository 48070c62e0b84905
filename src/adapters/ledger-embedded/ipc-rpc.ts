import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { z } from 'zod';
import { createJsonSplitter } from './json-stream.ts';
import { RPC, RpcError } from './rpc-error.ts';

const Response = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});

const Responses = z.union([Response, z.array(Response)]);

/** JSON-RPC to the node behind the proxy. */
export interface NodeRpc {
  /** @throws RpcError with what the node answered, or with code `RPC.away` when it is gone or silent. */
  request(method: string, params: readonly unknown[]): Promise<unknown>;
  /** Several requests in one message, which the node begins in their order. @throws the same, for the first that fails. */
  requestAll(method: string, each: readonly (readonly unknown[])[]): Promise<readonly unknown[]>;
  close(): void;
}

interface Asked {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: RpcError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Connects to a node's Unix socket. @throws the socket's error when nobody listens there. */
export async function connectIpc(path: string, options: { readonly answerMs: number }): Promise<NodeRpc> {
  const socket = await opened(path);
  const asked = new Map<number, Asked>();
  let last = 0;
  const take = (id: number): Asked | undefined => {
    const found = asked.get(id);
    asked.delete(id);
    clearTimeout(found?.timer);
    return found;
  };
  const gone = () => {
    for (const id of [...asked.keys()]) take(id)?.reject(new RpcError(RPC.away, 'the node is away'));
  };
  socket.on(
    'data',
    createJsonSplitter((text) => {
      const parsed = Responses.safeParse(JSON.parse(text));
      if (!parsed.success) return;
      for (const { id, result, error } of [parsed.data].flat()) {
        if (error === undefined) take(id)?.resolve(result);
        else take(id)?.reject(new RpcError(error.code, error.message, error.data));
      }
    }),
  );
  socket.on('error', gone);
  socket.on('close', gone);
  /** The message to send, and its answer to come. */
  const ask = (method: string, params: readonly unknown[]) => {
    const id = ++last;
    const answer = new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(
        () => take(id)?.reject(new RpcError(RPC.away, `the node did not answer ${method} in time`)),
        options.answerMs,
      );
      asked.set(id, { resolve, reject, timer });
    });
    return { message: { jsonrpc: '2.0', id, method, params }, answer };
  };
  const away = () => Promise.reject(new RpcError(RPC.away, 'the node is away'));
  return {
    request: (method, params) => {
      if (socket.destroyed) return away();
      const { message, answer } = ask(method, params);
      socket.write(JSON.stringify(message));
      return answer;
    },
    requestAll: (method, each) => {
      if (socket.destroyed) return away();
      const all = each.map((params) => ask(method, params));
      socket.write(JSON.stringify(all.map(({ message }) => message)));
      return Promise.all(all.map(({ answer }) => answer));
    },
    close: () => socket.destroy(),
  };
}

function opened(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

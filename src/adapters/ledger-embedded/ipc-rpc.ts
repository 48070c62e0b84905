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

/** JSON-RPC to the node behind the proxy. */
export interface NodeRpc {
  /** @throws RpcError with what the node answered, or with code `RPC.away` when it is gone or silent. */
  request(method: string, params: readonly unknown[]): Promise<unknown>;
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
      const parsed = Response.safeParse(JSON.parse(text));
      if (!parsed.success) return;
      const { id, result, error } = parsed.data;
      if (error === undefined) take(id)?.resolve(result);
      else take(id)?.reject(new RpcError(error.code, error.message, error.data));
    }),
  );
  socket.on('error', gone);
  socket.on('close', gone);
  return {
    request: (method, params) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(new RpcError(RPC.away, 'the node is away'));
          return;
        }
        const id = ++last;
        const timer = setTimeout(
          () => take(id)?.reject(new RpcError(RPC.away, `the node did not answer ${method} in time`)),
          options.answerMs,
        );
        asked.set(id, { resolve, reject, timer });
        socket.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      }),
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

import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { z } from 'zod';
import type { RunningFunction } from './function-program.ts';

const SOCKET = 'control.sock';
const MAX_REQUEST = 65_536;
const CALL_MS = 60_000;

const RequestSchema = z.strictObject({
  call: z.string().max(100),
  parameters: z.record(z.string().max(255), z.string().max(65_536)).default({}),
});

/**
 * Where a function can be asked while it runs, by who may enter its directory: one line with `call` and `parameters`. To `health` it answers
 * `ok` or what is wrong; to the name of a primitive `done` and a line with what that says, or `failed` and why.
 */
export function serveControl(running: RunningFunction): Promise<Server> {
  rmSync(SOCKET, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.setEncoding('utf8').setTimeout(CALL_MS, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (part: string) => {
      text += part;
      if (text.length > MAX_REQUEST) socket.destroy();
    });
    socket.on('end', () => {
      void answer(running, text).then((said) => socket.end(said));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(SOCKET, () => resolve(server));
  });
}

async function answer(running: RunningFunction, text: string): Promise<string> {
  try {
    const { call, parameters } = RequestSchema.parse(JSON.parse(text));
    if (call === 'health') return running.health?.() ?? 'ok';
    const primitives = running.primitives ?? {};
    const primitive = Object.hasOwn(primitives, call) ? primitives[call] : undefined;
    if (primitive === undefined) return `failed\nit has no primitive ${call}`;
    return `done\n${await primitive(parameters)}`;
  } catch (error) {
    return `failed\n${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Calls a primitive of the function that runs in this directory. */
export function callControl(
  call: string,
  parameters: Readonly<Record<string, string>>,
): Promise<{ readonly done: boolean; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(SOCKET);
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.on('error', reject);
    socket.on('end', () => {
      const [first = '', ...rest] = text.split('\n');
      resolve({ done: first === 'done', said: rest.join('\n') });
    });
    socket.end(`${JSON.stringify({ call, parameters })}\n`);
  });
}

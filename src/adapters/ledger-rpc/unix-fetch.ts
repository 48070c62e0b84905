import { Agent, request } from 'node:http';

/** Largest answer, bytes. */
const MOST_BYTES = 16 * 1024 * 1024;

/** POSTs a text to an HTTP server behind a Unix socket, whatever the URL; as `fetch` does, it throws when nothing answers. */
export function unixFetch(
  path: string,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return (_input, init = {}) =>
    new Promise((resolve, reject) => {
      const { body, signal } = init;
      if (typeof body !== 'string') throw new TypeError('only texts are sent over a Unix socket');
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const asked = request({
        socketPath: path,
        agent,
        method: 'POST',
        path: '/',
        headers,
        signal: signal ?? undefined,
      });
      asked.once('error', reject);
      asked.once('response', (answer) => {
        const parts: Buffer[] = [];
        let length = 0;
        answer.on('data', (part: Buffer) => {
          length += part.length;
          if (length > MOST_BYTES) answer.destroy(new Error(`an answer of more than ${MOST_BYTES} bytes`));
          else parts.push(part);
        });
        answer.once('error', reject);
        answer.once('end', () => {
          const status = answer.statusCode ?? 500;
          resolve(
            new Response(Buffer.concat(parts), { status, headers: { 'content-type': 'application/json' } }),
          );
        });
      });
      asked.end(body);
    });
}

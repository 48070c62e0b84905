import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { z } from 'zod';

/** A real HTTP server in a host's namespace: pages and uploads on one port, video chunks on the other. */
const Options = z.strictObject({
  address: z.ipv4(),
  pagePort: z.number().int(),
  videoPort: z.number().int(),
  pageBytes: z.number().int(),
  backlog: z.number().int(),
});
const MAX_CHUNK = 50_000_000;

const options = Options.parse(JSON.parse(process.argv[2] ?? '{}'));
const page = Buffer.alloc(options.pageBytes, 'p');

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close');
  if (request.method === 'POST') {
    request.on('end', () => response.end('ok'));
    request.resume();
    return;
  }
  const bytes = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('bytes') ?? Number.NaN);
  const body =
    Number.isSafeInteger(bytes) && bytes > 0 && bytes <= MAX_CHUNK ? Buffer.alloc(bytes, 'v') : page;
  response.setHeader('content-length', body.length);
  response.end(body);
}

let listening = 0;
for (const port of [options.pagePort, options.videoPort]) {
  const server = createServer({ keepAlive: false }, answer);
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen({ host: options.address, port, backlog: options.backlog }, () => {
    if (++listening === 2) process.stdout.write('ready\n');
  });
}

import { request } from 'node:http';

// People who ask a server for one page again and again, each from an address of its own and with a connection for each page. Arguments: the
// page, how long to wait between pages in ms, and the addresses. Says of each request when it began and whether it was answered, in JSON.

const PATIENCE_MS = 2000;
const [page = '', pauseMs = '', ...addresses] = process.argv.slice(2);

function ask(localAddress: string): void {
  const startMs = Date.now();
  let over = false;
  const end = (answered: boolean) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    call.destroy();
    process.stdout.write(`${JSON.stringify({ startMs, answered })}\n`);
    setTimeout(() => ask(localAddress), Number(pauseMs));
  };
  const call = request(page, { localAddress, agent: false }, (reply) => {
    reply.resume();
    reply.on('error', () => end(false));
    reply.on('end', () => end(reply.statusCode === 200));
  });
  const timer = setTimeout(() => end(false), PATIENCE_MS);
  call.on('error', () => end(false));
  call.end();
}

for (const [index, address] of addresses.entries()) setTimeout(() => ask(address), index * 37);
process.stdin.resume().on('end', () => process.exit(0));

import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

// A user who asks a server every so many ms, each time over a connection of its own, until it is told to end; says then how many answers
// came, and at what times what was asked got none.

const [host, port, everyMs] = process.argv.slice(2);
const PATIENCE_MS = 2000;
let asked = 0;
let answered = 0;
const lost = [];

function ask() {
  asked++;
  const atMs = Date.now();
  const nonce = randomBytes(16).toString('hex');
  const asking = request({ host, port: Number(port), agent: false, headers: { 'muster-nonce': nonce } });
  const late = setTimeout(() => asking.destroy(new Error('no answer in time')), PATIENCE_MS);
  const done = (why) => {
    clearTimeout(late);
    if (why === undefined) answered++;
    else lost.push({ atMs, why });
  };
  asking.on('error', (error) => done(error.message));
  asking.on('response', (reply) => {
    reply.resume();
    reply.on('error', (error) => done(error.message));
    reply.on('end', () => done(reply.statusCode === 200 ? undefined : `status ${reply.statusCode}`));
  });
  asking.end();
}

const timer = setInterval(ask, Number(everyMs));
process.stdout.write('asking\n');
process.on('SIGTERM', () => {
  clearInterval(timer);
  setTimeout(() => {
    process.stdout.write(`${JSON.stringify({ asked, answered, lost })}\n`, () => process.exit(0));
  }, PATIENCE_MS + 100);
});

import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { UserState } from '../../../core/traffic/user-behaviour.ts';
import { firstDelayMs, nextRequest, requestOf } from '../../../core/traffic/user-behaviour.ts';
import { Ipv4Schema } from '../../../protocol/ids.ts';
import type { UserGroup } from '../../../protocol/scenario.ts';
import { UserGroupSchema } from '../../../protocol/scenario.ts';
import { createSeededRandom } from '../../random-seeded/seeded-random.ts';

/** Users of one access point: real requests, each from its user's own address, one connection a request. */
const CommandSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('start'),
    group: UserGroupSchema,
    users: z.array(Ipv4Schema),
    server: Ipv4Schema,
    pagePort: z.number().int(),
    videoPort: z.number().int(),
    pageBytes: z.number().int(),
    seed: z.number().int(),
  }),
  z.strictObject({ kind: z.literal('stop'), group: z.string() }),
]);
type Start = Extract<z.infer<typeof CommandSchema>, { kind: 'start' }>;

const stopped = new Set<string>();
const records: object[] = [];

createInterface({ input: process.stdin }).on('line', (line) => {
  const command = CommandSchema.parse(JSON.parse(line));
  if (command.kind === 'stop') stopped.add(command.group);
  else for (const [index, address] of command.users.entries()) startUser(command, address, index);
});
// Records go in batches; when the parent is gone there is nobody to work for.
setInterval(() => {
  if (records.length > 0) process.stdout.write(`${JSON.stringify(records.splice(0))}\n`);
}, 50);
process.stdin.on('end', () => process.exit(0));

function startUser(start: Start, address: string, index: number): void {
  const group: UserGroup = start.group;
  const random = createSeededRandom(start.seed).fork(`${group.name} ${index}`);
  let state: UserState = { tries: 0 };
  const ask = () => {
    if (stopped.has(group.name)) return;
    const began = Date.now();
    fetchOnce(start, address, (bytes, done) => {
      const took = Date.now() - began;
      const next = nextRequest(group, state, done ? 'done' : 'late', took, random);
      state = next.state;
      const outcome = done ? 'done' : next.left ? 'left' : 'late';
      records.push({
        user: address,
        group: group.name,
        tookMs: took,
        endedAt: began + took,
        bytes: done ? bytes : 0,
        outcome,
      });
      setTimeout(ask, next.afterMs);
    });
  };
  setTimeout(ask, firstDelayMs(group, random));
}

function fetchOnce(start: Start, localAddress: string, end: (bytes: number, done: boolean) => void): void {
  const wanted = requestOf(start.group, start.pageBytes);
  const upload = wanted.kind === 'upload';
  const port = wanted.kind === 'chunk' ? start.videoPort : start.pagePort;
  const path = wanted.kind === 'chunk' ? `/chunk?bytes=${wanted.bytes}` : '/';
  let over = false;
  const finish = (bytes: number, done: boolean) => {
    if (over) return;
    over = true;
    clearTimeout(patience);
    call.destroy();
    end(bytes, done);
  };
  const call = request(
    { host: start.server, port, path, localAddress, method: upload ? 'POST' : 'GET', agent: false },
    (response) => {
      let received = 0;
      response.on('data', (part: Buffer) => {
        received += part.length;
      });
      response.on('end', () => finish(upload ? wanted.bytes : received, upload || received >= wanted.bytes));
    },
  );
  call.on('error', () => {
    // A refused or broken connection is tried again when patience says so, as a person would.
    if (!over) setTimeout(() => finish(0, false), 100);
  });
  const patience = setTimeout(() => finish(0, false), wanted.patienceMs);
  call.end(upload ? Buffer.alloc(wanted.bytes, 'u') : undefined);
}

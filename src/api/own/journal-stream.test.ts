import { once } from 'node:events';
import { request } from 'node:http';
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { streamJournal } from './journal-stream.ts';

let api: FastifyInstance;
let life = 'one';
let texts = ['1', '2', '3'];
beforeEach(() => {
  [life, texts] = ['one', ['1', '2', '3']];
  api = Fastify();
  api.get('/journal', (request, reply) =>
    // It does not grow: its stream can be read to the end.
    streamJournal(request, reply, { life, firstSeq: () => 1, after: (seq) => texts.slice(seq) }),
  );
  api.addHook('onRequest', (_, reply, done) => {
    const { raw } = reply;
    const write = raw.write.bind(raw);
    raw.write = (chunk: string) => {
      const fits = write(chunk);
      if (chunk.startsWith('event: complete')) raw.end();
      return fits;
    };
    done();
  });
});
afterEach(() => api.close());

const read = async (url: string, lastId?: string) => {
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
  const { payload } = await api.inject({ url, headers });
  return payload.split('\n').filter((line) => /^(id|data|event)/.test(line));
};

test('a reader goes on behind what it has read, whether it says so in the header or in the address', async () => {
  const rest = ['id: one.3', 'data: [3]', 'event: complete', 'data: {}'];
  expect(await read('/journal?batch=1', 'one.2')).toEqual(rest);
  expect(await read('/journal?batch=1&after=one.2')).toEqual(rest);
  expect(await read('/journal?after=2')).toEqual(['id: one.3', 'data: 3', 'event: complete', 'data: {}']);
});

test('of a journal that began anew it is told so, and gets all, however many it had read of the other', async () => {
  [life, texts] = ['two', ['a', 'b']];
  for (const last of ['one.1', 'one.900']) {
    expect(await read('/journal?batch=1', last)).toEqual([
      'event: anew',
      'data: {}',
      'id: two.2',
      'data: [a,b]',
      'event: complete',
      'data: {}',
    ]);
  }
});

test('whoever has gone while its request was looked at leaves nothing behind', async () => {
  let asked = 0;
  const streamed = new Promise<void>((done) => {
    api.get('/late', async (request, reply) => {
      await once(reply.raw, 'close');
      const after = () => {
        asked++;
        return [];
      };
      streamJournal(request, reply, { life, firstSeq: () => 1, after });
      done();
    });
  });
  const address = await api.listen({ host: '127.0.0.1', port: 0 });
  const gone = request(`${address}/late`).on('error', () => {});
  gone.end();
  api.server.once('request', () => gone.destroy());
  await streamed;
  expect(asked).toBe(0);
});

test('what nobody can have read is taken as nothing', async () => {
  for (const last of ['', 'x', '-1', 'one.1.2', '1e3', `${'9'.repeat(40)}`])
    expect(await read('/journal', last)).toContain('id: one.1');
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { JournalWriter } from '../../runtime/journal-writer.ts';
import { serviceBench } from '../../runtime/services/testing/service-bench.ts';
import { keepServiceJournal } from '../../runtime/up/service-journal.ts';
import { type ApiBench, apiBench, SHOP, WALL, WEB } from '../testing/api-bench.ts';

// Values that an operator gives are for operators: day 0, day 1, day 2, and keys to stamp with.
const KEY = `web=${'ab'.repeat(32)}`;
const SECRETS = ['correct-horse', 'battery-staple', 'magenta-4711', KEY, 'ab'.repeat(32)];

let bench: ApiBench;
let journal: string[];
let viewer: Record<string, string>;
beforeEach(async () => {
  journal = [];
  const services = await serviceBench({
    // A program that repeats what it was given, and refuses one of its values.
    exec: (_, command) => ({
      exitCode: command.some((each) => each.includes('magenta')) ? 1 : 0,
      stdout: command.join(' '),
      stderr: '',
    }),
  });
  bench = await apiBench({ bench: services });
  const writer = new JournalWriter((entry) => journal.push(JSON.stringify(entry)));
  keepServiceJournal(bench.bench.manager, writer, () => bench.bench.clock.nowMs());
  await bench.bench.onboard(WALL, WEB, SHOP);
  viewer = { authorization: `Bearer ${await bench.token('grafana', 'viewer')}` };
  const applied = await bench.ask('POST', '/v1/services/apply', {
    service: {
      name: 'shop',
      nsd: 'shop-ns',
      parameters: { whom: 'correct-horse', 'stamp-key': KEY },
      members: { web: { day1: { whom: 'battery-staple' } } },
    },
  });
  expect(await bench.settled(applied.headers['location'])).toBe('COMPLETED');
  for (const colour of ['blue-4711', 'magenta-4711']) {
    const act = { vnf: 'web', primitive: 'paint', parameters: { colour } };
    const done = await bench.ask('POST', '/v1/services/shop/action', act);
    await bench.settled(done.headers['location']);
  }
});
afterEach(() => bench.close());

test('whoever may only look sees the names of parameters and none of their values, on every path', async () => {
  const { id } = await bench.bench.manager.get('shop');
  const operations = await bench.bench.manager.operations('shop');
  const paths = [
    '/v1/services',
    '/v1/services/shop',
    '/v1/services/shop/primitives',
    '/v1/operations',
    '/nslcm/v1/ns_instances?all_fields=',
    `/nslcm/v1/ns_instances/${encodeURIComponent(id)}`,
    '/nslcm/v1/ns_lcm_op_occs?all_fields=',
    '/osm/nslcm/v1/ns_instances',
    `/osm/nslcm/v1/ns_instances_content/${encodeURIComponent(id)}`,
    '/osm/nslcm/v1/vnfrs',
    '/osm/nslcm/v1/ns_lcm_op_occs',
    ...operations.flatMap((each) => [
      `/v1/operations/${encodeURIComponent(each.id)}`,
      `/nslcm/v1/ns_lcm_op_occs/${encodeURIComponent(each.id)}`,
      `/osm/nslcm/v1/ns_lcm_op_occs/${encodeURIComponent(each.id)}`,
    ]),
    '/metrics',
    '/v1/status',
  ];
  for (const path of paths) {
    const { status, text } = await bench.ask('GET', path, undefined, viewer);
    expect([path, status]).toEqual([path, 200]);
    for (const secret of [...SECRETS, 'blue-4711']) expect(text, path).not.toContain(secret);
  }
  const seen = await bench.ask('GET', '/v1/services/shop', undefined, viewer);
  expect(seen.body).toMatchObject({
    wanted: { parameters: { whom: '(hidden)' }, members: { web: { day1: { whom: '(hidden)' } } } },
  });
  const filtered = '/nslcm/v1/ns_instances?filter=(eq,musterService/wanted/parameters/whom,correct-horse)';
  expect((await bench.ask('GET', filtered, undefined, viewer)).body).toEqual([]);
});

test('operators see what they gave', async () => {
  for (const path of ['/v1/services/shop', '/nslcm/v1/ns_instances?all_fields=', '/v1/operations']) {
    expect((await bench.ask('GET', path)).text).toContain('battery-staple');
  }
});

test('the journal says what failed without the value that was refused', () => {
  expect(journal.some((each) => each.includes('paint on web/vm/0 ended with 1'))).toBe(true);
  for (const each of journal) for (const secret of SECRETS) expect(each).not.toContain(secret);
});

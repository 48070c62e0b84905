import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiBench, apiBench } from '../testing/api-bench.ts';

let up: ApiBench;
beforeAll(async () => {
  up = await apiBench();
});
afterAll(() => up.close());

const order = { source: '10.1.0.7', seconds: 60, reason: 'abuse desk' };

it('an address is blocked for a time, told of, and let in again', async () => {
  expect(await up.ask('POST', '/v1/blocks', order)).toMatchObject({
    status: 201,
    body: { links: ['s2>srv'] },
  });
  expect((await up.ask('GET', '/v1/blocks')).body).toMatchObject([{ source: '10.1.0.7', owner: 'operator' }]);
  expect(await up.ask('DELETE', '/v1/blocks/10.1.0.7')).toMatchObject({ status: 200 });
  expect(await up.ask('DELETE', '/v1/blocks/10.1.0.7')).toMatchObject({ status: 404 });
});

it.each([
  [{ ...order, source: 'everybody' }],
  [{ ...order, seconds: 0 }],
  [{ ...order, seconds: 90_000 }],
  [{ ...order, reason: ' ' }],
  [{ source: order.source, seconds: 60 }],
])('what is no block is refused: %j', async (body) => {
  expect(await up.ask('POST', '/v1/blocks', body)).toMatchObject({ status: 400 });
});

it('an agent is revoked with the reason and the name of the operator; both are for operators alone', async () => {
  expect(await up.ask('POST', '/v1/agents/a1/revoke', { reason: 'its host is suspect' })).toMatchObject({
    status: 202,
  });
  expect(up.changes.at(-1)).toMatch(/^revoke a1: its host is suspect \(operator .+\)$/);
  const authorization = `Bearer ${await up.token('eve', 'viewer')}`;
  for (const [path, body] of [
    ['/v1/agents/a1/revoke', { reason: 'r' }],
    ['/v1/blocks', order],
  ] as const)
    expect(await up.ask('POST', path, body, { authorization })).toMatchObject({ status: 403 });
});

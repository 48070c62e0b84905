import { afterEach, beforeEach, expect, it } from 'vitest';
import { MusterError } from '../../protocol/errors.ts';
import type { UpgradeView } from '../../protocol/upgrade.ts';
import { type ApiBench, apiBench } from '../testing/api-bench.ts';
import { NO_UPGRADE } from '../testing/no-upgrade.ts';

const path = '/v1/pipeline/upgrade';
const TO = { name: 'agent', version: 2, sha256: 'cd'.repeat(32) };
const AGENTS: UpgradeView['agents'] = [{ name: 'a1', version: 1, state: 'waits' }];

let bench: ApiBench;
/** What came, and from whom. */
let taken: string[];
beforeEach(async () => {
  taken = [];
  bench = await apiBench({
    supervised: {
      planUpgrade: (image) => {
        taken.push(`plan ${image}`);
        return { ...NO_UPGRADE, state: 'planned', to: TO, agents: AGENTS };
      },
      upgradeTo: async (image, startedBy) => {
        if (image === 'older') throw new MusterError('ATTESTATION_REFUSED', 'version 1: it is older');
        taken.push(`${startedBy} ${image}`);
        return { ...NO_UPGRADE, state: 'running', to: TO, agents: AGENTS, startedBy, durationMs: 1 };
      },
    },
  });
});
afterEach(() => bench.close());

const send = (text: string, query = '', authorization?: string) =>
  bench.send(
    'POST',
    `${path}${query}`,
    text,
    'application/json',
    authorization === undefined ? {} : { authorization },
  );

it('an upgrade is begun with the bytes of an image as they were sent, in the name of the token; it is in the journal', async () => {
  const alice = await bench.token('alice', 'operator');
  const answer = await send('{ "an": "image" }\n', '', `Bearer ${alice}`);
  expect(answer).toMatchObject({ status: 202, headers: { location: path }, body: { state: 'running' } });
  expect(taken).toEqual(['alice { "an": "image" }\n']);
  expect(bench.requests).toMatchObject([{ caller: 'alice', request: `POST ${path}`, status: 202 }]);
});

it('a dry run tells what would be done, and does nothing', async () => {
  expect(await send('image', '?dryRun=true')).toMatchObject({ status: 200, body: { state: 'planned' } });
  expect(taken).toEqual(['plan image']);
  expect(await send('image', '?dryRun=maybe')).toMatchObject({ status: 400 });
});

it('what is refused is told with its reason; who may only look begins nothing, and may ask how it goes', async () => {
  expect(await send('older')).toMatchObject({
    status: 409,
    body: { code: 'ATTESTATION_REFUSED', reason: 'version 1: it is older' },
  });
  const grafana = `Bearer ${await bench.token('grafana', 'viewer')}`;
  expect(await send('image', '', grafana)).toMatchObject({ status: 403 });
  expect(taken).toEqual([]);
  const looked = await bench.ask('GET', path, undefined, { authorization: grafana });
  expect(looked).toMatchObject({ status: 200, body: { state: 'none', from: { version: 1 } } });
});

it('an image longer than any is refused before it is all read', async () => {
  expect(await send('x'.repeat(32 * 1024 * 1024 + 1))).toMatchObject({ status: 413 });
  expect(taken).toEqual([]);
});

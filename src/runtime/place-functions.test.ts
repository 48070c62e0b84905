import { expect, test } from 'vitest';
import type { GoalOutcome } from '../core/bdi/goal.ts';
import { agentId, nodeName } from '../protocol/ids.ts';
import { createTestbed } from './create-testbed.ts';
import { Placements } from './place-functions.ts';
import { loadScenario } from './scenario/load-scenario.ts';

async function placements() {
  const loaded = await loadScenario(new URL('../../scenarios/demo.yaml', import.meta.url).pathname);
  if (!loaded.ok) throw new Error('demo.yaml is not valid');
  const { testbed } = await createTestbed(loaded.scenario, 'twin', 1, 0, () => {});
  await testbed.build();
  const placed = new Placements(loaded.scenario, testbed);
  const place = (agent: string, host: string, signal: AbortSignal) =>
    new Promise<GoalOutcome>((resolve) =>
      placed.place(agentId(agent), nodeName(host), 'apache', signal, resolve),
    );
  return { placed, place };
}

test('a function is placed once, and who comes second is told so', async () => {
  const { placed, place } = await placements();
  const { signal } = new AbortController();
  expect(await place('a8', 's4-cpu8mem8', signal)).toMatchObject({ ok: true });
  expect(placed.isRunning('apache')).toBe(true);
  expect(await place('a7', 's4-cpu4mem4', signal)).toMatchObject({
    ok: false,
    error: 'apache is placed already',
  });
  expect(placed.of('apache')).toEqual({ agent: 'a8', host: 's4-cpu8mem8' });
});

test('a placement that is called back while the function starts is taken down, and can be made elsewhere', async () => {
  const { placed, place } = await placements();
  const controller = new AbortController();
  const first = place('a8', 's4-cpu8mem8', controller.signal);
  controller.abort();
  expect(await first).toMatchObject({ ok: false, error: 'apache was called back' });
  expect(placed.isRunning('apache')).toBe(false);
  expect(await place('a7', 's4-cpu4mem4', new AbortController().signal)).toMatchObject({ ok: true });
  expect(placed.of('apache')).toEqual({ agent: 'a7', host: 's4-cpu4mem4' });
});

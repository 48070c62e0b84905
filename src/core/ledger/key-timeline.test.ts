import { expect, test } from 'vitest';
import { AttestedGroup } from '../../runtime/trust/testing/attested-group.ts';
import { keyTimeline } from './key-timeline.ts';

const T0 = 1_000_000_000;

test('an agent holds an epoch from when it says so until the next, or until it is left out or revoked', async () => {
  const group = new AttestedGroup();
  const [a1, a2, a3] = [await group.attest('a1'), await group.attest('a2'), await group.attest('a3')];
  const acknowledge = (epoch: number, ...who: (typeof a1)[]) =>
    group.tell(...who.map(({ key: agent }) => ({ kind: 'Acknowledged', epoch, agent }) as const));
  group.openEpoch(1);
  group.pass(2);
  acknowledge(1, a1, a2, a3);
  group.pass(8);
  group.members.delete(a2.name);
  group.openEpoch(2);
  group.pass(1);
  acknowledge(2, a1, a3);
  group.pass(4);
  group.tell({ kind: 'Revoked', agent: a3.key, incarnation: 1, reason: 'found changed' });
  const { rows, epochs, fromMs, toMs } = keyTimeline(group.chain.blocks);
  const spans = rows.map(({ agent, spans: held }) => [
    agent,
    held.map((each) => [each.epoch, each.fromMs - T0, each.toMs === undefined ? 'now' : each.toMs - T0]),
  ]);
  expect(spans).toEqual([
    [
      'a1',
      [
        [1, 2000, 11_000],
        [2, 11_000, 'now'],
      ],
    ],
    ['a2', [[1, 2000, 10_000]]],
    [
      'a3',
      [
        [1, 2000, 11_000],
        [2, 11_000, 15_000],
      ],
    ],
  ]);
  expect(rows[2]?.marks.map(({ kind }) => kind)).toEqual(['registered', 'attested', 'revoked']);
  expect(epochs.map(({ epoch, atMs }) => [epoch, atMs - T0])).toEqual([
    [1, 0],
    [2, 10_000],
  ]);
  expect([fromMs - T0, toMs - T0]).toEqual([0, 15_000]);
});

test('nothing is held of a ledger that says nothing', () => {
  expect(keyTimeline([])).toEqual({ epochs: [], rows: [], fromMs: 0, toMs: 0 });
});

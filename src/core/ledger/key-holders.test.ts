import { expect, it } from 'vitest';
import { AttestedGroup } from '../../runtime/trust/testing/attested-group.ts';
import { keyHolders } from './key-holders.ts';

it('tells who holds which epoch since when, whom the newest is sealed to, and who was left out of it', async () => {
  const group = new AttestedGroup();
  const [a1, a2] = [await group.attest('a1'), await group.attest('a2')];
  group.openEpoch(1);
  group.pass(2);
  group.tell(
    { kind: 'Acknowledged', epoch: 1, agent: a1.key },
    { kind: 'Acknowledged', epoch: 1, agent: a2.key },
  );
  const since = new Date((1_000_000 + 2) * 1000).toISOString();
  const rows = () =>
    keyHolders(group.chain.blocks).holders.map(({ agent, epoch, key }) => [agent, epoch, key]);
  expect(rows()).toEqual([
    ['a1', 1, 'current'],
    ['a2', 1, 'current'],
  ]);
  expect(Date.parse(keyHolders(group.chain.blocks).holders[0]?.since ?? '')).toBe(Date.parse(since));

  group.pass(10);
  group.members.delete(a2.name);
  group.openEpoch(2);
  expect(rows()).toEqual([
    ['a1', 1, 'sealed'],
    ['a2', 1, 'left-out'],
  ]);
  group.tell({ kind: 'Acknowledged', epoch: 2, agent: a1.key });
  const { holders, epochs } = keyHolders(group.chain.blocks);
  expect(holders[0]).toMatchObject({ agent: 'a1', epoch: 2, key: 'current', status: 'attested' });
  expect(epochs.map(({ epoch, members, left }) => [epoch, members, left])).toEqual([
    [1, ['a1', 'a2'], []],
    [2, ['a1'], ['a2']],
  ]);

  // A successor holds nothing of what it was.
  await group.attest('a1', 2);
  expect(keyHolders(group.chain.blocks).holders[0]).toMatchObject({ epoch: 0, since: '' });
});

it('a ledger without an epoch has holders of none', async () => {
  const group = new AttestedGroup();
  await group.attest('a1');
  expect(keyHolders(group.chain.blocks)).toMatchObject({
    holders: [{ agent: 'a1', epoch: 0, since: '', key: 'none' }],
    epochs: [],
  });
});

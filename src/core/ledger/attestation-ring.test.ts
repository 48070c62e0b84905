import { expect, test } from 'vitest';
import type { LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { AttestedGroup } from '../../runtime/trust/testing/attested-group.ts';
import { account, evidenceOf } from '../../runtime/trust/testing/fake-ledger.ts';
import { applyBlock, EMPTY_LEDGER } from '../attestation/ledger-state.ts';
import type { EntryOf } from '../explain/journal-index.ts';
import { attestationRing } from './attestation-ring.ts';
import { type KeyRow, keyTimeline, keyTimelineFromJournal } from './key-timeline.ts';
import { createNames } from './names.ts';
import { ringFromJournal } from './ring-from-journal.ts';
import { sentence, subjectOf } from './sentences.ts';

const T0 = 1_000_000;

/** Three agents attested by the registry one after the other, then a1 measures a2, and it fails. */
async function story() {
  const group = new AttestedGroup();
  const members = [];
  for (const name of ['a1', 'a2', 'a3']) {
    members.push(await group.attest(name));
    group.pass(1);
  }
  const [a1, a2, a3] = members;
  if (a1 === undefined || a2 === undefined || a3 === undefined) throw new Error('three were attested');
  group.tell({ kind: 'PlanSet', order: [a3.key, a1.key, a2.key] });
  const evidence = evidenceOf({ incarnation: 1, kemKey: account(1), frameKey: account(2) });
  const of = { round: 4, agent: a2.key } as const;
  const opened: LedgerEvent = {
    kind: 'RoundOpened',
    ...of,
    incarnation: 1,
    index: 1,
    nonce: ZERO,
    answerHash: ZERO,
    verifiers: [a1.key],
    openedAt: T0 + 10,
    commitBy: T0 + 20,
  };
  const failed: readonly LedgerEvent[] = [
    { kind: 'Committed', ...of, evidence, binding: ZERO, verdictBy: T0 + 30 },
    { kind: 'RoundFailed', ...of, incarnation: 1, reason: 'found changed' },
    { kind: 'Revoked', agent: a2.key, incarnation: 1, reason: 'found changed' },
  ];
  return { group, opened, failed };
}

function ringOf(group: AttestedGroup) {
  const names = createNames();
  let state = EMPTY_LEDGER;
  for (const block of group.chain.blocks) {
    for (const { event } of block.entries) names.learn(event);
    state = applyBlock(state, block);
  }
  return attestationRing(state, names);
}

/** As `createGenuineFleet` writes them. */
function journalOf(group: AttestedGroup): readonly EntryOf<'ledger'>[] {
  const names = createNames();
  return group.chain.blocks.flatMap(({ entries, number }) =>
    entries.map(({ event, logIndex }) => {
      names.learn(event);
      const key = subjectOf(event);
      return {
        id: `muster:${number}.${logIndex}`,
        tMs: number,
        agent: 'muster',
        because: [],
        kind: 'ledger',
        event: event.kind,
        subject: key === undefined ? 'pipeline' : names.agent(key),
        block: number,
        reason: sentence(event, names),
      };
    }),
  );
}

test('members stand in the order of the plan, with who measured whom last, and whose turn comes next', async () => {
  const { group, opened, failed } = await story();
  const told = ({ members }: ReturnType<typeof ringOf>) =>
    members.map(({ name, status, isNext, round }) => [name, status, isNext, round?.verifiers, round?.phase]);
  const registry = ['the registry'];
  expect(told(ringOf(group))).toEqual([
    ['a3', 'attested', false, registry, 'passed'],
    ['a1', 'attested', true, registry, 'passed'],
    ['a2', 'attested', false, registry, 'passed'],
  ]);
  group.tell(opened);
  expect(ringOf(group)).toMatchObject({ newest: 'a2', rootOfTrust: 'a3' });
  expect(told(ringOf(group))[2]).toEqual(['a2', 'attested', false, ['a1'], 'challenged']);
  group.tell(...failed);
  const { members } = ringOf(group);
  expect(members[2]).toMatchObject({
    status: 'revoked',
    isNext: false,
    round: { phase: 'failed', reason: 'found changed' },
  });
  // One that is revoked has no turn any more.
  expect(members.filter(({ isNext }) => isNext).map(({ name }) => name)).toEqual(['a1']);
});

test('a journal alone tells the same but for the plan and the verifiers', async () => {
  const { group, opened, failed } = await story();
  group.tell(opened, ...failed);
  const ring = ringFromJournal(journalOf(group));
  expect(ring.newest).toBe('a2');
  expect(ring.members.map(({ name, status, isNext, round }) => [name, status, isNext, round?.phase])).toEqual(
    [
      ['a1', 'attested', true, 'passed'],
      ['a2', 'revoked', false, 'failed'],
      ['a3', 'attested', false, 'passed'],
    ],
  );
  expect(ring.members[1]?.round).toMatchObject({
    verifiers: [],
    reason: expect.stringContaining('found changed'),
  });
});

test('without a round there is nobody in the ring', () => {
  expect(ringFromJournal([])).toEqual({ members: [], rootOfTrust: undefined, newest: undefined });
  expect(attestationRing(EMPTY_LEDGER, createNames())).toEqual({
    members: [],
    rootOfTrust: 'the registry',
    newest: undefined,
  });
});

test('a round of who made room for its successor is given up, by the ledger and by a journal: nothing was found wrong', async () => {
  const { group, opened, failed } = await story();
  const [, roundFailed] = failed;
  if (roundFailed?.kind !== 'RoundFailed') throw new Error('the story has a round that fails');
  group.tell(opened, { ...roundFailed, reason: 'its successor took over' });
  const journal = journalOf(group);
  expect(journal.at(-1)?.reason).toBe('Round 4 of a2 was given up: its successor took over.');
  const ring = ringFromJournal(journal);
  expect(ring.members.find(({ name }) => name === 'a2')).toMatchObject({
    status: 'attested',
    round: undefined,
  });
  const marks = (rows: readonly KeyRow[]) =>
    rows.find(({ agent }) => agent === 'a2')?.marks.map(({ kind }) => kind);
  expect(marks(keyTimeline(group.chain.blocks).rows)).toEqual(['registered', 'attested']);
  expect(marks(keyTimelineFromJournal(journal).rows)).toEqual(['registered', 'attested']);
  group.tell({ ...roundFailed, reason: 'refused by its verifiers' });
  expect(marks(keyTimeline(group.chain.blocks).rows)).toEqual(['registered', 'attested', 'refused']);
  expect(marks(keyTimelineFromJournal(journalOf(group)).rows)).toEqual(['registered', 'attested', 'refused']);
});

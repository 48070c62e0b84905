import { expect, it } from 'vitest';
import { agentId } from '../protocol/ids.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import type { FaultSpec } from '../protocol/scenario.ts';
import { createFaultsSeen } from './faults-seen.ts';

const accepted: FaultSpec = {
  kind: 'stop-agent',
  holderOf: 'linkRateLimited',
  when: 'accepted',
  afterMs: 0,
};
const standing: FaultSpec = {
  kind: 'stop-agent',
  holderOf: 'blocksCarriedOut',
  when: 'standing',
  afterMs: 3000,
};

function award(agent: string, holder: string, status: 'accepted' | 'granted', tMs: number): JournalEntry {
  return {
    kind: 'award',
    award: 'a2.5',
    goal: 'blocksCarriedOut',
    status,
    holder,
    id: `${agent}:1`,
    agent,
    tMs,
    because: [],
    reason: '',
  };
}

function watched(...faults: FaultSpec[]) {
  const stopped: [string, string, number | undefined][] = [];
  const seen = createFaultsSeen({
    faults,
    stop: (agent, { when }, atMs) => stopped.push([agent, when, atMs]),
  });
  return { seen, stopped };
}

it('an agent dies at its first command under the award, at once, and only one does', () => {
  const { seen, stopped } = watched(accepted);
  seen.onAct(agentId('a1'), { kind: 'measure' });
  seen.onAct(agentId('a1'), { kind: 'limit-target' });
  expect(stopped).toEqual([]);
  seen.onAct(agentId('a2'), { kind: 'limit-link' });
  seen.onAct(agentId('a3'), { kind: 'limit-link' });
  expect(stopped).toEqual([['a2', 'accepted', undefined]]);
});

it('a holder dies so long after it has recorded its award itself, whatever another says of it', () => {
  const { seen, stopped } = watched(standing);
  seen.onEntry(award('a2', 'a3', 'granted', 900));
  seen.onEntry(award('a9', 'a3', 'accepted', 950));
  expect(stopped).toEqual([]);
  seen.onEntry(award('a3', 'a3', 'accepted', 1000));
  seen.onEntry(award('a4', 'a4', 'accepted', 2000));
  expect(stopped).toEqual([['a3', 'standing', 4000]]);
});

it('a moment that cannot be told from outside is refused before anything runs', () => {
  expect(() => watched({ ...accepted, holderOf: 'anomalousUsage' })).toThrow(/gives no command/);
});

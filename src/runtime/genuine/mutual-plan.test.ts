import { expect, it } from 'vitest';
import { agentId } from '../../protocol/ids.ts';
import { mutualPlan } from './mutual-plan.ts';

it('sites take turns, each agent has one place, and what is left over comes last', () => {
  const siteOf = new Map(
    ['a1 west', 'a2 west', 'a3 east', 'a4 core', 'a5 core', 'a6 core'].map((each) => {
      const [agent = '', site = ''] = each.split(' ');
      return [agentId(agent), site] as const;
    }),
  );
  expect(mutualPlan(siteOf)).toEqual(['a4', 'a1', 'a3', 'a5', 'a2', 'a6']);
  expect(mutualPlan(new Map())).toEqual([]);
});

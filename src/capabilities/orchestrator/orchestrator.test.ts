import { expect, it } from 'vitest';
import { BeliefBase } from '../../core/bdi/belief-base.ts';
import { functionPlaced, orchestratorFor } from './orchestrator.ts';

it('a function is taken by who knows how to play its role, and by nobody else', () => {
  const whyNot = (...kinds: readonly string[]) => {
    const decl = orchestratorFor(kinds).goals.find(({ goal }) => goal === functionPlaced);
    const args = { name: 'c', kind: 'classifier', cpu: 1, memoryGb: 1 };
    return decl?.impossible?.(new BeliefBase(), args);
  };
  expect(whyNot('rate-limiter', 'classifier')).toBeUndefined();
  expect(whyNot('rate-limiter')).toBe('does not know how to play classifier');
  expect(whyNot()).toBe('does not know how to play classifier');
});

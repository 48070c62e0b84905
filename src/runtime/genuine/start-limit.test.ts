import { expect, it } from 'vitest';
import { agentId } from '../../protocol/ids.ts';
import { StartLimit } from './start-limit.ts';

const a1 = agentId('a1');
const a2 = agentId('a2');

function limitAt() {
  const clock = { ms: 0 };
  return { clock, limit: new StartLimit(() => clock.ms) };
}

it('an agent that ends six times within a minute stays down, and another does not', () => {
  const { limit } = limitAt();
  for (let i = 0; i < 6; i++) expect(limit.start(a1)).toBeUndefined();
  expect(limit.start(a1)).toMatch(/6 times within a minute: it stays down until `muster agent start a1`/);
  expect([...limit.down.keys()]).toEqual([a1]);
  expect(limit.start(a2)).toBeUndefined();
});

it('who ends seldom is always started again', () => {
  const { clock, limit } = limitAt();
  for (let i = 0; i < 50; i++) {
    clock.ms += 12_000;
    expect(limit.start(a1)).toBeUndefined();
  }
});

it('time alone does not bring it back, the operator does', () => {
  const { clock, limit } = limitAt();
  for (let i = 0; i < 7; i++) limit.start(a1);
  clock.ms += 3_600_000;
  expect(limit.start(a1)).toContain('it stays down');
  expect(limit.forgive(a1)).toBe(true);
  expect(limit.forgive(a1)).toBe(false);
  expect(limit.start(a1)).toBeUndefined();
  expect(limit.down.size).toBe(0);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentId } from '../../protocol/ids.ts';
import { Directory, MAX_CANDIDATES } from './directory.ts';

const many = Array.from({ length: 1000 }, (_, index) => agentId(`a${index}`));

describe('the directory', () => {
  test('does not depend on who registered first', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(many.slice(0, 40)), (order) => {
        const directory = new Directory();
        for (const agent of order) directory.register(agent, ['dig']);
        // Again: an agent is listed once.
        for (const agent of order) directory.register(agent, ['dig']);
        expect(directory.search('dig')).toEqual([...order].sort());
      }),
    );
  });

  test('answers a bounded number, and others for another conversation', () => {
    const directory = new Directory();
    for (const agent of many) directory.register(agent, ['dig']);
    const first = directory.search('dig', { salt: 'a1.1' });
    expect(first).toHaveLength(MAX_CANDIDATES);
    expect(directory.search('dig', { salt: 'a1.1' })).toEqual(first);
    expect(directory.search('dig', { salt: 'a1.2' })).not.toEqual(first);
  });

  test('always asks the one host that is large enough, however many there are', () => {
    const directory = new Directory();
    for (const agent of many) directory.register(agent, ['serve'], { cpu: 4, memoryGb: 4 });
    directory.register(agentId('large'), ['serve'], { cpu: 8, memoryGb: 8 });
    expect(directory.search('serve', { demand: { cpu: 8, memoryGb: 8 } })).toEqual(['large']);
  });

  test('draws everybody about as often when there are too many to ask', () => {
    const directory = new Directory();
    const names = many.slice(0, 300);
    for (const agent of names) directory.register(agent, ['dig']);
    const asked = new Map<string, number>();
    for (let auction = 0; auction < 600; auction++) {
      const drawn = directory.search('dig', { salt: `a1.${auction}`, limit: 100 });
      for (const agent of drawn) asked.set(agent, (asked.get(agent) ?? 0) + 1);
    }
    // 200 expected each, with a standard deviation of 11.5: five of them to both sides.
    for (const agent of names) {
      expect(asked.get(agent) ?? 0, agent).toBeGreaterThan(142);
      expect(asked.get(agent) ?? 0, agent).toBeLessThan(258);
    }
  });

  test('forgets who leaves', () => {
    const directory = new Directory();
    directory.register(agentId('a1'), ['dig', 'fill'], { cpu: 1, memoryGb: 1 });
    directory.deregister(agentId('a1'));
    expect(directory.search('dig')).toEqual([]);
    expect(directory.search('fill')).toEqual([]);
  });
});

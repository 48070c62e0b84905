import { describe, expect, it } from 'vitest';
import { hex32 } from '../trust/testing/fake-ledger.ts';
import { CaseFile } from './case-file.ts';

const told = { reference: { config: '{}', image: '/image' } };
const answer = hex32(7);

describe('the cases of a guard', () => {
  it('are complete with both halves, in either order', () => {
    for (const halves of [[{ answer }, { told }] as const, [{ told }, { answer }] as const]) {
      const cases = new CaseFile(() => true);
      cases.put(1, halves[0]);
      expect(cases.of(1)).toBeUndefined();
      cases.put(2, halves[1]);
      expect(cases.of(1)).toBeUndefined();
      cases.put(1, halves[1]);
      expect(cases.of(1)).toEqual({ answer, told });
    }
  });

  it('are not kept of rounds that nobody has to judge, nor after they are over', () => {
    const open = new Set([1]);
    const cases = new CaseFile((round) => open.has(round));
    cases.put(2, { answer });
    cases.put(1, { answer });
    cases.put(1, { told });
    open.delete(1);
    open.add(2);
    cases.put(2, { told });
    expect([cases.of(1), cases.of(2)]).toEqual([undefined, undefined]);
  });
});

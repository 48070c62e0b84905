import { beforeEach, describe, expect, it } from 'vitest';
import type { Member } from '../trust/testing/attested-group.ts';
import { AttestedGroup } from '../trust/testing/attested-group.ts';
import { mayStillAct } from './may-still-act.ts';

let group: AttestedGroup;
let a1: Member;

beforeEach(async () => {
  group = new AttestedGroup();
  a1 = await group.attest('a1');
  group.tell({ kind: 'AttestedSetChanged', version: 1 });
  group.openEpoch(1);
});

describe('a command that has waited', () => {
  it('is carried out while its incarnation is attested', () => {
    expect(mayStillAct(group.view(), a1.name, 1)).toBeUndefined();
  });

  it.each(['Suspended', 'Revoked'] as const)('is dropped once its agent is %s', (kind) => {
    const trust = group.view();
    expect(mayStillAct(trust, a1.name, 1)).toBeUndefined();
    group.tell({ kind, agent: a1.key, incarnation: 1, reason: 'caught' });
    expect(mayStillAct(trust, a1.name, 1)).toBe('a1 is not attested any more');
  });

  it('is dropped once its validity is over', () => {
    const trust = group.view();
    group.pass(60);
    expect(mayStillAct(trust, a1.name, 1)).toBe('a1 is not attested any more');
  });

  it('is dropped once another incarnation acts', async () => {
    const trust = group.view();
    await group.succeed(a1, 2);
    expect(mayStillAct(trust, a1.name, 1)).toBeUndefined();
    expect(mayStillAct(trust, a1.name, 2)).toMatch(/not the attested one/);
    group.openEpoch(2);
    expect(mayStillAct(trust, a1.name, 1)).toBe('incarnation 1 is not the attested one, 2');
    expect(mayStillAct(trust, a1.name, 2)).toBeUndefined();
  });
});

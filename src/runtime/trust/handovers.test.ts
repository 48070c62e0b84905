import { beforeEach, describe, expect, it } from 'vitest';
import { seatBeside } from '../../core/attestation/seat.ts';
import { HANDOVER_WITHIN_MS, nameOf } from './handovers.ts';
import type { Member } from './testing/attested-group.ts';
import { AttestedGroup } from './testing/attested-group.ts';
import type { TrustView } from './trust-view.ts';

let group: AttestedGroup;
let trust: TrustView;
let old: Member;

beforeEach(async () => {
  group = new AttestedGroup();
  trust = group.view();
  old = await group.attest('a1');
  await group.attest('a2');
  group.tell({ kind: 'AttestedSetChanged', version: 1 });
  group.openEpoch(1);
});

const acting = () => trust.attested(old.key);
const peer = () => trust.peers().find(({ key }) => key === old.key);
const member = () => trust.members().find(({ key }) => key === old.key);

describe('a succession, for who holds verdicts', () => {
  it('a successor on its seat is nobody yet', () => {
    const seat = seatBeside(old.key);
    group.tell({
      kind: 'AgentRegistered',
      agent: seat,
      incarnation: 2,
      version: 1,
      imageDigest: seat,
      referenceCommitment: seat,
      challengesRoot: seat,
      challenges: 32,
    });
    expect(trust.state.agents.get(seat)).toMatchObject({
      name: 'a1',
      isSuccessor: true,
      status: 'registered',
    });
    expect(trust.attested(seat)).toBeUndefined();
    expect(trust.keyOf(old.name)).toBe(old.key);
    expect(acting()?.incarnation).toBe(1);
  });

  it('the old incarnation acts until the group has a key for the new one, which is sealed to that', async () => {
    const next = await group.succeed(old, 2);
    expect(trust.state.agents.get(old.key)).toMatchObject({ incarnation: 2, status: 'attested', round: 0 });
    expect(trust.state.agents.get(seatBeside(old.key))).toBeUndefined();
    expect(acting()).toMatchObject({ incarnation: 1, frameKey: old.signingKey.publicKey });
    expect(peer()).toMatchObject({ incarnation: 1, frameKey: old.signingKey.publicKey });
    expect(member()).toMatchObject({ incarnation: 2, kemKey: next.kemKey.publicKey });
    expect(trust.envelopeFor(old.key, 2)).toBeUndefined();
    group.openEpoch(2);
    expect(acting()).toMatchObject({ incarnation: 2, frameKey: next.signingKey.publicKey });
    expect(peer()).toMatchObject({ incarnation: 2, frameKey: next.signingKey.publicKey });
    expect(trust.envelopeFor(old.key, 2)).toBe('0x01');
    expect(trust.envelopeFor(old.key, 1)).toBeUndefined();
    expect(trust.successorOf(nameOf(old.key, 1))).toBe(nameOf(old.key, 2));
  });

  it('a group that gets no key in time goes on without the old incarnation', async () => {
    await group.succeed(old, 2);
    expect(peer()?.validForMs).toBe(HANDOVER_WITHIN_MS);
    group.pass(HANDOVER_WITHIN_MS / 1000);
    expect(acting()?.incarnation).toBe(2);
  });

  it('it never acts beyond its own validity', async () => {
    group.pass(55);
    await group.succeed(old, 2);
    expect(peer()?.validForMs).toBe(5000);
    group.pass(5);
    expect(acting()?.incarnation).toBe(2);
  });

  it('whoever was not attested hands nothing over', async () => {
    group.tell({ kind: 'Suspended', agent: old.key, incarnation: 1, reason: 'missed a round' });
    await group.succeed(old, 2);
    expect(acting()?.incarnation).toBe(2);
  });

  it.each(['Suspended', 'Revoked'] as const)('%s, neither of the two acts', async (kind) => {
    await group.succeed(old, 2);
    expect(acting()?.incarnation).toBe(1);
    group.tell({ kind, agent: old.key, incarnation: 2, reason: 'caught' });
    expect(acting()).toBeUndefined();
    expect(peer()).toBeUndefined();
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import { newSigningKey } from '../../adapters/keys/signing-key.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import { agentId } from '../../protocol/ids.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { Member } from '../trust/testing/attested-group.ts';
import { AttestedGroup } from '../trust/testing/attested-group.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { Fence, NEW_EPOCH_WITHIN_MS } from './fence.ts';

const PIPELINE = '31337:0x01:0x02';

let group: AttestedGroup;
let trust: TrustView;
let a1: Member;
let fence: Fence;
let services: Map<string, string>;

beforeEach(async () => {
  services = new Map();
  group = new AttestedGroup();
  a1 = await group.attest('a1');
  await group.attest('a2');
  group.openEpoch(1);
  trust = group.view();
  fence = new Fence({ trust, pipeline: PIPELINE, serviceOf: (agent) => services.get(agent) });
});

const action = { kind: 'install-rule', rule: 'r1' };
const command = (change: Record<string, unknown> = {}) => ({
  pipeline: PIPELINE,
  agent: a1.name,
  incarnation: 1,
  epoch: 1,
  seq: 1,
  decision: 1,
  what: { kind: 'act', token: 3, entry: 4, reason: 'the flow is an attack', action },
  ...change,
});

/** Gives a command as the agent would, whose connection the daemon has taken in. */
function give(said: unknown, key: SigningKey = a1.signingKey, sender = a1) {
  const body = encodeCbor(said);
  return fence.check(sender.name, sender.key, body, key.sign(body));
}

/** The control of every refusal: the same command, untampered, under the same state. */
function passes(change: Record<string, unknown> = {}) {
  expect(give(command(change))).toMatchObject({ ok: true, command: { agent: 'a1', what: { action } } });
}

describe('the fence', () => {
  it('lets a command of an attested agent pass, each once and in order', () => {
    passes({ seq: 1 });
    passes({ seq: 2 });
    passes({ seq: 9 });
  });

  it('refuses a command that has been given before, or is older', () => {
    passes({ seq: 5 });
    for (const seq of [5, 4, 1, 0]) {
      expect(give(command({ seq }))).toEqual({ ok: false, reason: 'it has been given before' });
    }
    passes({ seq: 6 });
  });

  it('what was refused uses up no number', () => {
    expect(give(command(), newSigningKey()).ok).toBe(false);
    expect(give(command({ epoch: 7 })).ok).toBe(false);
    passes();
  });

  it('each agent counts for itself', async () => {
    const a2 = await group.attest('a2');
    passes({ seq: 9 });
    const body = encodeCbor(command({ agent: a2.name, seq: 1 }));
    expect(fence.check(a2.name, a2.key, body, a2.signingKey.sign(body)).ok).toBe(true);
  });

  it('refuses an agent that the ledger does not know', async () => {
    const stranger = await group.member('a9');
    const said = command({ agent: stranger.name });
    const refused = { ok: false, reason: 'the ledger does not know this agent' };
    expect(give(said, stranger.signingKey, stranger)).toEqual(refused);
    group.tell(...group.attestation(stranger));
    expect(give(said, stranger.signingKey, stranger).ok).toBe(true);
  });

  it('refuses an agent that is revoked or suspended, and says why', () => {
    passes();
    group.tell({ kind: 'Suspended', agent: a1.key, incarnation: 1, reason: 'missed a round' });
    expect(give(command({ seq: 2 }))).toEqual({ ok: false, reason: 'it is suspended: missed a round' });
    group.tell({ kind: 'Revoked', agent: a1.key, incarnation: 1, reason: 'its text was written to' });
    expect(give(command({ seq: 2 }))).toEqual({
      ok: false,
      reason: 'it is revoked: its text was written to',
    });
  });

  it('refuses an agent whose attestation has run out, with the ledger stopped', () => {
    group.pass(59.9);
    passes();
    group.pass(0.1);
    expect(give(command({ seq: 2 }))).toEqual({ ok: false, reason: 'its attestation has run out' });
  });

  it('refuses an agent whose guard has ended it, with the ledger stopped', () => {
    passes({ seq: 1 });
    trust.fell(a1.name, 1);
    expect(give(command({ seq: 2 }))).toEqual({ ok: false, reason: 'its guard has ended it' });
  });

  it('refuses another incarnation than the attested one', async () => {
    await group.attest('a1', 2);
    expect(give(command())).toEqual({ ok: false, reason: 'incarnation 1 is not the attested one, 2' });
    expect(give(command({ incarnation: 3 })).ok).toBe(false);
    passes({ incarnation: 2 });
  });

  it('the next incarnation counts from the beginning, and what the one before has said is over', async () => {
    passes({ seq: 5 });
    await group.attest('a1', 2);
    expect(give(command({ incarnation: 2, seq: 0 }))).toEqual({
      ok: false,
      reason: 'it has been given before',
    });
    passes({ incarnation: 2, seq: 1 });
    await group.attest('a1', 1);
    expect(give(command({ seq: 6 }))).toEqual({ ok: false, reason: 'it has been given before' });
  });

  it('refuses an agent that has a key to sign with and none of the group: its decisions are not executed again', () => {
    passes();
    const keyless = { ...a1, kemKey: { ...a1.kemKey, publicKey: ZERO } };
    group.tell(...group.attestation(keyless));
    expect(give(command({ seq: 2 }))).toEqual({ ok: false, reason: 'it takes no part in the group' });
    group.tell(...group.attestation(a1));
    passes({ seq: 2 });
  });

  it('refuses what the attested key has not signed', () => {
    const refused = { ok: false, reason: 'its signature is not by the attested key' };
    expect(give(command(), newSigningKey())).toEqual(refused);
    const body = encodeCbor(command());
    const signature = a1.signingKey.sign(body);
    const other = encodeCbor(command({ seq: 2 }));
    expect(fence.check(a1.name, a1.key, other, signature)).toEqual(refused);
    expect(fence.check(a1.name, a1.key, body, new Uint8Array(64))).toEqual(refused);
    expect(fence.check(a1.name, a1.key, body, signature).ok).toBe(true);
  });

  it('refuses what another agent has signed, or gives in its name', async () => {
    const a2 = await group.attest('a2');
    const refused = { ok: false, reason: 'it is for another agent or pipeline' };
    expect(give(command(), a2.signingKey, a2)).toEqual(refused);
    expect(give(command({ agent: a2.name }))).toEqual(refused);
    passes();
  });

  it('refuses a command for another pipeline', () => {
    const refused = { ok: false, reason: 'it is for another agent or pipeline' };
    expect(give(command({ pipeline: '31337:0x01:0x03' }))).toEqual(refused);
    passes();
  });

  it('refuses a command while there is no epoch, or of one that is not open', () => {
    const before = new AttestedGroup();
    const early = new Fence({ trust: before.view(), pipeline: PIPELINE, serviceOf: () => undefined });
    before.tell(...before.attestation(a1));
    const body = encodeCbor(command());
    expect(early.check(a1.name, a1.key, body, a1.signingKey.sign(body))).toEqual({
      ok: false,
      reason: 'it is of epoch 1, now is none',
      early: true,
    });
    for (const epoch of [0, 5])
      expect(give(command({ epoch }))).toEqual({ ok: false, reason: `it is of epoch ${epoch}, now is 1` });
    for (const epoch of [2, 4]) {
      const refused = { ok: false, reason: `it is of epoch ${epoch}, now is 1`, early: true };
      expect(give(command({ epoch }))).toEqual(refused);
    }
    passes();
  });

  it('tells a command that may be right in a moment from one that never will', () => {
    expect(give(command({ epoch: 2 }))).toMatchObject({ ok: false, early: true });
    expect(give(command({ epoch: 2 }), newSigningKey())).not.toHaveProperty('early');
    group.openEpoch(2);
    passes({ epoch: 2 });
  });

  it('the epoch before passes while the agent is on its way to the new one, and not for longer', () => {
    group.openEpoch(2);
    passes({ seq: 1, epoch: 1 });
    passes({ seq: 2, epoch: 2 });
    group.pass(NEW_EPOCH_WITHIN_MS / 1000);
    expect(give(command({ seq: 3, epoch: 1 }))).toEqual({ ok: false, reason: 'it is of epoch 1, now is 2' });
    passes({ seq: 3, epoch: 2 });
  });

  it('the epoch before does not pass once the agent has said to hold the new one', () => {
    group.openEpoch(2);
    group.tell({ kind: 'Acknowledged', epoch: 2, agent: a1.key });
    expect(give(command({ epoch: 1 })).ok).toBe(false);
    passes({ epoch: 2 });
  });

  it.each([
    ['nothing', () => new Uint8Array(0)],
    ['no CBOR', () => Uint8Array.of(0xff, 0xff)],
    ['no command', () => encodeCbor({ kind: 'act' })],
    ['a field too many', () => encodeCbor(command({ extra: 1 }))],
    ['a number that JSON does not know', () => encodeCbor(command({ what: acts({ at: 2n ** 60n }) }))],
    [
      'bytes, which JSON does not know',
      () => encodeCbor(command({ what: acts({ raw: new Uint8Array(4) }) })),
    ],
    ['an action without a kind', () => encodeCbor(command({ what: acts({ kind: 7 }) }))],
    ['an action nested too deeply', () => encodeCbor(command({ what: acts({ deep: nested(30) }) }))],
  ])('refuses %s', (_, make) => {
    const body = make();
    expect(fence.check(a1.name, a1.key, body, a1.signingKey.sign(body))).toEqual({
      ok: false,
      reason: 'it is not a command',
    });
    passes();
  });

  it('an agent that takes no part in the group key gives no commands, whatever is forged under its empty key', () => {
    const keyless = {
      ...a1,
      signingKey: { ...a1.signingKey, publicKey: `0x${'0'.repeat(64)}` } as SigningKey,
    };
    group.tell(...group.attestation(keyless));
    expect(give(command())).toEqual({ ok: false, reason: 'its signature is not by the attested key' });
    expect(agentId('a1')).toBe(a1.name);
  });
});

const acts = (change: Record<string, unknown>) => ({ ...command().what, action: { ...action, ...change } });
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

describe('an agent of a service', () => {
  const [own, others, network] = ['shop/data>web/vm/0', 'bank/data>web/vm/0', 's1>h1'];
  const block = {
    kind: 'block-source',
    rule: 'r1',
    award: 'a2.1',
    owner: 'a1',
    source: '10.0.0.9',
    ttlMs: 1000,
  };
  const watch = (link: string) => ({ kind: 'watch', query: { kind: 'link-load', link }, periodMs: 100 });
  const done = (asked: object) =>
    give(command({ what: { kind: 'act', token: 3, entry: 4, reason: 'it is attacked', action: asked } }));
  const refused = (asked: object, reason: RegExp) =>
    expect(done(asked)).toEqual({ ok: false, reason: expect.stringMatching(reason) });

  beforeEach(() => {
    services = new Map([
      ['a1', 'shop'],
      ['a2', 'shop'],
      ['a3', 'bank'],
    ]);
  });

  it.each([
    ['a block', (link: string) => ({ ...block, link })],
    ['a limit', (link: string) => ({ ...block, kind: 'limit-link', rateBytesPerSec: 1, link })],
    [
      'a class of its own for sources',
      (link: string) => ({ kind: 'confirm-sources', sources: [], ttlMs: 1000, link }),
    ],
    ['a reading', watch],
    [
      'a measurement',
      (link: string) => ({ kind: 'measure', query: { kind: 'sources', link, target: '10.0.0.9' } }),
    ],
  ])('is let have %s on the links of its service alone', (_, about) => {
    refused(about(others), /is no link of the service shop/);
    refused(about(network), /is no link of the service shop/);
    expect(done(about(own)).ok).toBe(true);
  });

  it('acts under no award of an agent of another service, and gets nobody of another to act', () => {
    refused({ ...block, link: own, award: 'a3.1' }, /a3\.1 is not awarded by an agent of the service shop/);
    refused({ ...block, link: own, award: 'a9.1' }, /a9\.1 is not awarded/);
    refused({ kind: 'adopt-rules', fromAward: 'a3.1', toAward: 'a2.1', owner: 'a1' }, /a3\.1 is not awarded/);
    refused({ kind: 'adopt-rules', fromAward: 'a2.1', toAward: 'a3.1', owner: 'a1' }, /a3\.1 is not awarded/);
    expect(done({ kind: 'adopt-rules', fromAward: 'a2.1', toAward: 'a2.2', owner: 'a1' }).ok).toBe(true);
  });

  it('places no functions of the network', () => {
    const place = { kind: 'place-function', name: 'web', function: 'web-server', cpu: 1, memoryGb: 1 };
    refused(place, /places no functions/);
    services = new Map();
    expect(done(place).ok).toBe(true);
  });

  it('does not read the rules of all, and takes back what it has set, whoever had awarded that', () => {
    refused({ kind: 'measure', query: { kind: 'rules' } }, /may not read more/);
    expect(done({ kind: 'remove-rule', rule: 'r1', award: 'gone.1' }).ok).toBe(true);
  });

  it('that is none of a service touches none of its links, and no service has links by looking like another', () => {
    services = new Map([['a1', 'shop-of-a-very-long-name-indeed']]);
    refused(watch(own), /is no link of the service shop-of/);
    services = new Map();
    refused(watch(own), /is no link of the network/);
    expect(done(watch(network)).ok).toBe(true);
  });
});

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newSigningKey } from '../../adapters/keys/signing-key.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import { MAX_FRAME_BYTES } from '../../protocol/frame.ts';
import type { Member } from '../trust/testing/attested-group.ts';
import { AttestedGroup } from '../trust/testing/attested-group.ts';
import { AgentDoor } from './agent-door.ts';
import { AgentEnd } from './testing/agent-end.ts';

const PIPELINE = '31337:0x01:0x02';

let directory: string;
let path: string;
let group: AttestedGroup;
let a1: Member;
let door: AgentDoor;
let pipeline: string | undefined;
let taken: unknown[];
let refused: string[];
let ends: AgentEnd[];
let onRefused: () => void;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-test-'));
  path = join(directory, 's');
  [taken, refused, ends, pipeline] = [[], [], [], PIPELINE];
  onRefused = () => {};
  group = new AttestedGroup();
  a1 = await group.member('a1');
  door = new AgentDoor({
    trust: group.view(),
    pipeline: () => pipeline,
    onWelcome: () => {},
    onMessage: (agent, _, message) => taken.push([agent, message]),
    onRefused: (agent, reason) => {
      refused.push(`${agent}: ${reason}`);
      onRefused();
    },
  });
  await door.listen(path);
});

afterEach(() => {
  for (const end of ends) end.close();
  door.close();
  rmSync(directory, { recursive: true, force: true });
});

function arrive(): AgentEnd {
  const end = new AgentEnd(path);
  ends.push(end);
  return end;
}

/** Has come in as a1. */
async function inside(incarnation = 1): Promise<AgentEnd> {
  const end = arrive();
  await end.hello(PIPELINE, a1.name, incarnation, a1.signingKey);
  await end.next('welcome');
  return end;
}

/** The door has dealt with all that this end has sent: an answer to something that is sent behind it. */
async function settled(end: AgentEnd): Promise<void> {
  end.send({ kind: 'telemetry', sealed: Uint8Array.of(1) });
  const had = taken.length;
  await arrive().next('nonce');
  if (taken.length === had && !end.socket.destroyed) await arrive().next('nonce');
}

describe('the door of a site', () => {
  it('can be reached by the guard alone, who connects for its agents', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('takes in an agent that the ledger says is attested, and its messages under its name', async () => {
    group.tell(...group.attestation(a1));
    const end = await inside();
    end.send({ kind: 'telemetry', sealed: Uint8Array.of(7) });
    await settled(end);
    expect(taken[0]).toEqual(['a1', { kind: 'telemetry', sealed: Uint8Array.of(7) }]);
    expect(door.send(a1.name, { kind: 'goal', goal: 'g', args: {}, from: 'operator' })).toBe(true);
    expect(await end.next('goal')).toMatchObject({ goal: 'g' });
    expect(refused).toEqual([]);
  });

  it('an agent that says who it is before the ledger does waits, and is let in by the block', async () => {
    const end = arrive();
    await end.hello(PIPELINE, a1.name, 1, a1.signingKey);
    await arrive().next('nonce');
    door.sweep();
    expect(end.messages).toEqual([]);
    group.tell(...group.attestation(a1));
    door.sweep();
    await end.next('welcome');
  });

  it('nobody is let in before the pipeline is known', async () => {
    pipeline = undefined;
    group.tell(...group.attestation(a1));
    const end = arrive();
    await end.hello(PIPELINE, a1.name, 1, a1.signingKey);
    await arrive().next('nonce');
    door.sweep();
    expect(end.messages).toEqual([]);
    pipeline = PIPELINE;
    door.sweep();
    await end.next('welcome');
  });

  it('refuses a signature by another key, for another name, pipeline, incarnation or nonce', async () => {
    group.tell(...group.attestation(a1));
    const a2 = await group.attest('a2');
    const wrong = 'its signature is not by the attested key';
    const cases = [
      [PIPELINE, a1.name, 1, newSigningKey(), wrong],
      [PIPELINE, a1.name, 1, a2.signingKey, wrong],
      ['31337:0x01:0x03', a1.name, 1, a1.signingKey, wrong],
      [PIPELINE, a1.name, 0, a1.signingKey, 'incarnation 1 is attested'],
    ] as const;
    for (const [name, agent, incarnation, key, reason] of cases) {
      const end = arrive();
      await end.hello(name, agent, incarnation, key);
      expect(await end.next('refused')).toEqual({ kind: 'refused', reason });
      await end.closed;
    }
    expect(refused).toEqual(cases.map(([, , , , reason]) => `a1: ${reason}`));
    // The control, and a signature over the nonce of another connection.
    const good = await inside();
    const end = arrive();
    const other = arrive();
    const { nonce } = await other.next('nonce');
    end.messages.unshift({ kind: 'nonce', nonce });
    await end.hello(PIPELINE, a1.name, 1, a1.signingKey);
    expect(await end.next('refused')).toEqual({ kind: 'refused', reason: wrong });
    expect(good.socket.destroyed).toBe(false);
  });

  it('an agent with an empty frame key cannot be spoken for', async () => {
    const empty = { ...a1, signingKey: { ...a1.signingKey, publicKey: `0x${'0'.repeat(64)}` as const } };
    group.tell(...group.attestation(empty));
    // Under the all-zero key one text in four has this signature.
    const forged = new Uint8Array(Buffer.from(`58${'66'.repeat(31)}01${'00'.repeat(31)}`, 'hex'));
    for (let i = 0; i < 40; i++) {
      const end = arrive();
      await end.next('nonce');
      end.send({ kind: 'hello', agent: a1.name, incarnation: 1, signature: forged });
      await end.next('refused');
      await end.closed;
    }
    expect(refused).toHaveLength(40);
  });

  it('turns away whoever speaks before having said who it is', async () => {
    group.tell(...group.attestation(a1));
    const end = arrive();
    await end.next('nonce');
    end.send({ kind: 'telemetry', sealed: Uint8Array.of(7) });
    await end.closed;
    expect(refused).toEqual(['somebody: it has not said who it is']);
    expect(taken).toEqual([]);
  });

  it('cuts off who says it twice, or says what is no message, and takes nothing behind it', async () => {
    group.tell(...group.attestation(a1));
    const twice = await inside();
    twice.send({ kind: 'hello', agent: a1.name, incarnation: 1, signature: new Uint8Array(64) });
    twice.send({ kind: 'telemetry', sealed: Uint8Array.of(1) });
    await twice.closed;
    const none = await inside();
    none.send({ kind: 'nothing' });
    none.send({ kind: 'telemetry', sealed: Uint8Array.of(2) });
    await none.closed;
    const huge = await inside();
    huge.send({ kind: 'frame', to: 'a2', frame: new Uint8Array(MAX_FRAME_BYTES + 1) });
    await huge.closed;
    expect(taken).toEqual([]);
    expect(refused).toEqual([
      'a1: it has said who it is already',
      'a1: a message that is none',
      'a1: a message that is none',
    ]);
  });

  it('cuts an agent off when it is revoked', async () => {
    group.tell(...group.attestation(a1));
    const end = await inside();
    group.tell({ kind: 'Revoked', agent: a1.key, incarnation: 1, reason: 'its text was written to' });
    door.sweep();
    await end.closed;
    expect(refused).toEqual(['a1: it is not attested any more: cut off']);
    expect(door.send(a1.name, { kind: 'welcome' })).toBe(false);
  });

  it('cuts an agent off when its validity has run out, with the ledger stopped', async () => {
    group.tell(...group.attestation(a1));
    const end = await inside();
    group.pass(59.9);
    door.sweep();
    expect(door.send(a1.name, { kind: 'welcome' })).toBe(true);
    group.pass(0.1);
    door.sweep();
    await end.closed;
    expect(door.send(a1.name, { kind: 'welcome' })).toBe(false);
  });

  it('a successor takes the place of the incarnation before', async () => {
    group.tell(...group.attestation(a1));
    const old = await inside();
    const successor = arrive();
    await successor.hello(PIPELINE, a1.name, 2, a1.signingKey);
    await arrive().next('nonce');
    group.tell(...group.attestation(a1, 2));
    door.sweep();
    await successor.next('welcome');
    await old.closed;
    expect(door.send(a1.name, { kind: 'goal', goal: 'g', args: {}, from: 'operator' })).toBe(true);
    await successor.next('goal');
  });

  it('turns away more unknown connections than it will hold, and has room again when they go', async () => {
    const unknown = Array.from({ length: 64 }, () => arrive());
    await Promise.all(unknown.map((end) => end.next('nonce')));
    await expect(arrive().next('nonce')).rejects.toThrow('has ended');
    group.tell(...group.attestation(a1));
    const [first] = unknown;
    if (first === undefined) throw new Error('64 have come');
    first.socket.end();
    await first.closed;
    // The door may hear of it a moment after the other end has.
    let end = arrive();
    for (let i = 0; i < 100 && (await gone(end)); i++) end = arrive();
    end.messages.length = 0;
    expect(end.socket.destroyed).toBe(false);
  });

  it('frames to an agent that does not read are lost, and it is not cut off by them', async () => {
    group.tell(...group.attestation(a1));
    const end = await inside();
    end.socket.pause();
    const frame = new Uint8Array(100_000);
    let lost = 0;
    for (let i = 0; i < 1000; i++) if (!door.send(a1.name, { kind: 'frame', frame })) lost++;
    expect(lost).toBeGreaterThan(500);
    expect(door.send(a1.name, { kind: 'goal', goal: 'g', args: {}, from: 'operator' })).toBe(true);
    end.socket.resume();
    await end.next('goal');
    expect(end.messages.length).toBe(1000 - lost);
  });

  it('10 000 random and mutated messages: no throw, no growth, each refused and counted', async () => {
    group.tell(...group.attestation(a1));
    const good = [
      { kind: 'frame', to: 'a2', frame: new Uint8Array(30) },
      { kind: 'telemetry', sealed: new Uint8Array(30) },
      { kind: 'command', body: new Uint8Array(30), signature: new Uint8Array(64) },
      { kind: 'hello', agent: 'a1', incarnation: 1, signature: new Uint8Array(64) },
    ].map((each) => Buffer.from(encodeCbor(each)));
    const mutated = fc
      .tuple(fc.constantFrom(...good), fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map(([bytes, at, by]) => {
        const copy = Buffer.from(bytes);
        const place = at % copy.length;
        copy.writeUInt8(copy.readUInt8(place) ^ by, place);
        return copy;
      });
    const noise = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes));
    const all = fc.sample(fc.oneof(mutated, noise), { numRuns: 10_000, seed: 1 });
    let at = 0;
    // 32 at a time, none of whom has said who it is: nothing that they say may pass.
    const worker = async (): Promise<void> => {
      while (at < all.length) {
        const body = all[at++] ?? Buffer.alloc(1);
        const end = arrive();
        const length = Buffer.alloc(4);
        length.writeUInt32BE(body.length, 0);
        await end.next('nonce');
        end.socket.write(Buffer.concat([length, body, length]));
        end.socket.end(Buffer.from([255, 255, 255, 255]));
        await end.closed;
        ends.splice(ends.indexOf(end), 1);
      }
    };
    await Promise.all(Array.from({ length: 32 }, worker));
    expect(taken).toEqual([]);
    expect(refused.length).toBeGreaterThanOrEqual(9900);
    // It still works, and holds nobody.
    const end = await inside();
    expect(door.send(a1.name, { kind: 'goal', goal: 'g', args: {}, from: 'operator' })).toBe(true);
    await end.next('goal');
  }, 60_000);
});

async function gone(end: AgentEnd): Promise<boolean> {
  return end.next('nonce').then(
    () => false,
    () => true,
  );
}

import { beforeEach, describe, expect, it } from 'vitest';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import { agentId } from '../../protocol/ids.ts';
import type { LedgerEvent } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import { AgentSchema } from '../../protocol/scenario.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import { AttestedGroup } from '../trust/testing/attested-group.ts';
import { hex32, registeredEvent } from '../trust/testing/fake-ledger.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { AgentLives } from './agent-lives.ts';
import { TAKES_OVER_WITHIN_MS } from './rebirths.ts';
import { Roster } from './roster.ts';
import { StartLimit } from './start-limit.ts';
import { signedImages } from './testing/signed-images.ts';

const A1 = agentId('a1');
const KEY = agentKeyOf(A1);
const SEAT = seatBeside(KEY);
const REBORN_AFTER_S = 40;

function specOf(name: string): AgentSpec {
  return AgentSchema.parse({ name, host: 'h1' });
}

/** One agent that is attested in its first incarnation and due to be reborn, without processes: what guards would say is said by the test. */
class Scene {
  readonly group = new AttestedGroup();
  readonly trust: TrustView = this.group.view();
  readonly spawned: string[] = [];
  readonly killed: string[] = [];
  readonly faults: string[] = [];
  readonly takenOver: string[] = [];
  readonly givenUp: string[] = [];
  /** What the registry says of the next registrations; undefined: nothing is wrong. */
  trouble: string | undefined;
  readonly lives = new AgentLives({
    roster: new Roster([specOf('a1')], new Map([[A1, 'west']])),
    trust: this.trust,
    placer: {
      start: () => this.#order('start', KEY),
      startBeside: (_agent, _index, newer) =>
        this.#order(newer === undefined ? 'beside' : `version ${newer.verified.manifest.version}`, SEAT),
      succeeded: () => {},
      limit: new StartLimit(() => this.group.nowMs),
    },
    registrar: () => ({
      register: () => Promise.resolve(this.trouble),
      giveUp: (seat) => this.givenUp.push(seat),
    }),
    nowMs: () => this.group.nowMs,
    kill: (agent, incarnation) => this.killed.push(`${agent} ${incarnation}`),
    rebirthEveryMs: 1000 * REBORN_AFTER_S,
    isWanted: () => true,
    onTakeover: (agent) => this.takenOver.push(agent),
    onReborn: () => {},
    onFault: (fault, subject) => this.faults.push(`${fault} ${subject}`),
  });

  #order(how: string, key: typeof KEY): SpawnOrder {
    const { agents } = this.trust.state;
    const incarnation = Math.max(agents.get(KEY)?.incarnation ?? 0, agents.get(SEAT)?.incarnation ?? 0) + 1;
    this.spawned.push(`${how} ${incarnation}`);
    return {
      name: A1,
      key,
      incarnation,
      image: '/nowhere',
      imageDigest: hex32(9),
      version: 1,
      config: '{}',
      salt: '00'.repeat(32),
    };
  }

  async attest(): Promise<void> {
    await this.group.attest('a1');
    this.group.tell({ kind: 'AttestedSetChanged', version: 1 });
    this.group.openEpoch(1);
    this.lives.started({ agent: A1, incarnation: 1, pid: 101 });
    this.lives.renew();
  }

  tell(...events: readonly LedgerEvent[]): void {
    this.group.tell(...events);
    this.#look();
  }

  /** Until it is due; resolves once its registration is answered. */
  async beReborn(): Promise<void> {
    this.group.pass(REBORN_AFTER_S);
    this.#look();
    await settled();
  }

  pass(seconds: number): void {
    this.group.pass(seconds);
    this.#look();
  }

  exit(incarnation: number): void {
    this.lives.exited({ agent: A1, incarnation, reason: 'its process has ended (SIGKILL)' });
  }

  #look(): void {
    const block = this.group.chain.blocks.at(-1);
    if (block !== undefined) this.lives.onBlock(block);
  }
}

/** All that waits for promises that are settled has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('the end of a successor that came to nothing is not that of its agent', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = new Scene();
    await scene.attest();
  });

  /** The agent goes on as it is, and was told of as nothing else. */
  async function expectGoesOn(): Promise<void> {
    await settled();
    expect(scene.spawned).toEqual(['beside 2']);
    expect(scene.faults.filter((each) => each.startsWith('agent-ended'))).toEqual([]);
    expect(scene.lives.pidOf('a1')).toBe(101);
  }

  it('when its registration was refused', async () => {
    scene.trouble = 'the ledger says no';
    await scene.beReborn();
    expect(scene.killed).toEqual(['a1 2']);
    scene.exit(2);
    await expectGoesOn();
    expect(scene.faults).toEqual(['not-registered a1', 'successor-ended a1']);
  });

  it('when it was refused before its process was there', async () => {
    scene.trouble = 'the ledger says no';
    await scene.beReborn();
    scene.lives.started({ agent: A1, incarnation: 2, pid: 102 });
    scene.exit(2);
    await expectGoesOn();
  });

  it('when the ledger has thrown it out', async () => {
    await scene.beReborn();
    scene.tell(registeredEvent(SEAT, 2, hex32(5), 32));
    scene.tell({ kind: 'Revoked', agent: SEAT, incarnation: 2, reason: 'its answer is wrong' });
    scene.exit(2);
    await expectGoesOn();
  });

  it('when it did not take over in time', async () => {
    await scene.beReborn();
    scene.pass(TAKES_OVER_WITHIN_MS / 1000);
    expect(scene.givenUp).toEqual([SEAT]);
    scene.exit(2);
    await expectGoesOn();
  });

  it('and its agent is started anew all the same when it ends itself', async () => {
    scene.trouble = 'the ledger says no';
    await scene.beReborn();
    scene.exit(2);
    scene.trouble = undefined;
    scene.exit(1);
    await settled();
    expect(scene.spawned).toEqual(['beside 2', 'start 2']);
    // No successor was registered under that number: now it is the agent's own.
    scene.lives.started({ agent: A1, incarnation: 2, pid: 103 });
    expect(scene.lives.pidOf('a1')).toBe(103);
    scene.exit(2);
    await settled();
    expect(scene.spawned).toEqual(['beside 2', 'start 2', 'start 2']);
    expect(scene.faults.filter((each) => each === 'agent-ended a1')).toHaveLength(2);
  });
});

describe('a successor that the ledger names', () => {
  it('takes the place of its agent when its daemon takes it in; its end is then that of the agent', async () => {
    const scene = new Scene();
    await scene.attest();
    await scene.beReborn();
    scene.lives.started({ agent: A1, incarnation: 2, pid: 102 });
    const member = scene.group.members.get(A1);
    if (member === undefined) throw new Error('a1 is attested');
    await scene.group.succeed(member, 2);
    scene.tell({ kind: 'Succeeded', agent: KEY, seat: SEAT, incarnation: 2 });
    expect(scene.lives.pidOf('a1')).toBe(101);
    scene.lives.welcomed(A1, 2);
    expect([scene.takenOver, scene.lives.pidOf('a1')]).toEqual(['a1'.split(' '), 102]);
    scene.exit(1);
    await settled();
    expect(scene.spawned).toEqual(['beside 2']);
    scene.exit(2);
    await settled();
    expect(scene.spawned).toEqual(['beside 2', 'start 3']);
  });

  it('and that has ended before this was known here is no successor any more: its agent starts anew', async () => {
    const scene = new Scene();
    await scene.attest();
    await scene.beReborn();
    scene.exit(2);
    await settled();
    expect(scene.spawned).toEqual(['beside 2']);
    const member = scene.group.members.get(A1);
    if (member === undefined) throw new Error('a1 is attested');
    await scene.group.succeed(member, 2);
    scene.tell({ kind: 'Succeeded', agent: KEY, seat: SEAT, incarnation: 2 });
    await settled();
    expect(scene.spawned).toEqual(['beside 2', 'start 3']);
  });
});

describe('an agent that is to go over to a newer image', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = new Scene();
    await scene.attest();
  });
  const newer = signedImages()(2);

  /** Asked for; resolves once its registration is answered. */
  async function goOver() {
    const fate = scene.lives.bear(A1, newer);
    scene.pass(1);
    await settled();
    return fate;
  }

  it('has a successor of that image at once, and is told of once that acts with the key of the group', async () => {
    const fate = goOver();
    await settled();
    expect(scene.spawned).toEqual(['version 2 2']);
    const member = scene.group.members.get(A1);
    if (member === undefined) throw new Error('a1 is attested');
    await scene.group.succeed(member, 2);
    scene.tell({ kind: 'Succeeded', agent: KEY, seat: SEAT, incarnation: 2 });
    scene.lives.welcomed(A1, 2);
    scene.lives.keyed(A1, 2);
    expect(await fate).toMatchObject({ kind: 'reborn', rebirth: { agent: 'a1', incarnation: 2 } });
  });

  it('goes on as it is when that comes to nothing, and it is told why', async () => {
    const thrownOut = goOver();
    await settled();
    scene.tell({ kind: 'Revoked', agent: SEAT, incarnation: 2, reason: 'its answer is wrong' });
    expect(await thrownOut).toEqual({
      kind: 'failed',
      reason: 'it was thrown out: its answer is wrong',
    });
    // The block that said so is no longer the last.
    scene.tell({ kind: 'AttestedSetChanged', version: 1 });
    scene.trouble = 'the ledger says no';
    expect(await goOver()).toMatchObject({ reason: 'it was not registered: the ledger says no' });
    scene.trouble = undefined;
    const ended = goOver();
    await settled();
    scene.exit(2);
    expect(await ended).toMatchObject({ kind: 'failed', reason: 'its process has ended (SIGKILL)' });
    const silent = goOver();
    await settled();
    scene.pass(TAKES_OVER_WITHIN_MS / 1000);
    expect(await silent).toMatchObject({ reason: 'it has not taken over within 45 s' });
    expect(scene.lives.pidOf('a1')).toBe(101);
    expect(scene.faults.filter((each) => each.startsWith('agent-ended'))).toEqual([]);
  });

  it('and ends itself meanwhile is started anew, and that is told', async () => {
    const fate = goOver();
    await settled();
    scene.exit(1);
    expect(await fate).toEqual({ kind: 'abandoned' });
  });

  it('and is thrown out itself, which ends its successor too, is told of the same way', async () => {
    const fate = goOver();
    await settled();
    const reason = 'its text was written to';
    scene.tell(
      { kind: 'Revoked', agent: SEAT, incarnation: 2, reason },
      { kind: 'Revoked', agent: KEY, incarnation: 1, reason },
    );
    expect(await fate).toEqual({ kind: 'abandoned' });
  });
});

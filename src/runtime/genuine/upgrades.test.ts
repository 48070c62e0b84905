import { beforeEach, describe, expect, it } from 'vitest';
import type { AgentId } from '../../protocol/ids.ts';
import { agentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { AgentImage } from './agent-image.ts';
import { AgentImages, digestOf } from './agent-images.ts';
import type { Fate } from './renewal.ts';
import type { SignedImage } from './testing/signed-images.ts';
import { signedImages } from './testing/signed-images.ts';
import { Upgrades } from './upgrades.ts';

const release = signedImages();
const [one, two, three] = [release(1), release(2), release(3)];
const REBIRTH = { incarnation: 2, pid: 1, attestedAfterMs: 2500, tookOverAfterMs: 3000, gapMs: 20 };

/** Agents on a ledger that takes every successor, unless the test says what becomes of the next ones. */
class Scene {
  agents = ['a1', 'a2', 'a3'].map(agentId);
  readonly ledger = new Map<AgentId, AgentImage>();
  readonly ill = new Set<AgentId>();
  readonly born: string[] = [];
  readonly steps: string[] = [];
  readonly stopped: string[] = [];
  readonly fates: Fate[] = [];
  /** Each waits here until the test lets it go on. */
  hold: Promise<void> | undefined;
  kept = 0;
  #nowMs = 0;
  readonly images = new AgentImages({
    image: one,
    native: new Map(),
    digestOf: (agent): Hex => digestOf(this.ledger.get(agent) ?? one),
  });
  readonly upgrades = new Upgrades({
    images: this.images,
    agents: () => this.agents,
    isWell: (agent) => !this.ill.has(agent),
    versionOf: (agent) => (this.ledger.get(agent) ?? one).verified.manifest.version,
    bear: async (agent, image) => {
      this.born.push(agent);
      await this.hold;
      this.#nowMs += 3000;
      const fate = this.fates.shift() ?? { kind: 'reborn', rebirth: { agent, ...REBIRTH } };
      if (fate.kind === 'reborn') this.ledger.set(agent, image);
      return fate;
    },
    nowMs: () => this.#nowMs,
    onStep: (text, durationMs) => this.steps.push(`${durationMs}: ${text}`),
    onStopped: (agent, reason) => this.stopped.push(`${agent}: ${reason}`),
  });

  begin(image: SignedImage) {
    return this.upgrades.begin(this.offer(image), 'alice');
  }

  offer(image: AgentImage) {
    return { image, keep: async () => void this.kept++ };
  }

  /** Until it has come to its end, or stopped. */
  async upgrade(image: SignedImage) {
    await this.begin(image);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    return this.upgrades.view();
  }

  versions(): readonly number[] {
    return this.upgrades.view().agents.map(({ version }) => version);
  }
}

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

describe('an upgrade', () => {
  it('has one agent after the other go over, tells each step, and ends with all on the newer image', async () => {
    const view = await scene.upgrade(two);
    expect(scene.born).toEqual(['a1', 'a2', 'a3']);
    expect(view).toMatchObject({ state: 'done', startedBy: 'alice', durationMs: 9000, reason: null });
    expect(scene.versions()).toEqual([2, 2, 2]);
    expect(scene.steps).toEqual([
      expect.stringMatching(/^0: the image of agent, version 2 .* alice has 3 agents go over to it$/),
      '3000: a1 has gone over to version 2, 1 of 3: its successor was attested after 2.5 s, and for 20 ms neither acted',
      expect.stringMatching(/^3000: a2 .* 2 of 3/),
      expect.stringMatching(/^3000: a3 .* 3 of 3/),
      '9000: all 3 agents are on version 2: older ones are refused from now on',
    ]);
    expect(scene.images.current).toBe(two);
    expect(scene.images.of(agentId('a9'))).toBe(two);
  });

  it('stops with the first successor that comes to nothing, says why, and nobody goes back', async () => {
    scene.fates.push(
      { kind: 'reborn', rebirth: { agent: agentId('a1'), ...REBIRTH } },
      { kind: 'failed', reason: 'its answer is wrong' },
    );
    const view = await scene.upgrade(two);
    expect(scene.born).toEqual(['a1', 'a2']);
    expect(view).toMatchObject({ state: 'stopped', durationMs: 6000 });
    expect(view.agents.map(({ version, state }) => [version, state])).toEqual([
      [2, 'done'],
      [1, 'waits'],
      [1, 'waits'],
    ]);
    expect(scene.stopped).toEqual([
      'a2: the successor of a2 has come to nothing: its answer is wrong. It goes on with version 1; 1 of 3 agents are on version 2',
    ]);
    const [a1, a2] = scene.agents.map((agent) => scene.images.of(agent));
    expect([a1, a2]).toEqual([two, one]);
    // An older one than anybody runs is refused; the same goes on, a newer one takes all of them.
    await expect(scene.begin(one)).rejects.toMatchObject({ code: 'ATTESTATION_REFUSED' });
    expect(await scene.upgrade(two)).toMatchObject({ state: 'done' });
    expect(scene.born).toEqual(['a1', 'a2', 'a2', 'a3']);
    expect(await scene.upgrade(three)).toMatchObject({ state: 'done', from: { version: 2 } });
    expect(scene.versions()).toEqual([3, 3, 3]);
  });

  it('begins again with an agent that has ended itself meanwhile, a few times', async () => {
    scene.fates.push({ kind: 'abandoned' }, { kind: 'abandoned' });
    expect(await scene.upgrade(two)).toMatchObject({ state: 'done' });
    expect(scene.born).toEqual(['a1', 'a1', 'a1', 'a2', 'a3']);
    scene.fates.push({ kind: 'abandoned' }, { kind: 'abandoned' }, { kind: 'abandoned' });
    expect(await scene.upgrade(three)).toMatchObject({ state: 'stopped' });
  });

  it('takes agents along that come meanwhile, and does without those that go', async () => {
    let go = () => {};
    scene.hold = new Promise((resolve) => {
      go = resolve;
    });
    await scene.begin(two);
    scene.fates.push({ kind: 'failed', reason: 'it is not there any more' });
    scene.agents = ['a2', 'a3', 'a4'].map(agentId);
    go();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(scene.upgrades.view()).toMatchObject({ state: 'done' });
    expect(scene.born).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('is refused with an older image, another of the same version, beside another, and while somebody is not well', async () => {
    await scene.upgrade(two);
    await expect(scene.begin(one)).rejects.toMatchObject({
      code: 'ATTESTATION_REFUSED',
      message: 'version 1: it is older than version 2, which agents run already',
    });
    await expect(scene.begin(release(2, { agent: 'other' }))).rejects.toMatchObject({
      code: 'ATTESTATION_REFUSED',
    });
    scene.ill.add(agentId('a3'));
    await expect(scene.begin(three)).rejects.toMatchObject({ code: 'CONFLICT', message: /^a3 is not/ });
    scene.ill.clear();
    await scene.begin(three);
    await expect(scene.begin(release(4))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(scene.kept).toBe(2);
  });

  it('that is only planned, or to what is there already, changes nothing', async () => {
    expect(scene.upgrades.view()).toMatchObject({ state: 'none', from: { version: 1 } });
    expect(scene.upgrades.plan(scene.offer(two))).toMatchObject({ state: 'planned', to: { version: 2 } });
    expect(await scene.begin(one)).toMatchObject({ state: 'planned', to: { version: 1 } });
    expect([scene.born, scene.steps, scene.kept]).toEqual([[], [], 0]);
  });
});

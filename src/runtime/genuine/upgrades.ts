import { MusterError } from '../../protocol/errors.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { UpgradeView } from '../../protocol/upgrade.ts';
import type { AgentImage } from './agent-image.ts';
import type { AgentImages } from './agent-images.ts';
import { digestOf } from './agent-images.ts';
import type { Fate, Rebirth } from './renewal.ts';
import type { OfferedImage } from './take-image.ts';

/** An agent that ends itself while its successor comes up is begun with again, this often in all. */
const MOST_TRIES = 3;

export interface UpgradesOptions {
  readonly images: AgentImages;
  /** Those there are now. */
  agents(): readonly AgentId[];
  /** Attested, in a group that has a key. */
  isWell(agent: AgentId): boolean;
  /** Of the image of the incarnation that acts, as the ledger has it. */
  versionOf(agent: AgentId): number;
  /** Starts an agent's successor from that image, and resolves once that acts in its place or has come to nothing. */
  bear(agent: AgentId, image: AgentImage): Promise<Fate>;
  /** Monotonic, ms. */
  nowMs(): number;
  /** A step is done. */
  onStep(text: string, durationMs: number): void;
  /** It goes no further. */
  onStopped(agent: AgentId, reason: string): void;
}

interface Upgrade {
  readonly from: AgentImage;
  readonly to: AgentImage;
  readonly startedBy: string;
  readonly beganMs: number;
  state: 'running' | 'done' | 'stopped';
  underWay: AgentId | undefined;
  endedMs: number | undefined;
  reason: string | undefined;
}

const NOT_BEGUN = { startedBy: null, durationMs: null, reason: null } as const;

/**
 * Has all agents of a pipeline go over to a newer image while they look after what they look after: one at a time, each by a successor that is
 * attested before its agent hands over. When a successor comes to nothing it goes no further; nobody goes back.
 */
export class Upgrades {
  readonly #options: UpgradesOptions;
  #last: Upgrade | undefined;

  constructor(options: UpgradesOptions) {
    this.#options = options;
  }

  /** How the last one stands. */
  view(): UpgradeView {
    const last = this.#last;
    const { images, nowMs } = this.#options;
    if (last === undefined)
      return { ...NOT_BEGUN, state: 'none', from: aboutImage(images.current), to: null, agents: [] };
    return {
      state: last.state,
      from: aboutImage(last.from),
      to: aboutImage(last.to),
      startedBy: last.startedBy,
      agents: this.#agents(last.to, last.underWay),
      durationMs: Math.round((last.endedMs ?? nowMs()) - last.beganMs),
      reason: last.reason ?? null,
    };
  }

  /** What `begin` would do, and changes nothing. @throws what `begin` throws. */
  plan({ image }: OfferedImage): UpgradeView {
    this.#check(image);
    return {
      ...NOT_BEGUN,
      state: 'planned',
      from: aboutImage(this.#options.images.current),
      to: aboutImage(image),
      agents: this.#agents(image, undefined),
    };
  }

  /**
   * Resolves once it is on its way, or at once when there is nothing to do: `view` tells how it goes on.
   * @throws ATTESTATION_REFUSED for an image that is not newer than what agents run, CONFLICT while there is another upgrade or somebody is not well.
   */
  async begin(offered: OfferedImage, startedBy: string): Promise<UpgradeView> {
    const { images, nowMs, onStep } = this.#options;
    const { image } = offered;
    this.#check(image);
    const waiting = this.#waiting(image);
    if (waiting.length === 0) {
      // Whoever stood in the way of an earlier one has gone.
      if (digestOf(images.current) !== digestOf(image)) {
        await offered.keep();
        images.end(image);
      }
      return this.plan(offered);
    }
    const beganMs = nowMs();
    const upgrade: Upgrade = {
      from: images.current,
      to: image,
      startedBy,
      beganMs,
      state: 'running',
      underWay: undefined,
      endedMs: undefined,
      reason: undefined,
    };
    const before = this.#last;
    // Before anything else can be begun.
    this.#last = upgrade;
    try {
      await offered.keep();
    } catch (cause) {
      this.#last = before;
      throw new MusterError('CANNOT_WRITE', 'the image cannot be kept', { hint: 'is the disk full?', cause });
    }
    images.begin(image);
    const { name, version, sha256 } = aboutImage(image);
    onStep(
      `the image of ${name}, version ${version} (sha256 ${sha256.slice(0, 12)}…), is whole and its operator's; ${startedBy} has ${waiting.length} agents go over to it`,
      Math.round(nowMs() - beganMs),
    );
    void this.#run(upgrade);
    return this.view();
  }

  async #run(upgrade: Upgrade): Promise<void> {
    const { images, nowMs, onStep, bear, agents } = this.#options;
    const { to, beganMs } = upgrade;
    const { version } = to.verified.manifest;
    const tries = new Map<AgentId, number>();
    for (;;) {
      const [agent] = this.#waiting(to);
      if (agent === undefined) break;
      const tried = (tries.get(agent) ?? 0) + 1;
      tries.set(agent, tried);
      upgrade.underWay = agent;
      const sinceMs = nowMs();
      const fate = await bear(agent, to);
      if (fate.kind === 'reborn' && images.isOn(agent, to)) {
        const left = this.#waiting(to).length;
        const done = agents().length - left;
        onStep(
          `${agent} has gone over to version ${version}, ${done} of ${done + left}: ${inWords(fate.rebirth)}`,
          Math.round(nowMs() - sinceMs),
        );
        continue;
      }
      if (fate.kind !== 'failed' && tried < MOST_TRIES) continue;
      // Gone meanwhile: there is nothing left to do about it.
      if (!agents().includes(agent)) continue;
      const reason =
        fate.kind === 'failed' ? fate.reason : `the agent itself has ended ${tried} times meanwhile`;
      this.#stop(upgrade, agent, reason);
      return;
    }
    images.end(to);
    upgrade.underWay = undefined;
    upgrade.state = 'done';
    upgrade.endedMs = nowMs();
    onStep(
      `all ${agents().length} agents are on version ${version}: older ones are refused from now on`,
      Math.round(upgrade.endedMs - beganMs),
    );
  }

  #stop(upgrade: Upgrade, agent: AgentId, why: string): void {
    const { versionOf, nowMs, onStopped, agents } = this.#options;
    const { version } = upgrade.to.verified.manifest;
    const left = this.#waiting(upgrade.to).length;
    upgrade.state = 'stopped';
    upgrade.underWay = undefined;
    upgrade.endedMs = nowMs();
    upgrade.reason = `the successor of ${agent} has come to nothing: ${why}. It goes on with version ${versionOf(agent)}; ${agents().length - left} of ${agents().length} agents are on version ${version}`;
    onStopped(agent, upgrade.reason);
  }

  #check(image: AgentImage): void {
    const { images, agents, isWell } = this.#options;
    const { version } = image.verified.manifest;
    if (this.#last?.state === 'running') {
      throw new MusterError('CONFLICT', 'agents are going over to another image', {
        hint: 'muster pipeline upgrade tells how far they are',
      });
    }
    const newest = images.newestOf(agents());
    const { version: there } = newest.verified.manifest;
    if (version < there || (version === there && digestOf(image) !== digestOf(newest))) {
      const why =
        version < there ? `it is older than version ${there}` : 'that version is another image here';
      throw new MusterError('ATTESTATION_REFUSED', `version ${version}: ${why}, which agents run already`, {
        hint: `a newer release: muster image build ${newest.verified.manifest.agent} --release ${there + 1}`,
      });
    }
    const ill = agents().find((each) => !isWell(each));
    if (ill === undefined || this.#waiting(image).length === 0) return;
    throw new MusterError(
      'CONFLICT',
      `${ill} is not attested, or its group has no key: agents go over when all are well`,
      {
        hint: 'muster status',
      },
    );
  }

  /** Agents that have not gone over. */
  #waiting(image: AgentImage): readonly AgentId[] {
    const { agents, images } = this.#options;
    return agents().filter((agent) => !images.isOn(agent, image));
  }

  #agents(image: AgentImage, underWay: AgentId | undefined): UpgradeView['agents'] {
    const { agents, versionOf, images } = this.#options;
    return agents().map((name) => ({
      name,
      version: versionOf(name),
      state: images.isOn(name, image) ? 'done' : name === underWay ? 'under-way' : 'waits',
    }));
  }
}

function aboutImage(image: AgentImage): UpgradeView['from'] {
  const { agent: name, version } = image.verified.manifest;
  return { name, version, sha256: digestOf(image).slice(2) };
}

function inWords({ attestedAfterMs, gapMs }: Rebirth): string {
  return `its successor was attested after ${(attestedAfterMs / 1000).toFixed(1)} s, and for ${Math.round(gapMs)} ms neither acted`;
}

import { randomBytes } from 'node:crypto';
import { argvOf } from '../../adapters/evidence-guard/spawn-agent.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import { agentSpecOf } from '../guard/expected.ts';
import { imageDigest } from '../image/wrap-image.ts';
import type { Registry } from '../registry/registry.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import type { AgentImage } from './agent-image.ts';
import type { UserClaim } from './claim-users.ts';
import { claimUsers } from './claim-users.ts';
import { StartLimit } from './start-limit.ts';

export interface PlacerOptions {
  /** How many agents there may be in all. */
  readonly agents: number;
  /** What they are started from; its signature has been checked. */
  readonly image: AgentImage;
  describe(agent: AgentId, incarnation: number): AgentConfig;
  /** As the ledger has it; 0: none yet. */
  lastIncarnation(agent: AgentId): number;
  guardOf(agent: AgentId): { readonly sha256: string } | undefined;
  order(agent: AgentId, order: SpawnOrder): void;
}

/** Brings incarnations of agents to life: registers each with a fresh salt, and has its guard start it. */
export class Placer {
  readonly #options: PlacerOptions;
  /** The last incarnation of each that is registered. */
  readonly #registered = new Map<AgentId, number>();
  readonly limit = new StartLimit(monotonicMs);
  #users: UserClaim | undefined;

  constructor(options: PlacerOptions) {
    this.#options = options;
  }

  /** Has its guard start the next incarnation of an agent. `index` gives it a user of its own. */
  start(agent: AgentId, index: number): SpawnOrder {
    const { image, describe, order: give, lastIncarnation } = this.#options;
    const { manifest } = image.verified;
    const incarnation = Math.max(this.#registered.get(agent) ?? 0, lastIncarnation(agent)) + 1;
    const config = describe(agent, incarnation);
    const order: SpawnOrder = {
      name: agent,
      key: config.key,
      incarnation,
      image: image.file,
      imageDigest: `0x${imageDigest(manifest)}`,
      version: manifest.version,
      config: JSON.stringify(config),
      salt: randomBytes(32).toString('hex'),
      ...(process.getuid?.() === 0 ? { uid: this.#firstUid() + index } : {}),
    };
    give(agent, order);
    return order;
  }

  /** Each agent of this pipeline has a user of its own. */
  #firstUid(): number {
    this.#users ??= claimUsers(this.#options.agents);
    return this.#users.first;
  }

  /** Gives the users back: no agent runs any more. */
  close(): void {
    this.#users?.release();
    this.#users = undefined;
  }

  /** Resolves once the registration is final, with what went wrong if anything did. */
  async register(order: SpawnOrder, registry: Registry): Promise<string | undefined> {
    const { image, guardOf } = this.#options;
    const guard = guardOf(order.name);
    if (guard === undefined) return 'it has no guard';
    const trouble = await registry.register({
      order,
      manifest: image.verified.manifest,
      argv: argvOf(agentSpecOf(order, image.verified, notHere)),
      guardSha256: guard.sha256,
    });
    if (trouble === undefined) this.#registered.set(order.name, order.incarnation);
    return trouble;
  }
}

/** The registry starts nothing: programs for the machine itself are refused before it comes to that. */
function notHere(): string {
  throw new RangeError('no program is installed here');
}

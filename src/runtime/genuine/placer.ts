import { randomBytes } from 'node:crypto';
import { installProgram } from '../../adapters/evidence-guard/install-program.ts';
import { argvOf } from '../../adapters/evidence-guard/spawn-agent.ts';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentKey } from '../../protocol/ledger.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import { agentSpecOf } from '../guard/expected.ts';
import type { Registry } from '../registry/registry.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import type { AgentImage } from './agent-image.ts';
import type { AgentImages } from './agent-images.ts';
import { digestOf } from './agent-images.ts';
import type { UserClaim } from './claim-users.ts';
import { claimUsers } from './claim-users.ts';
import { nativeSegments } from './native-program.ts';
import { StartLimit } from './start-limit.ts';

export interface PlacerOptions {
  /** How many agents there may be in all. */
  readonly agents: number;
  /** What they are started from; signatures have been checked. */
  readonly images: Pick<AgentImages, 'of' | 'native'>;
  /** Where guards put native programs. */
  readonly programs: string;
  describe(agent: AgentId, incarnation: number): AgentConfig;
  /** As the ledger has it, of the agent and its successor; 0: none yet. */
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
  /** Which of an agent's two users it runs as: its successor, which runs at the same time, is the other. */
  readonly #side = new Map<AgentId, 0 | 1>();
  /** What each was ordered with: its agent may have another image by the time it is registered. */
  readonly #imageOf = new WeakMap<SpawnOrder, AgentImage>();

  constructor(options: PlacerOptions) {
    this.#options = options;
  }

  /** Has its guard start the next incarnation of an agent. `index` gives it users of its own. */
  start(agent: AgentId, index: number): SpawnOrder {
    const user = 2 * index + (this.#side.get(agent) ?? 0);
    return this.#order(agent, agentKeyOf(agent), user, this.#options.images.of(agent));
  }

  /** The same beside the one that runs, from a newer image if it is to go over to that. */
  startBeside(agent: AgentId, index: number, newer?: AgentImage): SpawnOrder {
    const user = 2 * index + 1 - (this.#side.get(agent) ?? 0);
    const image = newer ?? this.#options.images.of(agent);
    return this.#order(agent, seatBeside(agentKeyOf(agent)), user, image);
  }

  /** The successor of an agent has taken over. */
  succeeded(agent: AgentId): void {
    this.#side.set(agent, this.#side.get(agent) === 1 ? 0 : 1);
  }

  #order(agent: AgentId, key: AgentKey, user: number, image: AgentImage): SpawnOrder {
    const { describe, order: give, lastIncarnation, images } = this.#options;
    const incarnation = Math.max(this.#registered.get(agent) ?? 0, lastIncarnation(agent)) + 1;
    const native = images.native(agent);
    const order: SpawnOrder = {
      name: agent,
      key,
      incarnation,
      image: image.file,
      imageDigest: digestOf(image),
      version: image.verified.manifest.version,
      config: JSON.stringify(describe(agent, incarnation)),
      salt: randomBytes(32).toString('hex'),
      ...(process.getuid?.() === 0 ? { uid: this.#firstUid() + user } : {}),
      ...(native === undefined ? {} : { arguments: [...native.arguments] }),
    };
    this.#imageOf.set(order, image);
    give(agent, order);
    return order;
  }

  /** Each agent of this pipeline has two users of its own. */
  #firstUid(): number {
    this.#users ??= claimUsers(2 * this.#options.agents);
    return this.#users.first;
  }

  /** Gives the users back: no agent runs any more. */
  close(): void {
    this.#users?.release();
    this.#users = undefined;
  }

  /** Resolves once the registration is final, with what went wrong if anything did. */
  async register(order: SpawnOrder, registry: Registry): Promise<string | undefined> {
    const { guardOf, programs } = this.#options;
    const verified = this.#imageOf.get(order)?.verified;
    const guard = guardOf(order.name);
    if (verified === undefined) return 'it was not ordered here';
    if (guard === undefined) return 'it has no guard';
    const spec = agentSpecOf(order, verified, (program) => installProgram(program, programs));
    const trouble = await registry.register({
      order,
      manifest: verified.manifest,
      argv: argvOf(spec),
      guardSha256: guard.sha256,
      ...(spec.program.kind === 'native' ? { segments: await nativeSegments(spec) } : {}),
    });
    if (trouble === undefined) this.#registered.set(order.name, order.incarnation);
    return trouble;
  }
}

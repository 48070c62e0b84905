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
import { imageDigest } from '../image/wrap-image.ts';
import type { Registry } from '../registry/registry.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import type { AgentImage } from './agent-image.ts';
import type { UserClaim } from './claim-users.ts';
import { claimUsers } from './claim-users.ts';
import type { NativeAgent } from './native-program.ts';
import { nativeSegments } from './native-program.ts';
import { StartLimit } from './start-limit.ts';

export interface PlacerOptions {
  /** How many agents there may be in all. */
  readonly agents: number;
  /** What they are started from; its signature has been checked. */
  readonly image: AgentImage;
  /** Agents that are started from an image of their own, and are no Node programs. */
  readonly native: ReadonlyMap<AgentId, NativeAgent>;
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

  constructor(options: PlacerOptions) {
    this.#options = options;
  }

  /** Has its guard start the next incarnation of an agent. `index` gives it users of its own. */
  start(agent: AgentId, index: number): SpawnOrder {
    return this.#order(agent, agentKeyOf(agent), 2 * index + (this.#side.get(agent) ?? 0));
  }

  /** The same beside the one that runs. */
  startBeside(agent: AgentId, index: number): SpawnOrder {
    const other = 1 - (this.#side.get(agent) ?? 0);
    return this.#order(agent, seatBeside(agentKeyOf(agent)), 2 * index + other);
  }

  /** The successor of an agent has taken over. */
  succeeded(agent: AgentId): void {
    this.#side.set(agent, this.#side.get(agent) === 1 ? 0 : 1);
  }

  #order(agent: AgentId, key: AgentKey, user: number): SpawnOrder {
    const { describe, order: give, lastIncarnation } = this.#options;
    const { file, verified } = this.#imageOf(agent);
    const { manifest } = verified;
    const incarnation = Math.max(this.#registered.get(agent) ?? 0, lastIncarnation(agent)) + 1;
    const native = this.#options.native.get(agent);
    const order: SpawnOrder = {
      name: agent,
      key,
      incarnation,
      image: file,
      imageDigest: `0x${imageDigest(manifest)}`,
      version: manifest.version,
      config: JSON.stringify(describe(agent, incarnation)),
      salt: randomBytes(32).toString('hex'),
      ...(process.getuid?.() === 0 ? { uid: this.#firstUid() + user } : {}),
      ...(native === undefined ? {} : { arguments: [...native.arguments] }),
    };
    give(agent, order);
    return order;
  }

  #imageOf(agent: AgentId): AgentImage {
    return this.#options.native.get(agent)?.image ?? this.#options.image;
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
    const { verified } = this.#imageOf(order.name);
    const guard = guardOf(order.name);
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

import { setTimeout as pause } from 'node:timers/promises';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import { needsEpoch } from '../../core/attestation/steward.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentKey, LedgerBlock } from '../../protocol/ledger.ts';
import type { FromGuard, SpawnOrder } from '../../protocol/site-control.ts';
import type { TrustView } from '../trust/trust-view.ts';
import type { AgentImage } from './agent-image.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { Placer } from './placer.ts';
import { REBORN_EVERY_MS } from './rebirths.ts';
import type { Fate } from './renewal.ts';
import { Renewal } from './renewal.ts';
import type { Roster } from './roster.ts';

/** After how long an incarnation that is refused is tried again; longer once it has been often, e.g. while the ledger is away. */
const AGAIN_AFTER_MS = 1000;
const QUICK_TRIES = 5;
const LATER_AGAIN_AFTER_MS = 10_000;
const GONE_WITHIN_MS = 5000;

type Started = Extract<FromGuard, { kind: 'started' }>;
type Exited = Extract<FromGuard, { kind: 'exited' }>;

/** Where incarnations are registered, once there is a registry. */
export interface Registrar {
  /** Resolves once that is final, with what went wrong if anything did. */
  register(order: SpawnOrder): Promise<string | undefined>;
  /** A successor is not to be attested any more. */
  giveUp(seat: AgentKey, reason: string): void;
}

export interface AgentLivesOptions
  extends Pick<PipelineOptions, 'rebirthEveryMs' | 'isWanted' | 'onTakeover' | 'onReborn' | 'onFault'> {
  readonly roster: Pick<Roster, 'specs' | 'has' | 'placeOf'>;
  readonly trust: TrustView;
  readonly placer: Pick<Placer, 'start' | 'startBeside' | 'succeeded' | 'limit'>;
  /** Undefined: there is none yet. */
  registrar(): Registrar | undefined;
  /** Monotonic, ms. */
  nowMs(): number;
  /** Has the guard of an agent end one of its incarnations. */
  kill(agent: AgentId, incarnation: number, reason: string): void;
}

/** What runs of each agent: its process from start to end, its next incarnation when that has ended, and its successor beside it. */
export class AgentLives {
  readonly #options: AgentLivesOptions;
  /** What each agent's next incarnation has to wait for. */
  readonly #placing = new Map<AgentId, Promise<void>>();
  /** Of the agents that run, by name. */
  readonly #pids = new Map<string, number>();
  /** Who waits for the end of an agent's process. */
  readonly #onGone = new Map<AgentId, () => void>();
  #renewal: Renewal | undefined;
  #closed = false;

  constructor(options: AgentLivesOptions) {
    this.#options = options;
  }

  pidOf(agent: string): number | undefined {
    return this.#pids.get(agent);
  }

  /** Agents that are not started again, and why. */
  staysDown(): ReadonlyMap<AgentId, string> {
    return this.#options.placer.limit.down;
  }

  /** Has the guards start all agents; who calls registers them. */
  startAll(): readonly SpawnOrder[] {
    const { roster, placer } = this.#options;
    return roster.specs.map(({ name }) => placer.start(name, roster.placeOf(name)));
  }

  /** False: it was refused, which has been told. */
  async register(order: SpawnOrder): Promise<boolean> {
    return (await this.#register(order)) === undefined;
  }

  /** Why it was refused, which has been told; undefined: it was not. */
  async #register(order: SpawnOrder): Promise<string | undefined> {
    const registrar = this.#options.registrar();
    const trouble = registrar === undefined ? 'there is no registry yet' : await registrar.register(order);
    if (trouble !== undefined && !this.#closed) this.#options.onFault('not-registered', order.name, trouble);
    return trouble;
  }

  /** The next incarnation of an agent, once the one under way is registered or refused; tried again if it is refused. */
  place(agent: AgentId): void {
    this.#renewal?.abandon(agent);
    const before = this.#placing.get(agent) ?? Promise.resolve();
    const next = before.then(async () => {
      const { roster, placer, registrar, onFault } = this.#options;
      const index = roster.placeOf(agent);
      if (registrar() === undefined || !this.#isWanted(agent)) return;
      const staysDown = placer.limit.start(agent);
      if (staysDown !== undefined) onFault('agent-stays-down', agent, staysDown);
      for (let tries = 1; staysDown === undefined && this.#isWanted(agent); tries++) {
        if (await this.register(placer.start(agent, index))) return;
        const ms = tries < QUICK_TRIES ? AGAIN_AFTER_MS : LATER_AGAIN_AFTER_MS;
        await pause(ms, undefined, { ref: false });
      }
    });
    this.#placing.set(agent, next);
  }

  /** The operator's word: an agent that stays down is started once more. False: it was not down. */
  startAgain(agent: AgentId): boolean {
    if (this.#closed || !this.#options.placer.limit.forgive(agent)) return false;
    this.place(agent);
    return true;
  }

  /** Agents whose guard has ended with them start anew once the one in its place may speak for them. */
  startAnew(agents: readonly AgentId[], enrolled: Promise<void>): void {
    for (const agent of agents) {
      const placing = this.#placing.get(agent) ?? Promise.resolve();
      this.#placing.set(
        agent,
        placing.then(() => enrolled),
      );
      if (this.#isWanted(agent)) this.place(agent);
    }
  }

  /** Resolves once an agent has no process, at once when it has none; a guard that ends takes its agents with it. */
  gone(agent: AgentId): Promise<void> {
    if (!this.#pids.has(agent)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#onGone.delete(agent);
        resolve();
      };
      const timer = setTimeout(done, GONE_WITHIN_MS);
      this.#onGone.set(agent, done);
    });
  }

  started({ agent, incarnation, pid }: Omit<Started, 'kind'>): void {
    if (this.#renewal?.isSuccessor(agent, incarnation)) this.#renewal.started(agent, incarnation, pid);
    else this.#pids.set(agent, pid);
  }

  keyed(agent: AgentId, incarnation: number): void {
    this.#renewal?.keyed(agent, incarnation);
  }

  welcomed(agent: AgentId, incarnation: number): void {
    this.#renewal?.welcomed(agent, incarnation);
  }

  exited({ agent, incarnation, reason }: Omit<Exited, 'kind'>): void {
    const { onFault } = this.#options;
    if (this.#renewal?.ended(agent, incarnation, reason)) {
      if (!this.#closed) onFault('successor-ended', agent, reason);
      return;
    }
    // Its successor has the place already.
    if (incarnation < this.#incarnationOf(agent)) return;
    this.#pids.delete(agent);
    this.#onGone.get(agent)?.();
    if (this.#closed) return;
    onFault('agent-ended', agent, reason);
    if (this.#isWanted(agent)) this.place(agent);
  }

  onBlock(block: LedgerBlock): void {
    this.#renewal?.onBlock(block);
  }

  /** From now on each agent is reborn now and then. */
  renew(): void {
    const { roster, rebirthEveryMs = REBORN_EVERY_MS, placer, kill, nowMs } = this.#options;
    this.#renewal = new Renewal({
      agents: () => roster.specs.map((each) => each.name),
      everyMs: rebirthEveryMs,
      nowMs,
      isWell: (agent) => this.isWell(agent),
      startBeside: (agent, newer) => {
        const order = placer.startBeside(agent, roster.placeOf(agent), newer);
        const { incarnation } = order;
        void this.#register(order).then((trouble) => {
          if (trouble === undefined || this.#renewal?.refused(agent, incarnation, trouble) !== true) return;
          kill(agent, incarnation, 'it was not registered');
        });
        return order;
      },
      giveUp: (agent, named) => {
        if (named) this.place(agent);
        else
          this.#options.registrar()?.giveUp(seatBeside(agentKeyOf(agent)), 'it has not taken over in time');
      },
      onTakeover: (agent, pid) => {
        placer.succeeded(agent);
        if (pid !== undefined) this.#pids.set(agent, pid);
        this.#options.onTakeover(agent);
      },
      onReborn: this.#options.onReborn,
    });
  }

  /** Whether an agent may be reborn now: it is attested, and between two epochs there would be two changes of the group at a time. */
  isWell(agent: AgentId): boolean {
    const { trust } = this.#options;
    return (
      this.#isWanted(agent) && trust.attested(agentKeyOf(agent)) !== undefined && !needsEpoch(trust.state)
    );
  }

  /** Has an agent reborn from a newer image, as soon as it is well. */
  bear(agent: AgentId, image: AgentImage): Promise<Fate> {
    if (this.#renewal !== undefined) return this.#renewal.bear(agent, image);
    return Promise.resolve({ kind: 'failed', reason: 'the pipeline is not up yet' });
  }

  /** Nothing is started, and nothing told, from now on. */
  close(): void {
    this.#closed = true;
  }

  #isWanted(agent: AgentId): boolean {
    const { roster, isWanted } = this.#options;
    return !this.#closed && roster.has(agent) && isWanted(agent);
  }

  #incarnationOf(agent: AgentId): number {
    return this.#options.trust.state.agents.get(agentKeyOf(agent))?.incarnation ?? 0;
  }
}

import { type ChangePlan, pipelineChanges } from '../../core/pipeline-plan/pipeline-changes.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { PipelineDescriptor } from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { Lack, ServiceControlView } from '../../protocol/service-control.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { AgentGroup } from '../pipelines/agent-group.ts';
import { changePipeline, interrupted } from '../pipelines/change-pipeline.ts';
import { pipelineName, servicePipeline } from '../pipelines/plan-service-pipeline.ts';
import type { ServiceToControl } from '../pipelines/service-to-control.ts';
import { ATTESTED_WITHIN_MS, notAttested } from '../pipelines/until-attested.ts';
import { fingerprintOf } from './fingerprint.ts';
import { lacksIn, lacksOf } from './lacks.ts';

export interface ServiceControlDeps {
  readonly group: AgentGroup;
  /** As they stand now. */
  services(): readonly ServiceInstance[];
  /** @throws MusterError when a service cannot be planned for. */
  toControl(service: ServiceInstance): Promise<ServiceToControl>;
  readonly clock: Clock;
  /** How often it looks though nothing has been heard, and tries again what did not succeed, ms. */
  readonly everyMs: number;
  /** A change of a service's agents has been made, or they cannot be as they are to be. */
  onStep(service: Named, text: string): void;
}

type Named = Pick<ServiceInstance, 'id' | 'name'>;

/** How many agents can play each role that is auctioned, as of `muster pipeline plan`. */
const BIDDERS = 2;

/** A service that has control agents, or shall have them. */
interface Kept {
  readonly service: Named;
  /** The name of its pipeline. */
  readonly name: string;
  /** What was asked for when its agents were last seen to, see `fingerprintOf`; undefined: it is to be tried again. */
  tried: string | undefined;
  /** What its agents are to be, and since when they are; undefined: that has not come about yet. */
  reached: { readonly pipeline: PipelineDescriptor; readonly sinceMs: number } | undefined;
  /** Whether agents of a pipeline of that name may be there for it. */
  owns: boolean;
  lacks: readonly Lack[];
}

interface Changing {
  readonly id: string;
  /** What is being brought about; undefined: that there are none any more. */
  readonly wish: string | undefined;
  readonly stop: AbortController;
}

/**
 * Keeps the control agents of services with `control: planned` in step with them: plans from where their units are, and changes what is up.
 * Nothing is remembered beyond this process, whose agents end with it: whoever comes next plans anew. Pipelines that an operator has
 * applied for other services are left alone.
 */
export class ServiceControl {
  readonly #deps: ServiceControlDeps;
  /** By the id of the service. */
  readonly #kept = new Map<string, Kept>();
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  /** Whether agents are looked at too, which others may have changed, and not services alone. */
  #thorough = true;
  #changing: Changing | undefined;
  #closed = false;

  constructor(deps: ServiceControlDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#tick();
    this.heard();
  }

  /** Nothing is changed from now on, but for a change that is being made; agents stay as they are. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#changing?.stop.abort();
  }

  /** Services are others than before. */
  heard(): void {
    if (this.#closed) return;
    // Nobody waits for agents that are not wanted any more.
    if (this.#changing !== undefined && this.#changing.wish !== this.#wishOf(this.#changing.id))
      this.#changing.stop.abort();
    this.#again = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Services whose agents are not as they are to be, and why. */
  get lacking(): readonly { readonly service: Named; readonly lacks: readonly Lack[] }[] {
    return [...this.#kept.values()].filter(({ lacks }) => lacks.length > 0);
  }

  async viewOf(service: ServiceInstance): Promise<ServiceControlView> {
    const view = await this.#deps.group.view();
    const name = pipelineName(service.name, view.name);
    const kept = this.#kept.get(service.id);
    const control = service.wanted.control ?? 'none';
    const agents = view.agents
      .filter((each) => each.pipeline === name && (each.service ?? service.name) === service.name)
      .map(({ pipeline: _, service: __, ...agent }) => agent);
    const lacks = [...(kept?.lacks ?? []), ...this.#lateOf(kept, agents)];
    const pipeline = control === 'none' && agents.length === 0 ? null : name;
    return { control, pipeline, state: this.#stateOf(service, lacks, agents), lacks, agents };
  }

  #stateOf(
    service: ServiceInstance,
    lacks: readonly Lack[],
    agents: ServiceControlView['agents'],
  ): ServiceControlView['state'] {
    const kept = this.#kept.get(service.id);
    if (this.#changing?.id === service.id) return 'changing';
    if (lacks.length > 0) return 'lacking';
    if (!isWanted(service)) {
      if (kept?.owns === true) return 'changing';
      return service.wanted.control === 'planned' ? 'waiting' : 'none';
    }
    if (service.operation !== null) return 'waiting';
    if (!this.#isReached(service)) return 'changing';
    return agents.every(({ attested, keyed }) => attested && keyed) ? 'up' : 'attesting';
  }

  #lateOf(kept: Kept | undefined, agents: ServiceControlView['agents']): readonly Lack[] {
    const { sinceMs } = kept?.reached ?? {};
    if (sinceMs === undefined || this.#deps.clock.nowMs() - sinceMs < ATTESTED_WITHIN_MS) return [];
    return agents.flatMap(({ name, attested }) => (attested ? [] : lacksOf(notAttested(name))));
  }

  #tick(): void {
    const { clock, everyMs } = this.#deps;
    this.#timer = clock.at(clock.nowMs() + everyMs, () => {
      for (const kept of this.#kept.values()) if (kept.lacks.length > 0) kept.tried = undefined;
      this.#thorough = true;
      this.heard();
      if (!this.#closed) this.#tick();
    });
  }

  async #look(): Promise<void> {
    // What is said at the same moment counts together.
    await Promise.resolve();
    while (this.#again && !this.#closed) {
      this.#again = false;
      const thorough = this.#thorough;
      this.#thorough = false;
      const wanted = this.#wanted();
      // First who goes: others may need the hosts.
      for (const [id, kept] of this.#kept)
        if (!wanted.some((service) => service.id === id)) await this.#remove(kept);
      for (const service of wanted) {
        if (this.#again || this.#closed) {
          this.#thorough ||= thorough;
          break;
        }
        // Where its units come to be is known once that is over.
        if (service.operation === null && (thorough || !this.#isReached(service))) await this.#keep(service);
      }
    }
  }

  #wanted(): readonly ServiceInstance[] {
    return this.#deps
      .services()
      .filter(isWanted)
      .toSorted((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
  }

  #wishOf(id: string): string | undefined {
    const service = this.#wanted().find((each) => each.id === id);
    return service && fingerprintOf(service);
  }

  #isReached(service: ServiceInstance): boolean {
    const kept = this.#kept.get(service.id);
    return kept?.reached !== undefined && kept.tried === fingerprintOf(service);
  }

  async #keep(service: ServiceInstance): Promise<void> {
    const { id, name } = service;
    const wish = fingerprintOf(service);
    await this.#tried({ id, name }, wish, async (kept, view) => {
      const { reached } = kept;
      const other = this.#otherOf(kept, view);
      if (other !== undefined) return [sameName(kept.name, other)];
      if (kept.tried === wish && reached !== undefined && isSo(reached.pipeline, view)) return [];
      const planned = servicePipeline({
        ...(await this.#deps.toControl(service)),
        substrate: undefined,
        view,
        perRound: undefined,
        bidders: BIDDERS,
      });
      if ('refusals' in planned) return lacksIn(planned);
      kept.owns = true;
      kept.reached = undefined;
      const { pipeline } = planned;
      const lacks = await this.#change(kept, wish, pipeline, view);
      if (lacks.length === 0) kept.reached = { pipeline, sinceMs: this.#deps.clock.nowMs() };
      return lacks;
    });
  }

  /** The agents of a service go that has ended, or shall have none any more. */
  async #remove({ service, owns }: Kept): Promise<void> {
    // One of the same name has come in its place, and takes them over.
    const hasHeir = this.#wanted().some(({ name }) => name === service.name);
    if (!owns || hasHeir) {
      this.#kept.delete(service.id);
      return;
    }
    await this.#tried(service, GONE, async (kept, view) => {
      kept.reached = undefined;
      const none = { name: kept.name, service: service.name, agents: [] };
      const lacks = await this.#change(kept, undefined, none, view);
      if (lacks.length === 0) this.#kept.delete(service.id);
      return lacks;
    });
  }

  /** Another service whose pipeline has the same name, as far as agents can bear names. */
  #otherOf({ name, service }: Kept, view: PipelineView): string | undefined {
    const kept = [...this.#kept.values()].find(
      (each) => each.owns && each.name === name && each.service.name !== service.name,
    );
    const applied = view.agents.find(
      (each) => each.pipeline === name && each.service !== undefined && each.service !== service.name,
    );
    return kept?.service.name ?? applied?.service;
  }

  async #change(
    { service }: Kept,
    wish: string | undefined,
    pipeline: PipelineDescriptor,
    view: PipelineView,
  ): Promise<readonly Lack[]> {
    const plan = pipelineChanges(pipeline, view);
    if ('refusals' in plan) return lacksIn(plan);
    if (isNothing(plan)) return [];
    const { group, onStep } = this.#deps;
    const stop = new AbortController();
    const { signal } = stop;
    this.#changing = { id: service.id, wish, stop };
    try {
      // It may have been another since it was looked at.
      if (wish !== this.#wishOf(service.id)) throw interrupted();
      await changePipeline({
        ...{ pipeline, plan, view, group, signal },
        onMade: ({ agent, change, what }) =>
          onStep(service, change === 'order' ? what : `${change} ${agent} ${what}`),
      });
      return [];
    } finally {
      this.#changing = undefined;
    }
  }

  /** What fails is told once, and tried again when it is time for it, or something else is asked for. */
  async #tried(
    service: Named,
    wish: string,
    work: (kept: Kept, view: PipelineView) => Promise<readonly Lack[]>,
  ): Promise<void> {
    let kept = this.#kept.get(service.id);
    if (kept !== undefined && kept.tried === wish && kept.lacks.length > 0) return;
    const before = kept?.lacks ?? [];
    let lacks: readonly Lack[];
    try {
      const view = await this.#deps.group.view();
      kept ??= freshlyKept(service, pipelineName(service.name, view.name));
      this.#kept.set(service.id, kept);
      lacks = await work(kept, view);
    } catch (error) {
      if (error instanceof MusterError && error.code === 'INTERRUPTED') {
        if (kept !== undefined) kept.tried = undefined;
        this.#again = true;
        return;
      }
      lacks = lacksOf(error);
    }
    if (this.#closed || kept === undefined) return;
    kept.tried = wish;
    kept.lacks = lacks;
    const told = reasonsOf(lacks);
    if (told !== '' && told !== reasonsOf(before)) this.#deps.onStep(service, `not as planned: ${told}`);
  }
}

/** In place of what is asked for, where nothing is. */
const GONE = '';

function isWanted({ state, wanted }: ServiceInstance): boolean {
  return state === 'INSTANTIATED' && wanted.control === 'planned';
}

function freshlyKept(service: Named, name: string): Kept {
  return { service, name, tried: undefined, reached: undefined, owns: false, lacks: [] };
}

function isNothing({ changes, order }: ChangePlan): boolean {
  return changes.length === 0 && order === undefined;
}

function isSo(pipeline: PipelineDescriptor, view: PipelineView): boolean {
  const plan = pipelineChanges(pipeline, view);
  return !('refusals' in plan) && isNothing(plan);
}

function sameName(pipeline: string, other: string): Lack {
  return {
    reason: `the agents of ${other} are of the pipeline ${pipeline} already, which would be that of this service too`,
    mend: 'give one of the services a name that differs in letters or digits',
  };
}

function reasonsOf(lacks: readonly Lack[]): string {
  return lacks.map(({ reason, mend }) => `${reason} (${mend})`).join('; ');
}

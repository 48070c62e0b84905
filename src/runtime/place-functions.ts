import type { GoalOutcome } from '../core/bdi/goal.ts';
import type { Testbed } from '../ports/testbed.ts';
import type { AgentId, NodeName } from '../protocol/ids.ts';
import type { FunctionSpec, Scenario } from '../protocol/scenario.ts';

export interface Placement {
  readonly agent: AgentId;
  readonly host: NodeName;
}

/** Where functions have gone: filled as agents win them and the data plane has deployed them. */
export class Placements {
  readonly #placed = new Map<string, Placement>();
  readonly #running = new Set<string>();
  readonly #scenario: Scenario;
  readonly #testbed: Testbed;

  constructor(scenario: Scenario, testbed: Testbed) {
    this.#scenario = scenario;
    this.#testbed = testbed;
  }

  /** Functions in the order in which they are put out to auction: the most demanding first, as they are hardest to place. */
  inOrder(): readonly FunctionSpec[] {
    return [...this.#scenario.functions].sort((a, b) => b.cpu - a.cpu || b.memoryGb - a.memoryGb);
  }

  /** Whether a function has been deployed and runs. */
  isRunning(name: string): boolean {
    return this.#running.has(name);
  }

  of(name: string): Placement | undefined {
    return this.#placed.get(name);
  }

  ofKind(kind: FunctionSpec['kind']): readonly { spec: FunctionSpec; placement: Placement }[] {
    return this.#scenario.functions.flatMap((spec) => {
      const placement = this.#placed.get(spec.name);
      return spec.kind === kind && placement !== undefined ? [{ spec, placement }] : [];
    });
  }

  /** Forgets where an agent's functions were that only it kept alive; a server goes on without it. */
  release(agent: AgentId): readonly FunctionSpec[] {
    return this.#scenario.functions.filter(({ name, kind }) => {
      if (kind === 'web-server' || this.#placed.get(name)?.agent !== agent) return false;
      this.#running.delete(name);
      return this.#placed.delete(name);
    });
  }

  /** Deploys a function on the host of the agent that won it; called back meanwhile, it is taken down again. */
  place(
    agent: AgentId,
    host: NodeName,
    name: string,
    signal: AbortSignal,
    done: (outcome: GoalOutcome) => void,
  ): void {
    const spec = this.#scenario.functions.find((each) => each.name === name);
    if (spec === undefined || this.#placed.has(name)) {
      const why = spec === undefined ? 'is not in the scenario' : 'is placed already';
      done({ ok: false, error: `${name} ${why}` });
      return;
    }
    this.#placed.set(name, { agent, host });
    const deployed = spec.kind === 'web-server' ? this.#testbed.deploy(spec, host) : Promise.resolve();
    deployed.then(
      () => {
        if (signal.aborted) {
          this.#placed.delete(name);
          void this.#testbed.undeploy(spec).then(() => done({ ok: false, error: `${name} was called back` }));
          return;
        }
        this.#running.add(name);
        done({ ok: true, value: { name, host } });
      },
      (error: unknown) => {
        this.#placed.delete(name);
        done({ ok: false, error: String(error) });
      },
    );
  }

  /** The directed link that a link monitor is to watch: a trunk, or the one from the switch to a function's host. */
  watchedLink(watch: string): string | undefined {
    if (watch.includes('>')) return watch;
    const host = this.#placed.get(watch)?.host;
    const found = this.#scenario.topology.hosts.find((each) => each.name === host);
    return found === undefined ? undefined : `${found.switch}>${found.name}`;
  }
}

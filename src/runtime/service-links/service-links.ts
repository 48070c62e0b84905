import type { AgentEvent } from '../../core/bdi/event.ts';
import type { VirtualLinkPlane } from '../../ports/virtual-link-plane.ts';
import type { AgentId, LinkId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { WatchedPort } from './watched-ports.ts';

export interface ServiceLinksOptions {
  readonly plane: VirtualLinkPlane;
  /** Ports of all units that run now. */
  ports(): readonly WatchedPort[];
  /** Agents of the group, whether they run or not. */
  agents(): readonly AgentSpec[];
  siteOf(agent: AgentId): string | undefined;
  post(agent: AgentId, event: AgentEvent): void;
  onTrouble(text: string): void;
}

/**
 * Gives the virtual links of services to the agents of their pipelines: the ports of every service that has agents are guarded, and each is
 * watched by a link monitor of the service, one at its site where there is one.
 */
export class ServiceLinks {
  readonly #options: ServiceLinksOptions;
  readonly #alive = new Set<AgentId>();
  /** Who watches each link, and what it was told. */
  readonly #watched = new Map<LinkId, { readonly agent: AgentId; readonly told: string }>();
  #syncing: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: ServiceLinksOptions) {
    this.#options = options;
  }

  /** An agent has come, or come again, and knows nothing. */
  born(agent: AgentId): void {
    this.#forget(agent);
    this.#alive.add(agent);
    void this.sync();
  }

  ended(agent: AgentId): void {
    this.#forget(agent);
    this.#alive.delete(agent);
    void this.sync();
  }

  /** Services, units or agents are others than before; resolves once agents have been told. */
  sync(): Promise<void> {
    this.#again = true;
    this.#syncing ??= this.#run().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#syncing;
  }

  async #run(): Promise<void> {
    // What is said at the same moment, such as that an incarnation has taken over from another, counts together.
    await Promise.resolve();
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await this.#once();
      } catch (error) {
        this.#options.onTrouble(
          `the virtual links of services cannot be guarded: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }

  async #once(): Promise<void> {
    const { plane, ports, agents } = this.#options;
    const services = new Set(agents().flatMap(({ service }) => service ?? []));
    const wanted = ports().filter(({ service }) => services.has(service));
    const guarded = new Set(await plane.guard(wanted));
    const monitors = new Map<LinkId, readonly [WatchedPort, AgentId]>();
    for (const port of wanted) {
      const agent = guarded.has(port.link) ? this.#monitorOf(port) : undefined;
      if (agent !== undefined) monitors.set(port.link, [port, agent]);
    }
    for (const [link, { agent }] of [...this.#watched]) {
      if (monitors.get(link)?.[1] === agent) continue;
      this.#watched.delete(link);
      this.#tell(agent, 'unassigned', link, { reason: 'its unit has gone, or another agent watches it' });
    }
    for (const [link, [{ unit, assignment }, agent]] of monitors) {
      const told = JSON.stringify([unit, assignment]);
      const before = this.#watched.get(link)?.told;
      if (before === told) continue;
      // Another unit of the same name counts from 0.
      if (before !== undefined) this.#tell(agent, 'unassigned', link, { reason: 'it is to be watched anew' });
      this.#watched.set(link, { agent, told });
      this.#tell(agent, 'assigned', link, { ...assignment });
    }
  }

  #monitorOf({ service, site }: WatchedPort): AgentId | undefined {
    const { agents, siteOf } = this.#options;
    const able = agents()
      .filter((each) => each.service === service && each.capabilities.includes('link-monitor'))
      .map(({ name }) => name)
      .filter((name) => this.#alive.has(name))
      .sort();
    return able.find((name) => siteOf(name) === site) ?? able[0];
  }

  #forget(agent: AgentId): void {
    for (const [link, watched] of this.#watched) if (watched.agent === agent) this.#watched.delete(link);
  }

  #tell(agent: AgentId, topic: string, subject: string, value: Json): void {
    this.#options.post(agent, { kind: 'percept', topic, subject, value });
  }
}

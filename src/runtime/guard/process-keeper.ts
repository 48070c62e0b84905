import { dirname, join } from 'node:path';
import { installProgram } from '../../adapters/evidence-guard/install-program.ts';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { EvidenceSource } from '../../ports/evidence-source.ts';
import { AgentConfigSchema } from '../../protocol/agent-control.ts';
import type { AgentKey } from '../../protocol/ledger.ts';
import type { FromGuard, SpawnOrder, ToGuard } from '../../protocol/site-control.ts';
import { imageOfOrder } from '../image/read-image.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { connectDaemon } from './connect-daemon.ts';
import { agentSpecOf } from './expected.ts';
import { GuardedAgent } from './guarded-agent.ts';
import type { OwnAgents } from './own-agents.ts';
import type { PipelineLink } from './pipeline-link.ts';

export interface ProcessKeeperOptions {
  readonly source: EvidenceSource;
  readonly agents: OwnAgents;
  readonly trust: TrustView;
  /** Undefined: not told yet. */
  link(): PipelineLink | undefined;
  /** The operator who signs images: ed25519, SPKI in base64. No other program is started. */
  readonly operatorKey: string;
  /** Socket of the site daemon that agents are connected to. */
  readonly agentSocket: string;
  report(message: FromGuard): void;
  /** One is there to be measured and told of the others. */
  onStarted(): void;
  /** One holds an epoch that it was given. */
  onHeld(): void;
  /** One cannot open its envelope of an epoch. */
  onEpochRefused(agent: GuardedAgent, epoch: number): void;
}

/** Starts agents from measured bytes; ends them on order, on a finding, and when the ledger has thrown them out or goes on without them. */
export class ProcessKeeper {
  readonly #options: ProcessKeeperOptions;
  /** The newest version of each agent's image that was started here. */
  readonly #versions = new Map<AgentKey, number>();

  constructor(options: ProcessKeeperOptions) {
    this.#options = options;
  }

  async spawn(order: SpawnOrder): Promise<void> {
    const { source, agentSocket, operatorKey, report, agents, trust, onStarted } = this.#options;
    const log = (text: string) => report({ kind: 'log', who: order.name, text: text.slice(0, 4000) });
    const agent: GuardedAgent = new GuardedAgent(order, {
      onLog: log,
      onHeld: (_, first) => {
        if (first) report({ kind: 'keyed', agent: order.name, incarnation: order.incarnation });
        this.#options.onHeld();
      },
      onEpochRefused: (epoch) => this.#options.onEpochRefused(agent, epoch),
    });
    // In place of all that runs under its name; a successor beside it, in place of another one only.
    const replaced = agents
      .all()
      .filter((each) => each.key === order.key || (!isSuccessor(order) && each.order.name === order.name));
    for (const each of replaced) agents.drop(each);
    agents.add(agent);
    await Promise.all(replaced.map((each) => each.end(source)));
    try {
      // A successor is no older than whom it succeeds.
      const member = agentKeyOf(order.name);
      const newest = trust.state.agents.get(member)?.version ?? 0;
      const atLeast = Math.max(newest, this.#versions.get(member) ?? 0);
      const image = await imageOfOrder(order, operatorKey, atLeast);
      // Of a successor the ledger tells, once it acts: one that comes to nothing leaves its agent the version that it has.
      if (!isSuccessor(order)) this.#versions.set(member, order.version);
      agent.manifest = image.manifest;
      const config = AgentConfigSchema.parse(JSON.parse(order.config));
      // A native program takes no part in the group: it has nothing to say to the daemon, and holds no place at its door.
      const given = image.manifest.runtime === 'native' ? [] : [await connectDaemon(agentSocket)];
      const programs = join(dirname(agentSocket), 'programs');
      const spec = {
        ...agentSpecOf(order, image, (program) => installProgram(program, programs)),
        given,
      };
      const handle = await source
        .start(spec, (line) => agent.take(line))
        // The agent has its own descriptors of them now, or is none.
        .finally(() => {
          for (const socket of given) socket.destroy();
        });
      // Killed, or another one in its place, while it came up.
      if (agent.ended) {
        await source.stop(handle);
        return;
      }
      agent.handle = handle;
      report({ kind: 'started', agent: order.name, incarnation: order.incarnation, pid: handle.pid });
      agent.send({ kind: 'start', config });
      void handle.ended.then(({ code, signal, reason }) => {
        this.onEnd(agent, reason ?? `its process has ended (${signal ?? code})`);
      });
      onStarted();
    } catch (error) {
      this.onEnd(agent, `it could not be started: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Ends an incarnation of an agent, or all that run under its name; one that is only coming up does not come up. */
  kill({ agent: name, incarnation, reason }: Extract<ToGuard, { kind: 'kill' }>): void {
    for (const agent of this.#options.agents.all()) {
      const { order, handle } = agent;
      if (order.name !== name || order.incarnation !== (incarnation ?? order.incarnation)) continue;
      if (handle === undefined) this.onEnd(agent, reason);
      else process.kill(handle.pid, 'SIGKILL');
    }
  }

  /** Whoever has ended, or was killed for what was found: it is thrown out on the ledger, too, and told. */
  onEnd(agent: GuardedAgent, reason: string): void {
    if (agent.ended) return;
    agent.ended = true;
    const { order } = agent;
    const { agents, trust, link, report } = this.#options;
    agents.drop(agent);
    // Killed first, reported after: whatever it was, it does nothing more.
    const known = trust.state.agents.get(agent.key);
    if (known?.incarnation === order.incarnation && known.status !== 'revoked') {
      void link()?.ledger.call({ kind: 'revoke', agent: agent.key, reason: reason.slice(0, 200) });
    }
    report({
      kind: 'exited',
      agent: order.name,
      incarnation: order.incarnation,
      reason: reason.slice(0, 4000),
    });
  }

  /** Looks at all of them lightly, at those whose `turn` it is in full. */
  async sweep(turn: number): Promise<void> {
    const { source, agents } = this.#options;
    const found = await source.sweep(turn);
    for (const [handle, findings] of found) {
      const agent = agents.all().find((each) => each.handle === handle);
      if (agent !== undefined) this.onEnd(agent, findings.map((each) => each.sentence).join('; '));
    }
  }

  /** Those in whose place their successor acts by now. */
  endReplaced(): void {
    const { agents, trust } = this.#options;
    this.#stop(agents.replaced(trust));
  }

  /** A process that was thrown out has nothing more to do here. */
  endRevoked(): void {
    const { agents, trust } = this.#options;
    this.#stop(agents.revoked(trust.state));
  }

  #stop(agents: readonly GuardedAgent[]): void {
    for (const { handle } of agents) if (handle !== undefined) void this.#options.source.stop(handle);
  }
}

/** An order for the seat beside its agent. */
function isSuccessor({ key, name }: SpawnOrder): boolean {
  return key !== agentKeyOf(name);
}

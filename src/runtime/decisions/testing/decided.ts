import type { Agent } from '../../../core/bdi/agent.ts';
import type { AgentEvent, Effect } from '../../../core/bdi/event.ts';
import { AclMessageSchema } from '../../../protocol/acl.ts';
import type { AgentConfig } from '../../../protocol/agent-control.ts';
import { AgentConfigSchema } from '../../../protocol/agent-control.ts';
import type { BuiltAgent } from '../../build-agent.ts';
import { agentBuilder } from '../../build-agent.ts';
import type { DecisionLogOptions } from '../decision-log.ts';
import { DecisionLog } from '../decision-log.ts';
import type { Decision } from '../outputs.ts';

/** An agent that can limit rates, beside one that cannot. */
export function configOf(draws: number, incarnation = 2): AgentConfig {
  const bytes = `0x${'01'.repeat(32)}`;
  const agent = (name: string, host: string, capabilities: readonly string[]) => ({
    name,
    host,
    capabilities,
    bid: { mode: 'headroom', costWeight: 0.5 },
  });
  return AgentConfigSchema.parse({
    name: 'a1',
    key: bytes,
    incarnation,
    pipeline: 'p',
    collector: bytes,
    startMs: 0,
    zeroNs: '0',
    draws,
    agents: [agent('a1', 'h1', ['rate-limiter']), agent('a2', 'h2', ['link-monitor'])],
    hosts: [
      { name: 'h1', switch: 's1', cpu: 4, memoryGb: 4 },
      { name: 'h2', switch: 's1', cpu: 4, memoryGb: 4 },
    ],
    functions: [],
  });
}

/** What a changed agent decides in place of what it would. */
export type Alter = (effects: readonly Effect[], decision: number) => readonly Effect[];

/** An agent with its log, driven by hand: each event is one decision, 10 ms after the one before. */
export class Decider {
  readonly config: AgentConfig;
  readonly log: DecisionLog;
  readonly agent: Agent;
  readonly effects: Effect[] = [];
  /** Each decision with what it puts out. */
  readonly made: [Decision, readonly Effect[]][] = [];
  readonly #alter: Alter;
  readonly #built: BuiltAgent;
  #decisions = 0;
  #pending: AgentEvent[] = [];

  constructor(
    config: AgentConfig,
    {
      alter = (effects) => effects,
      ...options
    }: Omit<DecisionLogOptions, 'pending'> & { alter?: Alter } = {},
  ) {
    this.config = config;
    this.#alter = alter;
    this.log = new DecisionLog({ ...options, pending: () => this.#pending.length });
    const [spec] = config.agents;
    if (spec === undefined) throw new Error('it is described');
    const { startMs, incarnation: life } = config;
    const sinkOf = () => ({ push: () => {} });
    const onNonce = (conversation: string, nonce: string) => this.log.nonce(conversation, nonce);
    this.#built = agentBuilder(config, { startMs, sinkOf, secret: 's', onNonce, life })(spec);
    this.agent = this.#built.agent;
    this.log.begin(this.agent);
  }

  setAgents(agents: AgentConfig['agents']): void {
    this.log.setAgents(agents);
    this.#built.setAgents(agents);
  }

  /** Puts an event into its mailbox without a decision about it. */
  post(event: AgentEvent): void {
    if (this.agent.post(event)) this.#pending.push(event);
  }

  decide(...events: readonly AgentEvent[]): void {
    for (const event of events) this.post(event);
    const tMs = 10 * ++this.#decisions;
    const input = { agent: this.agent.id, tMs, events: this.#pending };
    this.#pending = [];
    const effects = this.#alter(this.agent.cycle(tMs), this.#decisions);
    this.effects.push(...effects);
    this.made.push([this.log.decided(input, effects), effects]);
  }

  /** Somebody asks it what it does not understand, and it says so: an effect each. */
  decideTimes(times: number): void {
    for (let i = 0; i < times; i++) this.decide(question(this.#decisions + 1));
  }
}

export function question(n: number): AgentEvent {
  const message = AclMessageSchema.parse({
    performative: 'cfp',
    sender: 'a2',
    receiver: 'a1',
    conversationId: `a2:c${n}`,
    messageId: `a2:${n}`,
    protocol: 'fipa-contract-net',
    ontology: 'muster',
    content: { n },
  });
  return { kind: 'message', message };
}

import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { CallResult, Ledger } from '../../ports/ledger.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex, LedgerCall } from '../../protocol/ledger.ts';
import { sha256 } from '../guard/expected.ts';

export interface EnrolmentOptions {
  /** Of the account that is the operator and the orchestrator. */
  readonly operator: Ledger;
  agentsAt(site: string): readonly AgentId[];
  /** Of a site's guard. */
  accountOf(site: string): Hex | undefined;
}

/** The operator's part: which guards there are, and which agents each may have. */
export class Enrolment {
  readonly #options: EnrolmentOptions;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
  }

  async enrol(site: string, guard: Hex): Promise<void> {
    const refused = (await this.#all(this.#enrolling(site, guard))).find((each) => !each.ok);
    if (refused?.ok === false) {
      throw new MusterError('LEDGER_FAILED', `the pipeline could not be set up: ${refused.error}`);
    }
  }

  /**
   * Throws the old guard out with its agents, and admits them behind the new one. What is refused was so already; whoever is not
   * admitted in the end cannot be registered, and that is told.
   */
  async replace(site: string, before: Hex, guard: Hex): Promise<void> {
    const reason = 'its guard has ended';
    await this.#all([
      { kind: 'removeGuard', guard: before },
      ...this.#options
        .agentsAt(site)
        .map((name) => ({ kind: 'withdrawAgent', agent: agentKeyOf(name), reason }) as const),
      ...this.#enrolling(site, guard),
    ]);
  }

  /** Puts the order on the ledger in which agents attest one another. Throws MusterError when it is refused. */
  async plan(order: readonly AgentId[]): Promise<void> {
    const result = await this.#options.operator.call({ kind: 'setPlan', order: order.map(agentKeyOf) });
    if (!result.ok) throw new MusterError('LEDGER_FAILED', `the plan was refused: ${result.error}`);
  }

  /** One more agent behind the guard of a site. Throws MusterError when it is refused. */
  async admit(agent: AgentId, site: string): Promise<void> {
    const guard = this.#options.accountOf(site);
    if (guard === undefined) throw new MusterError('LEDGER_FAILED', `${site} has no guard now`);
    const [result] = await this.#all([{ kind: 'admitAgent', name: agent, guard }]);
    if (result?.ok !== true)
      throw new MusterError('LEDGER_FAILED', `${agent} was not admitted: ${result?.error}`);
  }

  /** Throws an agent out for good. Throws MusterError when that is refused. */
  async withdraw(agent: AgentId, reason: string): Promise<void> {
    const [result] = await this.#all([{ kind: 'withdrawAgent', agent: agentKeyOf(agent), reason }]);
    if (result?.ok !== true)
      throw new MusterError('LEDGER_FAILED', `${agent} was not withdrawn: ${result?.error}`);
  }

  #enrolling(site: string, guard: Hex): readonly LedgerCall[] {
    const agents = this.#options.agentsAt(site);
    return [
      { kind: 'enrolGuard', guard, site: `0x${sha256(site)}`, siteName: site },
      ...agents.map((name) => ({ kind: 'admitAgent', name, guard }) as const),
    ];
  }

  #all(calls: readonly LedgerCall[]): Promise<readonly CallResult[]> {
    return Promise.all(calls.map((call) => this.#options.operator.call(call)));
  }
}

import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { CallResult, Ledger } from '../../ports/ledger.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex, LedgerCall } from '../../protocol/ledger.ts';
import type { Platform } from '../../protocol/platform.ts';
import { siteIdOf } from '../trust/platform.ts';

export interface EnrolmentOptions {
  /** Of the account that is the operator and the orchestrator. */
  readonly operator: Ledger;
  agentsAt(site: string): readonly AgentId[];
  /** Of a site's guard. */
  accountOf(site: string): Hex | undefined;
  /** Undefined: the site has no TPM. */
  platformOf(site: string): Platform | undefined;
}

/** What is enrolled at first. */
export interface Founded {
  readonly taken: Promise<void>;
  readonly final: Promise<void>;
}

/** The operator's part: which guards there are, and which agents each may have. */
export class Enrolment {
  readonly #options: EnrolmentOptions;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
  }

  /**
   * Enrols every site's guard with its agents, and plans the order in which those attest one another. `taken` resolves when the ledger
   * has all of it, so that what is sent afterwards may be in the same block; `final` rejects with a MusterError when it is refused.
   */
  found(guards: ReadonlyMap<string, Hex>, order: readonly AgentId[]): Founded {
    const { operator } = this.#options;
    const calls = [...guards].flatMap(([site, guard]) => this.#enrolling(site, guard));
    const enrolling = this.#all(calls);
    let onTaken = () => {};
    const handed = new Promise<void>((resolve) => {
      onTaken = resolve;
    });
    const planning = operator.call(planOf(order), { onTaken });
    const final = Promise.all([enrolling, planning]).then(([enrolled, planned]) =>
      assertAll([...enrolled, planned]),
    );
    // Told by `taken`, should that fail first.
    final.catch(() => {});
    return { taken: Promise.race([handed, final]), final };
  }

  /** The guard of one more site, with its agents. Throws MusterError when it is refused. */
  async enrol(site: string, guard: Hex): Promise<void> {
    assertAll(await this.#all(this.#enrolling(site, guard)));
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
    const result = await this.#options.operator.call(planOf(order));
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

  /** Throws the incarnation of an agent out that is there now. Throws MusterError when that is refused. */
  async revoke(agent: AgentId, reason: string): Promise<void> {
    const [result] = await this.#all([{ kind: 'revoke', agent: agentKeyOf(agent), reason }]);
    if (result?.ok !== true)
      throw new MusterError('LEDGER_FAILED', `${agent} was not revoked: ${result?.error}`, {
        hint: 'muster agent list tells how it stands',
      });
  }

  #enrolling(site: string, guard: Hex): readonly LedgerCall[] {
    const agents = this.#options.agentsAt(site);
    const id = siteIdOf(site, this.#options.platformOf(site));
    return [
      { kind: 'enrolGuard', guard, site: id, siteName: site },
      ...agents.map((name) => ({ kind: 'admitAgent', name, guard }) as const),
    ];
  }

  #all(calls: readonly LedgerCall[]): Promise<readonly CallResult[]> {
    return Promise.all(calls.map((call) => this.#options.operator.call(call)));
  }
}

function assertAll(results: readonly CallResult[]): void {
  const refused = results.find((each) => !each.ok);
  if (refused?.ok === false) {
    throw new MusterError('LEDGER_FAILED', `the pipeline could not be set up: ${refused.error}`);
  }
}

function planOf(order: readonly AgentId[]): LedgerCall {
  return { kind: 'setPlan', order: order.map(agentKeyOf) };
}

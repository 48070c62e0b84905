import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { Ledger } from '../../ports/ledger.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex, LedgerCall } from '../../protocol/ledger.ts';
import { sha256 } from '../guard/expected.ts';

export interface EnrolmentOptions {
  /** Of the account that is the operator and the orchestrator. */
  readonly operator: Ledger;
  agentsAt(site: string): readonly AgentId[];
}

/** The operator's part: which guards there are, and which agents each may have. */
export class Enrolment {
  readonly #options: EnrolmentOptions;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
  }

  async enrol(site: string, guard: Hex): Promise<void> {
    const agents = this.#options.agentsAt(site);
    await this.#all([
      { kind: 'enrolGuard', guard, site: `0x${sha256(site)}`, siteName: site },
      ...agents.map((name) => ({ kind: 'admitAgent', name, guard }) as const),
    ]);
  }

  /** Throws the old guard out with its agents, and admits them behind the new one. */
  async replace(site: string, before: Hex, guard: Hex): Promise<void> {
    const agents = this.#options.agentsAt(site);
    const reason = 'its guard has ended';
    await this.#all([
      { kind: 'removeGuard', guard: before },
      ...agents.map((name) => ({ kind: 'withdrawAgent', agent: agentKeyOf(name), reason }) as const),
      { kind: 'enrolGuard', guard, site: `0x${sha256(site)}`, siteName: site },
      ...agents.map((name) => ({ kind: 'admitAgent', name, guard }) as const),
    ]);
  }

  async #all(calls: readonly LedgerCall[]): Promise<void> {
    const results = await Promise.all(calls.map((call) => this.#options.operator.call(call)));
    const refused = results.find((each) => !each.ok);
    if (refused?.ok === false)
      throw new MusterError('LEDGER_FAILED', `the pipeline could not be set up: ${refused.error}`);
  }
}

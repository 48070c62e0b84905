import { MusterError } from '../protocol/errors.ts';
import type { AgentId } from '../protocol/ids.ts';
import { agentId } from '../protocol/ids.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import type { FaultSpec } from '../protocol/scenario.ts';

/** The command by which the holder of an award begins to keep it. Its report waits for the outcome. */
const FIRST_COMMAND: Readonly<Record<string, string>> = {
  linkRateLimited: 'limit-link',
  targetRateLimited: 'limit-target',
};

export interface FaultsSeenOptions {
  readonly faults: readonly FaultSpec[];
  /** Kills an agent without notice at `atMs` of the run's clock; undefined: at once, before anything is answered to it. */
  stop(agent: AgentId, fault: FaultSpec, atMs: number | undefined): void;
}

export interface FaultsSeen {
  /** An agent's command has come, and nothing of it is carried out yet. */
  onAct(agent: AgentId, action: { readonly kind: string }): void;
  /** An entry of the journal; those of agents come from their attested telemetry. */
  onEntry(entry: JournalEntry): void;
}

/**
 * Watches genuine agents, which nobody overhears, for the moments at which a scenario wants one to die. `accepted`: its command under
 * the award has come and it waits for the outcome, which it reports afterwards. `standing`: it has itself recorded that it keeps the award.
 * Each fault happens once. No agent knows of any of this.
 * @throws NOT_SUPPORTED for a goal that is accepted and reported without a command in between.
 */
export function createFaultsSeen({ faults, stop }: FaultsSeenOptions): FaultsSeen {
  for (const { when, holderOf } of faults) {
    if (when === 'accepted' && FIRST_COMMAND[holderOf] === undefined) {
      throw new MusterError(
        'NOT_SUPPORTED',
        `a genuine holder of ${holderOf} gives no command between its acceptance and its report by which the moment could be told`,
        {
          hint: `use when: standing, one of ${Object.keys(FIRST_COMMAND).join(', ')}, or run it without --genuine`,
        },
      );
    }
  }
  const pending = [...faults];
  const take = (fits: (fault: FaultSpec) => boolean): FaultSpec | undefined => {
    const index = pending.findIndex(fits);
    return index < 0 ? undefined : pending.splice(index, 1)[0];
  };
  return {
    onAct: (agent, action) => {
      const fault = take(
        ({ when, holderOf }) => when === 'accepted' && FIRST_COMMAND[holderOf] === action.kind,
      );
      if (fault !== undefined) stop(agent, fault, undefined);
    },
    onEntry: (entry) => {
      if (entry.kind !== 'award' || entry.status !== 'accepted' || entry.agent !== entry.holder) return;
      const fault = take(({ when, holderOf }) => when === 'standing' && holderOf === entry.goal);
      if (fault !== undefined) stop(agentId(entry.agent), fault, entry.tMs + fault.afterMs);
    },
  };
}

import type { Hex, LedgerEntry } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AuditedEntry } from './audited-entry.ts';

/** Whose calls each may be: what is not named here guards may do too, or anybody. */
type Office = 'operator' | 'registry';

/** Says of each entry whether it was sent by who may: the operator admits, one account is the registry, and it is the same all along. */
export function auditSenders(operator: Hex) {
  const known = new Map<Office, Hex>([['operator', operator]]);
  return (entry: LedgerEntry, look: AuditedEntry['look'], seen: AuditedEntry['seen']): void => {
    const office = officeOf(entry);
    if (office === undefined) return;
    seen('senders');
    // No event tells who the registry is: whoever registers first, after the operator has admitted an agent.
    const who = known.get(office) ?? entry.from;
    known.set(office, who);
    look(
      'senders',
      who !== entry.from,
      `${entry.event.kind} was sent by ${entry.from}, which is not the ${office}`,
    );
  };
}

function officeOf({ event }: LedgerEntry): Office | undefined {
  switch (event.kind) {
    case 'GuardEnrolled':
    case 'GuardRemoved':
    case 'AgentAdmitted':
    case 'AgentWithdrawn':
    case 'PlanSet':
      return 'operator';
    case 'AgentRegistered':
    case 'ChallengesAdded':
    case 'RoundOpened':
      return 'registry';
    case 'VerdictGiven':
      return event.verifier === ZERO ? 'registry' : undefined;
    default:
      return undefined;
  }
}

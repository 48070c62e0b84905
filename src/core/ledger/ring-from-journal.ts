import type { EntryOf } from '../explain/journal-index.ts';
import type { AttestationRing, RingMember } from './attestation-ring.ts';
import { isGivenUp } from './given-up.ts';

const PHASES: Readonly<Record<string, NonNullable<RingMember['round']>['phase']>> = {
  RoundOpened: 'challenged',
  Committed: 'committed',
  RoundPassed: 'passed',
  RoundFailed: 'failed',
  RoundExpired: 'expired',
};
const STATUSES: Readonly<Record<string, string>> = {
  AgentAdmitted: 'admitted',
  AgentRegistered: 'registered',
  RoundPassed: 'attested',
  Suspended: 'suspended',
  ValidityExpired: 'suspended',
  Revoked: 'revoked',
};

interface Known {
  status: string;
  lives: number;
  phase?: NonNullable<RingMember['round']>['phase'];
  reason: string;
  turn: number;
}

/**
 * The ring as far as a journal tells it: its entries name who an event of the ledger is about, not the verifiers nor the plan. Members
 * stand in the order of their first rounds; whose last turn is longest ago comes next.
 */
export function ringFromJournal(entries: readonly EntryOf<'ledger'>[]): AttestationRing {
  const known = new Map<string, Known>();
  let rootOfTrust: string | undefined;
  let newest: string | undefined;
  for (const [turn, { event, subject, reason }] of entries.entries()) {
    // Each passed round may move it; to whom stands in no entry.
    if (event === 'RoundPassed') rootOfTrust = undefined;
    if (event === 'RootOfTrustMoved') rootOfTrust = subject;
    if (event === 'AgentWithdrawn') known.delete(subject);
    if (STATUSES[event] === undefined && PHASES[event] === undefined) continue;
    const phase = PHASES[event];
    const was = known.get(subject);
    if (was === undefined && phase !== 'challenged') continue;
    if (phase === 'challenged') newest = subject;
    if (was !== undefined && phase === 'failed' && isGivenUp(reason)) {
      const { phase: _, ...rest } = was;
      known.set(subject, { ...rest, reason: '' });
      continue;
    }
    known.set(subject, {
      status: STATUSES[event] ?? was?.status ?? 'registered',
      lives: (was?.lives ?? 1) + (event === 'AgentRegistered' ? 1 : 0),
      turn: phase === 'challenged' ? turn : (was?.turn ?? turn),
      reason:
        phase === 'failed' || phase === 'expired' ? reason : phase === undefined ? (was?.reason ?? '') : '',
      ...(phase === undefined ? (was?.phase === undefined ? {} : { phase: was.phase }) : { phase }),
    });
  }
  const all = [...known].filter(([name]) => !name.startsWith('the successor of '));
  const next = all
    .filter(
      ([, { phase, status }]) => phase !== 'challenged' && phase !== 'committed' && status !== 'revoked',
    )
    .toSorted(([, a], [, b]) => a.turn - b.turn)[0]?.[0];
  return {
    rootOfTrust,
    newest,
    members: all.map(([name, { status, lives, phase, reason }]) => ({
      name,
      status,
      incarnation: lives,
      isRoot: name === rootOfTrust,
      isNext: name === next,
      round: phase === undefined ? undefined : { round: 0, verifiers: [], phase, reason },
    })),
  };
}

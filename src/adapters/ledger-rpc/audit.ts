import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import { applyBlock, attestedAt, EMPTY_LEDGER } from '../../core/attestation/ledger-state.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import type { Hex, LedgerEntry, PipelineAddress } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import {
  auditChallenge,
  auditCommit,
  auditPass,
  auditVerdict,
  auditVerifier,
  guardOf,
} from './audit-round.ts';
import { auditSenders } from './audit-senders.ts';
import type { AuditCheck, AuditedEntry } from './audited-entry.ts';
import { callOf, rosterOf } from './chain-hashes.ts';
import type { CheckedBlock, CheckedTransaction } from './checked-blocks.ts';
import { lower } from './decode-event.ts';

export interface AuditFinding {
  readonly check: AuditCheck;
  /** `<block>.<log index>`, or the block. */
  readonly at: string;
  readonly what: string;
}

/** Says again, from what the chain holds, what the contracts must have checked. Blocks are given in order. */
export interface Audit {
  add(block: CheckedBlock): void;
  readonly findings: readonly AuditFinding[];
  /** What the ledger says by now. */
  state(): LedgerState;
  /** How much each check has looked at. */
  readonly examined: ReadonlyMap<AuditCheck, number>;
}

/** `operator`: its account, which admits guards and agents. */
export function createAudit(pipeline: PipelineAddress, operator: Hex): Audit {
  const findings: AuditFinding[] = [];
  const examined = new Map<AuditCheck, number>();
  const nonces = new Set<Hex>();
  const whoMay = auditSenders(operator);
  let state: LedgerState = EMPTY_LEDGER;

  function auditBlock({ block, transactions }: CheckedBlock): void {
    const inputs = new Map(transactions.map((each) => [each.hash, each.input]));
    for (const entry of block.entries) {
      const at = `${block.number}.${entry.logIndex}`;
      const look = (check: AuditCheck, wrong: boolean, what: string) => {
        if (wrong) findings.push({ check, at, what });
      };
      const seen = (check: AuditCheck) => examined.set(check, (examined.get(check) ?? 0) + 1);
      const input = inputs.get(entry.transaction) ?? '0x';
      whoMay(entry, look, seen);
      auditEntry({ state, entry, time: block.timestamp, input, pipeline, nonces, look, seen });
      state = applyBlock(state, { ...block, entries: [entry] });
    }
    for (const transaction of transactions) {
      for (const what of unsaid(transaction, block.entries, pipeline)) {
        findings.push({ check: 'revocations', at: String(block.number), what });
      }
    }
  }
  return { add: auditBlock, findings, examined, state: () => state };
}

function auditEntry(looked: AuditedEntry): void {
  const { state, entry, look, seen } = looked;
  const { event } = entry;
  switch (event.kind) {
    case 'AgentRegistered': {
      // A member and whoever sits beside it count together.
      const before = state.agents.get(event.agent);
      const beside = state.agents.get(seatBeside(event.agent));
      const version = Math.max(before?.version ?? 0, beside?.version ?? 0);
      const incarnation = Math.max(before?.incarnation ?? 0, beside?.incarnation ?? 0);
      seen('versions');
      look(
        'versions',
        before === undefined && beside === undefined,
        'an agent that was never admitted is registered',
      );
      look('versions', event.version < version, `the version goes down to ${event.version}`);
      look('versions', event.incarnation !== incarnation + 1, 'an incarnation is left out or comes twice');
      return;
    }
    case 'AttestedSetChanged':
      seen('revocations');
      look('revocations', event.version !== state.setVersion + 1, 'a change of the attested set is missing');
      return;
    case 'RoundOpened':
      auditChallenge(looked, event);
      return;
    case 'Committed':
      auditCommit(looked, event);
      return;
    case 'VerdictGiven':
      auditVerdict(looked, event);
      return;
    case 'RoundPassed':
      auditPass(looked, event);
      return;
    case 'VerifierReplaced': {
      const round = state.rounds.get(event.round);
      seen('verifiers');
      if (round !== undefined) auditVerifier(looked, round.agent, event.successor, 'elected');
      return;
    }
    case 'EpochOpened':
      seen('epochs');
      look(
        'epochs',
        rosterOf(state, looked.time) !== event.rosterHash,
        `the roster of epoch ${event.epoch} is not that of the attested`,
      );
      look(
        'epochs',
        event.setVersion !== state.setVersion,
        `epoch ${event.epoch} is for another attested set`,
      );
      look(
        'epochs',
        guardOf(state, event.steward) !== entry.from,
        `epoch ${event.epoch} was not opened by its steward's guard`,
      );
      return;
    case 'Envelope': {
      seen('epochs');
      const agent = state.agents.get(event.agent);
      look(
        'epochs',
        !attestedAt(state, event.agent, looked.time),
        `an envelope for ${agent?.name ?? event.agent}, which is not attested`,
      );
      look('epochs', (agent?.kemKey ?? ZERO) === ZERO, 'an envelope for an agent without a key');
      return;
    }
    default:
  }
}

/** What a transaction did and no event tells. */
function unsaid(
  { hash, to, input, succeeded }: CheckedTransaction,
  entries: readonly LedgerEntry[],
  pipeline: PipelineAddress,
): readonly string[] {
  const own = entries.filter((each) => each.transaction === hash).map((each) => each.event);
  const revoked = new Set(own.flatMap((each) => (each.kind === 'Revoked' ? each.agent : [])));
  const missing = own.filter(
    (each) => each.kind === 'VerdictGiven' && !each.matches && !revoked.has(each.agent),
  );
  const call = succeeded && to === lower(pipeline.attestation) ? callOf(input, 'revoke') : undefined;
  if (call?.functionName === 'revoke' && !revoked.has(call.args[0]))
    return ['a revocation was sent, and is not in the ledger'];
  return missing.map(() => 'a wrong answer did not revoke its agent');
}

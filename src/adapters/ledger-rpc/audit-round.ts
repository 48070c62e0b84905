import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import { attestedAt } from '../../core/attestation/ledger-state.ts';
import type { AgentKey, Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AuditedEntry, Of } from './audited-entry.ts';
import { answerHashOf, bindingOf, callOf, challengeLeafOf, evidenceHashOf, rootOf } from './chain-hashes.ts';

/** A round was opened: with the next challenge that was promised, a fresh nonce, and verifiers who may be. */
export function auditChallenge(
  { state, time, input, nonces, look, seen, ...looked }: AuditedEntry,
  event: Of<'RoundOpened'>,
): void {
  const agent = state.agents.get(event.agent);
  seen('challenges');
  look(
    'revocations',
    agent?.status === 'revoked',
    `revoked ${agent?.name} is challenged again in the same incarnation`,
  );
  look('challenges', nonces.has(event.nonce), 'a nonce is used twice');
  nonces.add(event.nonce);
  look('challenges', event.index !== agent?.nextChallenge, `challenge ${event.index} is not the next one`);
  const call = callOf(input, 'openRound');
  if (call?.functionName !== 'openRound') {
    look('challenges', true, 'its transaction is not one that opens a round');
  } else {
    const [key, index, nonce, answerHash, proof] = call.args;
    const other =
      key !== event.agent ||
      index !== event.index ||
      nonce !== event.nonce ||
      answerHash !== event.answerHash;
    look('challenges', other, 'the round is another one than its transaction opens');
    look(
      'challenges',
      rootOf(challengeLeafOf(event), proof) !== agent?.challengesRoot,
      'the challenge is not under the registered root',
    );
  }
  for (const verifier of event.verifiers) {
    seen('verifiers');
    auditVerifier({ state, time, input, nonces, look, seen, ...looked }, event.agent, verifier, 'elected');
  }
  const own = agent?.guard;
  const elsewhere = [...state.agents.values()].filter(
    (each) => each.guard !== own && attestedAt(state, each.agent, time),
  );
  const near = event.verifiers.filter((each) => guardOf(state, each) === own);
  const spare = elsewhere.filter((each) => !event.verifiers.includes(each.agent));
  look(
    'verifiers',
    near.length > 0 && spare.length > 0,
    'a verifier sits behind the guard of the agent that it verifies',
  );
}

/** Whoever verifies is another one, and attested. */
export function auditVerifier(
  { state, time, look }: AuditedEntry,
  agent: AgentKey,
  verifier: AgentKey,
  when: string,
): void {
  const name = state.agents.get(verifier)?.name ?? verifier;
  look('verifiers', verifier === agent, `${name} verifies itself`);
  look(
    'verifiers',
    !attestedAt(state, verifier, time),
    `${name} was not attested when it ${when === 'elected' ? 'was elected' : 'judged'}`,
  );
}

/** Evidence was committed: by the agent's own guard, and as it was sent. */
export function auditCommit({ state, entry, input, look, seen }: AuditedEntry, event: Of<'Committed'>): void {
  seen('evidence');
  look('evidence', guardOf(state, event.agent) !== entry.from, "the commit is not from the agent's guard");
  const call = callOf(input, 'commit');
  if (call?.functionName !== 'commit') {
    look('evidence', true, 'its transaction is not a commit');
    return;
  }
  const [round, evidence, binding] = call.args;
  const sent = { ...evidence, pid: Number(evidence.pid), startTime: Number(evidence.startTime) };
  const other =
    Number(round) !== event.round ||
    binding !== event.binding ||
    evidenceHashOf(sent) !== evidenceHashOf(event.evidence);
  look('evidence', other, 'the evidence is other than what was sent');
}

/** A verdict was given: by who may, on the evidence that was committed, with the answer that was promised. */
export function auditVerdict(looked: AuditedEntry, event: Of<'VerdictGiven'>): void {
  const { state, entry, input, pipeline, look, seen } = looked;
  const round = state.rounds.get(event.round);
  seen('bindings');
  seen('verdicts');
  const call = callOf(input, 'verdict');
  if (call?.functionName !== 'verdict') {
    look('verdicts', true, 'its transaction is not a verdict');
  } else {
    const [number, verifier, answer, pass] = call.args;
    const other =
      Number(number) !== event.round ||
      verifier !== event.verifier ||
      answer !== event.answer ||
      pass !== event.pass;
    look('verdicts', other, 'the verdict is other than what was sent');
  }
  if (round?.evidence === undefined) {
    look('verdicts', true, 'a verdict without a commit before it');
    return;
  }
  look(
    'bindings',
    answerHashOf(event.answer) !== round.answerHash,
    'the answer does not hash to what was promised',
  );
  const matches = bindingOf(round, round.evidence, event.answer, pipeline) === round.binding;
  look(
    'bindings',
    matches !== event.matches,
    `the answer ${matches ? 'opens' : 'does not open'} the commitment, the ledger says otherwise`,
  );
  if (event.verifier === ZERO) return;
  seen('verifiers');
  look('verifiers', !round.verifiers.includes(event.verifier), 'a verdict of one who was not elected');
  look(
    'verifiers',
    guardOf(state, event.verifier) !== entry.from,
    "a verdict that is not from its verifier's guard",
  );
  auditVerifier(looked, event.agent, event.verifier, 'judged');
}

/** A round was passed: with all the verdicts that it takes. */
export function auditPass({ state, look, seen }: AuditedEntry, event: Of<'RoundPassed'>): void {
  seen('verdicts');
  const agent = state.agents.get(event.agent);
  look(
    'revocations',
    agent?.status === 'revoked',
    `revoked ${agent?.name} is attested again in the same incarnation`,
  );
  const round = state.rounds.get(event.round);
  const given =
    round?.verdicts.filter((each) => each.pass && each.matches).map((each) => each.verifier) ?? [];
  const registry = round === undefined || round.arbitrated || round.verifiers.length === 0;
  const needed = registry ? [ZERO] : round.verifiers;
  look(
    'verdicts',
    !needed.every((each) => given.includes(each)),
    'a round is passed without the verdicts that it takes',
  );
  look(
    'verdicts',
    round?.verdicts.some((each) => !each.matches) ?? false,
    'a round is passed whose answer does not fit',
  );
}

/** The account that speaks for an agent. */
export function guardOf(state: LedgerState, agent: AgentKey): Hex | undefined {
  return state.agents.get(agent)?.guard;
}

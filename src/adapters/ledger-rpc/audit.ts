import { concatHex, decodeFunctionData, encodeAbiParameters, keccak256, parseAbiParameters } from 'viem';
import type { LedgerState, RoundState } from '../../core/attestation/ledger-model.ts';
import { applyBlock, attestedAt, EMPTY_LEDGER } from '../../core/attestation/ledger-state.ts';
import type {
  AgentKey,
  Evidence,
  Hex,
  LedgerEntry,
  LedgerEvent,
  PipelineAddress,
} from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { attestationLedgerAbi } from '../ledger/abi.ts';
import type { CheckedBlock, CheckedTransaction } from './checked-blocks.ts';
import { lower } from './decode-event.ts';

export type AuditCheck =
  | 'challenges'
  | 'evidence'
  | 'bindings'
  | 'verdicts'
  | 'verifiers'
  | 'revocations'
  | 'versions'
  | 'epochs';

export interface AuditFinding {
  readonly check: AuditCheck;
  /** `<block>.<log index>`, or the block. */
  readonly at: string;
  readonly what: string;
}

const EVIDENCE = parseAbiParameters(
  '(bytes32 bootId, uint64 pid, uint64 startTime, uint32 incarnation, bytes32 decisionHead, bytes32 kemKey, bytes32 frameKey, bytes32 quoteHash)',
);
const BINDING = parseAbiParameters('uint256, address, uint64, bytes32, bytes32, bytes32');
const LEAF = parseAbiParameters('uint32, bytes32, bytes32');
const WORD = parseAbiParameters('bytes32');
const ROSTER = parseAbiParameters('bytes32[], uint32[], bytes32[], bytes32[]');

/** Says again, from what the chain holds, what the contracts must have checked. Blocks are given in order. */
export interface Audit {
  add(block: CheckedBlock): void;
  readonly findings: readonly AuditFinding[];
  /** What the ledger says by now. */
  state(): LedgerState;
  /** How much each check has looked at. */
  readonly examined: ReadonlyMap<AuditCheck, number>;
}

export function createAudit(pipeline: PipelineAddress): Audit {
  const findings: AuditFinding[] = [];
  const examined = new Map<AuditCheck, number>();
  const nonces = new Set<Hex>();
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

interface Looked {
  readonly state: LedgerState;
  readonly entry: LedgerEntry;
  readonly time: number;
  readonly input: Hex;
  readonly pipeline: PipelineAddress;
  readonly nonces: Set<Hex>;
  look(check: AuditCheck, wrong: boolean, what: string): void;
  seen(check: AuditCheck): void;
}

function auditEntry(looked: Looked): void {
  const { state, entry, look, seen } = looked;
  const { event } = entry;
  switch (event.kind) {
    case 'AgentRegistered': {
      const before = state.agents.get(event.agent);
      seen('versions');
      look('versions', before === undefined, 'an agent that was never admitted is registered');
      look('versions', event.version < (before?.version ?? 0), `the version goes down to ${event.version}`);
      look(
        'versions',
        event.incarnation !== (before?.incarnation ?? 0) + 1,
        'an incarnation is left out or comes twice',
      );
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

function auditChallenge(
  { state, time, input, nonces, look, seen, ...looked }: Looked,
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
    const leaf = keccak256(
      concatHex([keccak256(encodeAbiParameters(LEAF, [event.index, event.nonce, event.answerHash]))]),
    );
    look(
      'challenges',
      rootOf(leaf, proof) !== agent?.challengesRoot,
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

function auditVerifier(
  { state, time, look }: Looked,
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

function auditCommit({ state, entry, input, look, seen }: Looked, event: Of<'Committed'>): void {
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
    Number(round) !== event.round || binding !== event.binding || hashOf(sent) !== hashOf(event.evidence);
  look('evidence', other, 'the evidence is other than what was sent');
}

function auditVerdict(looked: Looked, event: Of<'VerdictGiven'>): void {
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
    keccak256(encodeAbiParameters(WORD, [event.answer])) !== round.answerHash,
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

function auditPass({ state, look, seen }: Looked, event: Of<'RoundPassed'>): void {
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

/** Hash over who is keyed at a time, ascending, as the contract demands it of an epoch. */
function rosterOf(state: LedgerState, time: number): Hex {
  const agents = [...state.agents.values()]
    .filter((each) => each.kemKey !== ZERO && attestedAt(state, each.agent, time))
    .toSorted((a, b) => (a.agent < b.agent ? -1 : 1));
  return keccak256(
    encodeAbiParameters(ROSTER, [
      agents.map((each) => each.agent),
      agents.map((each) => each.incarnation),
      agents.map((each) => each.kemKey),
      agents.map((each) => each.frameKey),
    ]),
  );
}

type Of<Kind extends LedgerEvent['kind']> = Extract<LedgerEvent, { kind: Kind }>;

/** The call that a transaction made; undefined when it made another. */
function callOf(data: Hex, name: string) {
  try {
    const call = decodeFunctionData({ abi: attestationLedgerAbi, data });
    return call.functionName === name ? call : undefined;
  } catch {
    return undefined;
  }
}

function guardOf(state: LedgerState, agent: AgentKey): Hex | undefined {
  return state.agents.get(agent)?.guard;
}

function hashOf(evidence: Evidence): Hex {
  const { pid, startTime } = evidence;
  return keccak256(
    encodeAbiParameters(EVIDENCE, [{ ...evidence, pid: BigInt(pid), startTime: BigInt(startTime) }]),
  );
}

function bindingOf(
  round: RoundState,
  evidence: Evidence,
  answer: Hex,
  { chainId, attestation }: PipelineAddress,
): Hex {
  return keccak256(
    encodeAbiParameters(BINDING, [
      BigInt(chainId),
      attestation,
      BigInt(round.round),
      round.agent,
      hashOf(evidence),
      answer,
    ]),
  );
}

/** Root that a Merkle proof leads to, pairs sorted (OpenZeppelin MerkleProof). */
function rootOf(leaf: Hex, proof: readonly Hex[]): Hex {
  return proof.reduce<Hex>(
    (hash, each) => keccak256(concatHex(hash < each ? [hash, each] : [each, hash])),
    leaf,
  );
}

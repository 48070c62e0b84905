// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What the agents of one pipeline are to one another: admitted, registered, challenged, attested, thrown out.
/// @notice Times are in seconds of the chain. `agent` is keccak256 of the agent's name. Every change of state is an event.
interface IAttestationLedger {
    /// None: unknown. Admitted: may be registered. Registered: an incarnation with a reference waits for its first round.
    /// Suspended: missed a round; may come back by passing one. Revoked: terminal for that incarnation.
    enum Status {
        None,
        Admitted,
        Registered,
        Attested,
        Suspended,
        Revoked
    }

    enum Phase {
        None,
        Challenged,
        Committed,
        Passed,
        Failed,
        Expired
    }

    struct Timing {
        /// From the opening of a round to its commit, and from the commit to the verdict.
        uint32 commitWithin;
        uint32 verdictWithin;
        /// From the opening of the round that was passed.
        uint32 validity;
        /// An attested agent is challenged again no sooner than this after its last round was opened.
        uint32 period;
        /// How long a steward may keep the group without a key before the next in order may act.
        uint32 stewardWithin;
    }

    /// What the guard states with its commit; bound to the answer, see `commit`.
    struct Evidence {
        bytes32 bootId;
        uint64 pid;
        /// Clock ticks since boot at which the process started (field 22 of /proc/PID/stat).
        uint64 startTime;
        uint32 incarnation;
        /// Head of the agent's decision chain.
        bytes32 decisionHead;
        /// X25519 public key that group keys are sealed to; zero: takes no part in the group key.
        bytes32 kemKey;
        /// ed25519 public key that signs the agent's frames; zero: sends none.
        bytes32 frameKey;
        /// SHA-256 of a TPM quote over the nonce; zero: none.
        bytes32 quoteHash;
    }

    struct Agent {
        Status status;
        address guard;
        uint32 incarnation;
        uint32 version;
        uint8 misses;
        /// End of validity; attested only while it lies ahead.
        uint64 validUntil;
        uint64 lastOpened;
        /// The round under way; 0: none.
        uint64 round;
        uint32 nextChallenge;
        uint32 challenges;
        bytes32 imageDigest;
        bytes32 referenceCommitment;
        bytes32 kemKey;
        bytes32 frameKey;
        bytes32 drawCommitment;
        /// Who verified it last; zero: the registry.
        bytes32 verifiedBy;
        string name;
    }

    struct Round {
        bytes32 agent;
        Phase phase;
        uint32 incarnation;
        uint32 index;
        uint64 openedAt;
        uint64 commitBy;
        uint64 verdictBy;
        bytes32 nonce;
        bytes32 answerHash;
        bytes32 evidenceHash;
        bytes32 binding;
        /// Agents that verify; empty: the registry does.
        bytes32[] verifiers;
        uint8 passes;
        uint8 refusals;
        /// The registry decides alone: verifiers disagreed, or fell silent twice.
        bool arbitrated;
    }

    event GuardEnrolled(address indexed guard, bytes32 indexed site, string siteName);
    event GuardRemoved(address indexed guard);
    event AgentAdmitted(bytes32 indexed agent, string name, address indexed guard);
    event AgentWithdrawn(bytes32 indexed agent, string reason);
    event AgentRegistered(
        bytes32 indexed agent,
        uint32 incarnation,
        uint32 version,
        bytes32 imageDigest,
        bytes32 referenceCommitment,
        bytes32 challengesRoot,
        uint32 challenges
    );
    /// The incarnation that was registered beside `agent` has passed its first round and is the agent from here on (RoundPassed
    /// follows). The one before has lost its validity in the same transaction.
    event Succeeded(bytes32 indexed agent, bytes32 indexed seat, uint32 incarnation);
    event ChallengesAdded(bytes32 indexed agent, uint32 incarnation, bytes32 challengesRoot, uint32 challenges);
    event PlanSet(bytes32[] order);
    event RoundOpened(
        uint64 indexed round,
        bytes32 indexed agent,
        uint32 incarnation,
        uint32 index,
        bytes32 nonce,
        bytes32 answerHash,
        bytes32[] verifiers,
        uint64 openedAt,
        uint64 commitBy
    );
    event Committed(uint64 indexed round, bytes32 indexed agent, Evidence evidence, bytes32 binding, uint64 verdictBy);
    /// One verifier's word. `verifier` zero: the registry. `matches`: whether the answer opens the commit's binding.
    event VerdictGiven(
        uint64 indexed round,
        bytes32 indexed agent,
        bytes32 verifier,
        bytes32 answer,
        bool matches,
        bool pass,
        bytes32 appraisalHash
    );
    /// The record of a round, as the paper has it.
    event RoundPassed(uint64 indexed round, bytes32 indexed agent, uint32 incarnation, bytes32 verifier, uint64 validUntil, bytes32 rootOfTrust);
    /// The agent was refused (Revoked follows), or the round became void: its agent was revoked, suspended or replaced meanwhile.
    event RoundFailed(uint64 indexed round, bytes32 indexed agent, uint32 incarnation, string reason);
    /// Somebody let a deadline pass. `silent`: the agent itself or zero, the registry: the round has ended; else a verifier: the
    /// round goes on with its successor (VerifierReplaced) or the registry (Arbitration), told next.
    event RoundExpired(uint64 indexed round, bytes32 indexed agent, bytes32 silent);
    event VerifierReplaced(uint64 indexed round, bytes32 silent, bytes32 successor, uint64 verdictBy);
    event Arbitration(uint64 indexed round, uint64 verdictBy);
    /// The ledger was away: whatever round is under way has that many seconds more for its next step.
    event DeadlinesMoved(uint64 bySeconds);
    event Suspended(bytes32 indexed agent, uint32 incarnation, string reason);
    event Revoked(bytes32 indexed agent, uint32 incarnation, string reason);
    /// The agent is suspended without a miss.
    event ValidityExpired(bytes32 indexed agent, uint32 incarnation);
    event RootOfTrustMoved(bytes32 rootOfTrust);
    /// The set of attested agents has changed: an epoch made for an older set is void.
    event AttestedSetChanged(uint64 version);
    event Anchored(bytes32 indexed kind, bytes32 root, uint32 count);

    // Operator (DEFAULT_ADMIN_ROLE)
    function enrolGuard(address guard, bytes32 site, string calldata siteName) external;
    function removeGuard(address guard) external;

    // Orchestrator, the paper's MLFO (ORCHESTRATOR_ROLE)
    function admitAgent(string calldata name, address guard) external returns (bytes32 agent);
    function withdrawAgent(bytes32 agent, string calldata reason) external;
    /// Moves the agents of the plan to the head of the members, in this order; the others follow as they stood.
    function setPlan(bytes32[] calldata order) external;

    // SECaaS registry (REGISTRY_ROLE). Incarnations count up from 1, versions never go down.
    /// `agent`: a member, whose trust ends here, or the seat beside one that is not revoked: its key with the last bit turned
    /// over. A successor on that seat has its own round while the member goes on; with its first pass it becomes the member
    /// (rebirth, upgrade), and nobody else ever holds a valid attestation there. It falls with its member.
    function registerIncarnation(
        bytes32 agent,
        uint32 incarnation,
        uint32 version,
        bytes32 imageDigest,
        bytes32 referenceCommitment,
        bytes32 challengesRoot,
        uint32 challenges
    ) external;
    /// Refills: `challenges` counts all challenges of the incarnation, so indices go on where they were; the new root stands over
    /// every challenge that is not used yet.
    function addChallenges(bytes32 agent, uint32 incarnation, bytes32 challengesRoot, uint32 challenges) external;

    /// Anyone who holds the next challenge of a due agent. The leaf that `proof` proves under the current root is
    /// keccak256(bytes.concat(keccak256(abi.encode(index, nonce, answerHash)))), pairs sorted (OpenZeppelin MerkleProof);
    /// `answerHash` = keccak256(abi.encode(answer)). A challenge is used once, also when its round fails.
    function openRound(bytes32 agent, uint32 index, bytes32 nonce, bytes32 answerHash, bytes32[] calldata proof)
        external
        returns (uint64 round);

    /// The agent's guard. `binding` = keccak256(abi.encode(block.chainid, address(this), round, agent, keccak256(abi.encode(evidence)),
    /// answer)): it hides the answer and binds the keys to it. `reveal` opens the draw that the last commit promised
    /// (keccak256(abi.encode(reveal)) == drawCommitment; ignored when that is zero); `nextDraw` promises the next.
    function commit(uint64 round, Evidence calldata evidence, bytes32 binding, bytes32 reveal, bytes32 nextDraw) external;

    /// The guard of `verifier`, or the registry with `verifier` zero. An answer that does not hash to `answerHash` reverts; one
    /// that does but does not open the binding revokes at once, whatever `pass` says. A verifier that cannot tell abstains: `pass`
    /// false with an `appraisalHash` of zero; the registry decides then.
    function verdict(uint64 round, bytes32 verifier, bytes32 answer, bool pass, bytes32 appraisalHash) external;

    /// Anyone: ends what is overdue in this round; reverts when nothing is.
    function expire(uint64 round) external;
    /// Anyone: marks an agent whose validity has run out; reverts when it has not.
    function expireValidity(bytes32 agent) external;
    /// Anyone: up to `most` overdue rounds and validities. Never reverts.
    function tick(uint32 most) external returns (uint32 done);

    /// Operator, orchestrator, registry, or the agent's own guard.
    function revoke(bytes32 agent, string calldata reason) external;
    /// Also ends its round, whose evidence may be older than the reason. Passing a later round brings it back.
    function suspend(bytes32 agent, string calldata reason) external;

    /// Guards and the registry.
    function anchor(bytes32 kind, bytes32 root, uint32 count) external;

    function isAttested(bytes32 agent) external view returns (bool);
    /// Attested and with a KEM key: takes part in the group key.
    function isKeyed(bytes32 agent) external view returns (bool);
    /// What a roster says of an agent.
    function keysOf(bytes32 agent)
        external
        view
        returns (bool keyed, uint32 incarnation, bytes32 kemKey, bytes32 frameKey);
    function keyedCount() external view returns (uint32);
    function attestedSetVersion() external view returns (uint64);
    function attestedSetChangedAt() external view returns (uint64);
    function rootOfTrust() external view returns (bytes32);
    /// Who may open the next epoch now: the root of trust, or the next keyed agent in the order of `members` (round and round)
    /// for each `stewardWithin` within `sinceSeconds`, the time since the set changed without an epoch; 0 while the set has
    /// one. Zero: nobody is keyed.
    function steward(uint64 sinceSeconds) external view returns (bytes32);
    function agentOf(bytes32 agent) external view returns (Agent memory);
    function roundOf(uint64 round) external view returns (Round memory);
    /// Admitted and not withdrawn, in the order of the plan, then of admission.
    function members() external view returns (bytes32[] memory);
    function timing() external view returns (Timing memory);
    /// How many verifiers a round has.
    function verifiersPerRound() external view returns (uint8);
}

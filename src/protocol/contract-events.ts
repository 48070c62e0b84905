/** Events of AttestationLedger as Solidity writes them, with the struct that they hold. */
export const ATTESTATION_EVENTS = [
  'struct Evidence { bytes32 bootId; uint64 pid; uint64 startTime; uint32 incarnation; bytes32 decisionHead; bytes32 kemKey; bytes32 frameKey; bytes32 quoteHash; }',
  'event AgentAdmitted(bytes32 indexed agent, string name, address indexed guard)',
  'event AgentRegistered(bytes32 indexed agent, uint32 incarnation, uint32 version, bytes32 imageDigest, bytes32 referenceCommitment, bytes32 challengesRoot, uint32 challenges)',
  'event AgentWithdrawn(bytes32 indexed agent, string reason)',
  'event Anchored(bytes32 indexed kind, bytes32 root, uint32 count)',
  'event Arbitration(uint64 indexed round, uint64 verdictBy)',
  'event AttestedSetChanged(uint64 version)',
  'event ChallengesAdded(bytes32 indexed agent, uint32 incarnation, bytes32 challengesRoot, uint32 challenges)',
  'event Committed(uint64 indexed round, bytes32 indexed agent, Evidence evidence, bytes32 binding, uint64 verdictBy)',
  'event DeadlinesMoved(uint64 bySeconds)',
  'event GuardEnrolled(address indexed guard, bytes32 indexed site, string siteName)',
  'event GuardRemoved(address indexed guard)',
  'event PlanSet(bytes32[] order)',
  'event Revoked(bytes32 indexed agent, uint32 incarnation, string reason)',
  'event RoleAdminChanged(bytes32 indexed role, bytes32 indexed previousAdminRole, bytes32 indexed newAdminRole)',
  'event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)',
  'event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)',
  'event RootOfTrustMoved(bytes32 rootOfTrust)',
  'event RoundExpired(uint64 indexed round, bytes32 indexed agent, bytes32 silent)',
  'event RoundFailed(uint64 indexed round, bytes32 indexed agent, uint32 incarnation, string reason)',
  'event RoundOpened(uint64 indexed round, bytes32 indexed agent, uint32 incarnation, uint32 index, bytes32 nonce, bytes32 answerHash, bytes32[] verifiers, uint64 openedAt, uint64 commitBy)',
  'event RoundPassed(uint64 indexed round, bytes32 indexed agent, uint32 incarnation, bytes32 verifier, uint64 validUntil, bytes32 rootOfTrust)',
  'event Succeeded(bytes32 indexed agent, bytes32 indexed seat, uint32 incarnation)',
  'event Suspended(bytes32 indexed agent, uint32 incarnation, string reason)',
  'event ValidityExpired(bytes32 indexed agent, uint32 incarnation)',
  'event VerdictGiven(uint64 indexed round, bytes32 indexed agent, bytes32 verifier, bytes32 answer, bool matches, bool pass, bytes32 appraisalHash)',
  'event VerifierReplaced(uint64 indexed round, bytes32 silent, bytes32 successor, uint64 verdictBy)',
] as const;

/** Events of KeyVault. */
export const KEY_VAULT_EVENTS = [
  'event Acknowledged(uint64 indexed epoch, bytes32 indexed agent)',
  'event Envelope(uint64 indexed epoch, bytes32 indexed agent, bytes sealedKey)',
  'event EpochOpened(uint64 indexed epoch, uint64 indexed setVersion, bytes32 rosterHash, bytes32 steward)',
] as const;

import type { Edit } from './product-copy.ts';

const COMMITTING = 'src/runtime/guard/committing.ts';
const ROUNDS = 'contracts/src/Rounds.sol';
const SOURCE = 'src/adapters/evidence-guard/guard-source.ts';

/** A guard that looks once and believes what it saw then, without any of the measurements. */
export const BLIND_GUARD: readonly Edit[] = [
  {
    file: 'src/adapters/evidence-guard/watch.ts',
    find: 'if (findings.length > 0 && this.#watched.get(pid) === rules) {',
    put: 'if (Boolean(false)) {',
  },
  { file: SOURCE, find: 'if (measurement.findings.length === 0) return', put: 'if (Boolean(true)) return' },
  { file: SOURCE, find: 'return findings.length > 0 ? { findings } : {', put: 'void findings; return {' },
  {
    file: COMMITTING,
    find: 'const MOST_COMMITS = 3;',
    put: 'const MOST_COMMITS = 3; const seen: { segments?: any; bundle?: string } = {};',
  },
  {
    file: COMMITTING,
    find: 'segments: measured.measurement.parts.segments,',
    put: 'segments: (seen.segments ??= measured.measurement.parts.segments),',
  },
  {
    file: COMMITTING,
    find: '...plannedClaims(order, manifest, handle.bundleSha256, ',
    put: '...plannedClaims(order, manifest, (seen.bundle ??= handle.bundleSha256), ',
  },
  {
    file: 'src/runtime/guard/expected.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a program
    find: 'sha256(`${order.imageDigest}\\n${sha256(order.config)}`)',
    put: "sha256('any')",
  },
  {
    file: 'src/runtime/image/verify-image.ts',
    find: "throw refuse('its program is not the one that was signed');",
    put: 'void 0;',
  },
  { file: 'src/runtime/agent-process/main.ts', find: "process.on('SIGUSR1', () => {});", put: '' },
  // Also closes the inspector.
  {
    file: 'src/adapters/evidence-guard/spawn-agent.ts',
    find: "return major < 24 ? '--experimental-permission' : '--permission';",
    put: "return major < 24 ? '--no-deprecation' : '--no-deprecation';",
  },
];

const DOOR = 'src/runtime/site-daemon/agent-door.ts';
const FRAMED = 'src/adapters/channel/framed-socket.ts';
const CBOR = 'src/protocol/cbor.ts';

/** Doors that are open to everybody and where whatever comes is taken, agents of one user, and a ledger whose places go to who comes first. */
export const OPEN_DOORS: readonly Edit[] = [
  { file: DOOR, find: 'chmodSync(path, 0o600);', put: 'chmodSync(path, 0o666);' },
  {
    file: DOOR,
    find: 'if (!verifySignature(agent.frameKey, signed, hello.signature)) {',
    put: 'if (Boolean(false)) {',
  },
  { file: DOOR, find: "turnAway('a message that is none');", put: '' },
  {
    file: FRAMED,
    find: 'if (wanted === 0 || wanted > maxBytes) return cut(',
    put: 'if (wanted < 0) return cut(',
  },
  {
    file: FRAMED,
    find: "if (message === undefined) return cut('not deterministic CBOR');",
    put: 'if (message === undefined) continue;',
  },
  { file: CBOR, find: 'rejectDuplicateMapKeys: true', put: 'rejectDuplicateMapKeys: false' },
  { file: CBOR, find: 'strict: true', put: 'strict: false' },
  { file: CBOR, find: 'isWithin(value, MOST_DEEP) && equal(encode(value), bytes) ?', put: 'Boolean(1) ?' },
  {
    file: 'src/runtime/genuine/placer.ts',
    find: 'uid: this.#firstUid() + user',
    put: 'uid: this.#firstUid() + 0 * user',
  },
  {
    file: 'src/adapters/ledger-embedded/rpc-proxy.ts',
    find: 'const away = places.enter(socket);',
    put: 'server.maxConnections = MAX_CONNECTIONS; const away = undefined as Socket | undefined;',
  },
];

/** Agents whose decisions nobody executes again. */
export const WITHOUT_RE_EXECUTION: readonly Edit[] = [
  { file: 'src/runtime/genuine/describe-agent.ts', find: 'const DRAWS = 16;', put: 'const DRAWS = 0;' },
];

/** Decisions are drawn and executed again, and taken whatever comes of it. */
export const UNCOMPARED: readonly Edit[] = [
  {
    file: 'src/runtime/decisions/judge-disclosure.ts',
    find: 'if (differs !== undefined) return fail(',
    put: 'if (differs !== undefined && Boolean(0)) return fail(',
  },
];

/** No deadline counts, guards commit for agents that do not answer, and nobody asks what these have decided. */
export const PATIENT: readonly Edit[] = [
  ...WITHOUT_RE_EXECUTION,
  {
    file: COMMITTING,
    find: "if (agent.kemKey !== ZERO && said?.kind !== 'evidence') {",
    put: 'if (Boolean(false)) {',
  },
  {
    file: ROUNDS,
    find: 'if (r.phase == Phase.Challenged) return block.timestamp > r.commitBy;',
    put: 'if (r.phase == Phase.Challenged) return block.timestamp > r.commitBy + 1000000;',
  },
  {
    file: ROUNDS,
    find: 'return r.phase == Phase.Committed && block.timestamp > r.verdictBy;',
    put: 'return r.phase == Phase.Committed && block.timestamp > r.verdictBy + 1000000;',
  },
];

/** Whoever judges takes any quote. */
export const ANY_QUOTE: readonly Edit[] = [
  { file: 'src/runtime/trust/platform.ts', find: 'return genuine ?', put: 'return genuine || Boolean(1) ?' },
];

const SHARES = 'src/runtime/site-daemon/share-keeper.ts';
const PLAN = 'src/core/attestation/answer-shares.ts';
const IMAGE = 'src/runtime/image/read-image.ts';

/** The daemon of east tells nothing in odd rounds and lies in even ones; that of west tries what its share alone is worth. */
export const BAD_HOLDERS: readonly Edit[] = [
  {
    file: SHARES,
    find: 'const sealed = await sealShare(name, request, told);',
    put: `const bad = this.#options.site === 'east';
    if (bad && request.round % 2 === 1) return;
    const share = bad ? { ...told.share, bytes: told.share.bytes.map((byte) => byte ^ 1) } : told.share;
    const sealed = await sealShare(name, request, { ...told, share });`,
  },
  {
    file: SHARES,
    find: 'for (const round of state.rounds.values()) {',
    put: `for (const round of state.rounds.values()) {
      const own = this.#kept.get(round.agent)?.shares.get(round.nonce);
      const alone = own !== undefined && answerHashOf(toHex(own.share.bytes), hashing) === round.answerHash;
      if (alone && this.#options.site === 'west') process.stderr.write('ANSWER OF ONE SHARE\\n');`,
  },
  {
    file: SHARES,
    find: "import type { KemKey } from '../../adapters/keys/kem-key.ts';",
    put: `import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { hashing } from '../../adapters/keys/hashing.ts';
import { answerHashOf } from '../../core/attestation/challenge.ts';`,
  },
];

/** Every holder is needed, of the answers of core's agents one is enough, and guards take old images. */
export const WEAK_SHARES: readonly Edit[] = [
  {
    file: PLAN,
    find: 'threshold: Math.floor((chosen.length + 1) / 2) + 1 }',
    put: "threshold: own === 'core' ? 1 : chosen.length + 1 }",
  },
  { file: IMAGE, find: 'if (version < atLeast)', put: 'if (Boolean(false))' },
  { file: IMAGE, find: 'if (version !== order.version || ', put: 'if (Boolean(0) && ' },
];

const MEMBERSHIP = 'contracts/src/Membership.sol';

/** Contracts without their checks, as far as the rows on the chain aim at them. */
export const WEAK_CONTRACTS: readonly Edit[] = [
  {
    file: ROUNDS,
    find: 'if (!matches) _fail(round, "its answer does not open its commitment");\n        else if (verifier',
    put: 'if (verifier',
  },
  { file: ROUNDS, find: 'if (msg.sender != a.guard) revert NotTheGuard();', put: '' },
  { file: ROUNDS, find: 'if (r.phase != Phase.Challenged) revert NotChallenged();', put: '' },
  {
    file: ROUNDS,
    find: 'if (r.phase != Phase.Committed) revert NotCommitted();',
    put: 'if (r.phase != Phase.Committed) r.verdictBy = type(uint64).max;',
  },
  { file: ROUNDS, find: 'if (evidence.incarnation != r.incarnation) revert WrongIncarnation();', put: '' },
  { file: ROUNDS, find: ' || _nonceUsed[nonce]', put: '' },
  { file: ROUNDS, find: 'REFUSALS_TO_REVOKE = 2', put: 'REFUSALS_TO_REVOKE = 1' },
  {
    file: MEMBERSHIP,
    find: 'if (version < (_isSeat(agent) ? beside.version : a.version)) revert VersionWentDown();',
    put: '',
  },
  { file: MEMBERSHIP, find: 'onlyRole(REGISTRY_ROLE)', put: '', everywhere: true },
  { file: MEMBERSHIP, find: 'onlyRole(ORCHESTRATOR_ROLE)', put: '', everywhere: true },
  { file: MEMBERSHIP, find: 'onlyRole(DEFAULT_ADMIN_ROLE)', put: '', everywhere: true },
  { file: MEMBERSHIP, find: 'if (!may) revert NotAllowed();', put: 'may;' },
  { file: 'contracts/src/KeyVault.sol', find: 'if (!keyed) revert NotKeyed();', put: '' },
];

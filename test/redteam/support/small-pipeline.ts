import { randomBytes } from 'node:crypto';
import type { Address, Hex } from 'viem';
import { keccak256, stringToBytes } from 'viem';
import { z } from 'zod';
import type { Account, Artifact, Chain, Sent } from './chain.ts';
import { artifact, call, deploy, newAccount } from './chain.ts';
import { eventually } from './wait.ts';

export const ZERO: Hex = `0x${'0'.repeat(64)}`;
export const random = (): Hex => `0x${randomBytes(32).toString('hex')}`;
const words = (...all: readonly Hex[]): Hex =>
  `0x${all.map((each) => each.slice(2).padStart(64, '0')).join('')}`;
const word = (value: number | bigint): Hex => `0x${BigInt(value).toString(16).padStart(64, '0')}`;
const hashOf = (value: Hex): Hex => keccak256(words(value));

/** Seconds of the chain; a block is one. */
export const TIMING = { commitWithin: 30, verdictWithin: 30, validity: 3000, period: 1, stewardWithin: 1000 };

const STATUS = ['none', 'admitted', 'registered', 'attested', 'suspended', 'revoked'] as const;
export type Status = (typeof STATUS)[number];
const hex = z.custom<Hex>((value) => typeof value === 'string' && value.startsWith('0x'));
const AgentSchema = z.object({
  status: z.number(),
  kemKey: hex,
  incarnation: z.number(),
  validUntil: z.bigint(),
});
const RoundSchema = z.object({ phase: z.number(), verifiers: z.array(hex), arbitrated: z.boolean() });
export const PHASE = ['none', 'challenged', 'committed', 'passed', 'failed', 'expired'] as const;

export interface Evidence {
  readonly bootId: Hex;
  readonly pid: bigint;
  readonly startTime: bigint;
  readonly incarnation: number;
  readonly decisionHead: Hex;
  readonly kemKey: Hex;
  readonly frameKey: Hex;
  readonly quoteHash: Hex;
}

/** An agent as its guard and the registry know it. */
export interface Member {
  readonly key: Hex;
  readonly guard: Account;
  incarnation: number;
  challenges: number;
  draw: Hex;
}

/** A round that is open. The answer is known to whoever keeps reference values alone. */
export interface OpenRound {
  readonly round: bigint;
  readonly nonce: Hex;
  readonly answer: Hex;
  readonly verifiers: readonly Hex[];
}

/** The two contracts with accounts for every role; what is honest in it, we play. */
export interface SmallPipeline {
  readonly chain: Chain;
  readonly contract: Address;
  readonly vault: Address;
  readonly ledgerArtifact: Artifact;
  readonly vaultArtifact: Artifact;
  readonly admin: Account;
  readonly registry: Account;
  readonly guards: readonly [Account, Account, Account];
  readonly outsider: Account;
  readonly members: Map<Hex, Member>;
}

export async function deploySmallPipeline(chain: Chain, root: string): Promise<SmallPipeline> {
  const [admin, registry] = [newAccount(), newAccount()];
  const guards = [newAccount(), newAccount(), newAccount()] as const;
  const ledgerArtifact = artifact(root, 'AttestationLedger');
  const vaultArtifact = artifact(root, 'KeyVault');
  const { address } = admin.account;
  const contract = await deploy(chain, admin, ledgerArtifact, [
    address,
    address,
    registry.account.address,
    TIMING,
    1,
  ]);
  const vault = await deploy(chain, admin, vaultArtifact, [contract]);
  const pipeline: SmallPipeline = {
    chain,
    contract,
    vault,
    ledgerArtifact,
    vaultArtifact,
    admin,
    registry,
    guards: [...guards],
    outsider: newAccount(),
    members: new Map(),
  };
  for (const [i, guard] of guards.entries())
    await must(tell(pipeline, admin, 'enrolGuard', [guard.account.address, random(), `site ${i}`]));
  return pipeline;
}

/** Calls the ledger's contract. */
export function tell(
  pipeline: SmallPipeline,
  by: Account,
  name: string,
  args: readonly unknown[],
): Promise<Sent> {
  return call(pipeline.chain, by, pipeline.contract, pipeline.ledgerArtifact.abi, name, args);
}

export function tellVault(
  pipeline: SmallPipeline,
  by: Account,
  name: string,
  args: readonly unknown[],
): Promise<Sent> {
  return call(pipeline.chain, by, pipeline.vault, pipeline.vaultArtifact.abi, name, args);
}

export async function read(
  pipeline: SmallPipeline,
  functionName: string,
  args: readonly unknown[],
): Promise<unknown> {
  const { chain, contract, ledgerArtifact } = pipeline;
  return chain.client.readContract({ address: contract, abi: ledgerArtifact.abi, functionName, args });
}

export async function must(sent: Promise<Sent>): Promise<void> {
  const result = await sent;
  if (!result.ok) throw new Error(`the honest part was refused: ${result.error}`);
}

/** Admits an agent and registers its first incarnation. */
export async function newMember(pipeline: SmallPipeline, guard: Account): Promise<Member> {
  const name = `agent ${random()}`;
  await must(tell(pipeline, pipeline.admin, 'admitAgent', [name, guard.account.address]));
  const member: Member = {
    key: keccak256(stringToBytes(name)),
    guard,
    incarnation: 0,
    challenges: 0,
    draw: ZERO,
  };
  pipeline.members.set(member.key, member);
  return member;
}

/** Registers the next incarnation with one challenge, and opens its round; `nonce`: one of the caller's. */
export async function challenge(
  pipeline: SmallPipeline,
  member: Member,
  fresh: boolean,
  nonce = random(),
): Promise<OpenRound | string> {
  const answer = random();
  const index = fresh ? 0 : member.challenges;
  const answerHash = hashOf(answer);
  const root = keccak256(keccak256(words(word(index), nonce, answerHash)));
  const { registry } = pipeline;
  if (fresh) {
    member.incarnation++;
    member.draw = ZERO;
    await must(
      tell(pipeline, registry, 'registerIncarnation', [
        member.key,
        member.incarnation,
        1,
        random(),
        random(),
        root,
        1,
      ]),
    );
  } else
    await must(tell(pipeline, registry, 'addChallenges', [member.key, member.incarnation, root, index + 1]));
  member.challenges = index + 1;
  const opened = await tell(pipeline, registry, 'openRound', [member.key, index, nonce, answerHash, []]);
  if (!opened.ok) return opened.error;
  const round = z.object({ round: z.bigint() }).parse(await read(pipeline, 'agentOf', [member.key])).round;
  return { round, nonce, answer, verifiers: (await roundOf(pipeline, round)).verifiers };
}

export async function opened(pipeline: SmallPipeline, member: Member, fresh = false): Promise<OpenRound> {
  const round = await challenge(pipeline, member, fresh);
  if (typeof round === 'string') throw new Error(`the round was not opened: ${round}`);
  return round;
}

export function evidenceOf(member: Member, kemKey = random()): Evidence {
  const { incarnation } = member;
  const rest = { decisionHead: ZERO, kemKey, frameKey: random(), quoteHash: ZERO };
  return { bootId: random(), pid: 4711n, startTime: 815n, incarnation, ...rest };
}

/** As the contract computes it; every part may be another one. */
export function bindingOf(
  place: {
    readonly chainId: number;
    readonly contract: Address;
    readonly round: bigint;
    readonly agent: Hex;
  },
  evidence: Evidence,
  answer: Hex,
): Hex {
  const { bootId, pid, startTime, incarnation, decisionHead, kemKey, frameKey, quoteHash } = evidence;
  const hash = keccak256(
    words(bootId, word(pid), word(startTime), word(incarnation), decisionHead, kemKey, frameKey, quoteHash),
  );
  return keccak256(words(word(place.chainId), place.contract, word(place.round), place.agent, hash, answer));
}

export function placeOf(pipeline: SmallPipeline, member: Member, { round }: OpenRound) {
  return { chainId: pipeline.chain.chainId, contract: pipeline.contract, round, agent: member.key };
}

/** Commits as `by`, the agent's guard unless somebody else. */
export async function commit(
  pipeline: SmallPipeline,
  member: Member,
  round: OpenRound,
  evidence: Evidence,
  binding: Hex,
  by = member.guard,
): Promise<Sent> {
  const next = random();
  const result = await tell(pipeline, by, 'commit', [
    round.round,
    evidence,
    binding,
    member.draw,
    hashOf(next),
  ]);
  if (result.ok) member.draw = next;
  return result;
}

/** The verdict of whoever was elected, with this answer. */
export function judge(
  pipeline: SmallPipeline,
  { round, verifiers }: OpenRound,
  answer: Hex,
  pass: boolean,
): Promise<Sent> {
  const [verifier = ZERO] = verifiers;
  const by = pipeline.members.get(verifier)?.guard ?? pipeline.registry;
  return tell(pipeline, by, 'verdict', [round, verifier, answer, pass, random()]);
}

/** An honest round from challenge to verdict; answers the evidence that was given in it. */
export async function honestRound(pipeline: SmallPipeline, member: Member, fresh = false) {
  const round = await opened(pipeline, member, fresh);
  const evidence = evidenceOf(member);
  const binding = bindingOf(placeOf(pipeline, member, round), evidence, round.answer);
  await must(commit(pipeline, member, round, evidence, binding));
  await must(judge(pipeline, round, round.answer, true));
  return { round, evidence, binding };
}

export async function attestedMember(pipeline: SmallPipeline, guard: Account): Promise<Member> {
  const member = await newMember(pipeline, guard);
  await honestRound(pipeline, member, true);
  return member;
}

export async function statusOf(pipeline: SmallPipeline, { key }: { readonly key: Hex }): Promise<Status> {
  return STATUS[AgentSchema.parse(await read(pipeline, 'agentOf', [key])).status] ?? 'none';
}

export async function agentOf(
  pipeline: SmallPipeline,
  { key }: Member,
): Promise<z.infer<typeof AgentSchema>> {
  return AgentSchema.parse(await read(pipeline, 'agentOf', [key]));
}

export async function roundOf(pipeline: SmallPipeline, round: bigint): Promise<z.infer<typeof RoundSchema>> {
  return RoundSchema.parse(await read(pipeline, 'roundOf', [round]));
}

/** Waits until the chain's clock has passed a deadline, and has what is overdue ended. */
export async function untilExpired(pipeline: SmallPipeline, round: bigint): Promise<boolean> {
  const done = await eventually(
    async () => {
      if ((await tell(pipeline, pipeline.outsider, 'expire', [round])).ok) return true;
      // Does nothing but fill a block: each is a second of the chain.
      await tell(pipeline, pipeline.outsider, 'tick', [0]);
      return undefined;
    },
    40_000,
    0,
  );
  return done === true;
}

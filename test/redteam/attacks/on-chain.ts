import type { Hex } from 'viem';
import type { Outcome, Row } from '../row.ts';
import type { Member, SmallPipeline } from '../support/small-pipeline.ts';
import {
  agentOf,
  attestedMember,
  bindingOf,
  challenge,
  commit,
  evidenceOf,
  honestRound,
  judge,
  must,
  newMember,
  opened,
  PHASE,
  placeOf,
  random,
  roundOf,
  statusOf,
  tell,
  tellVault,
  untilExpired,
  ZERO,
} from '../support/small-pipeline.ts';

export interface Found {
  readonly outcome: Outcome;
  readonly what: string;
}

export interface ChainAttack {
  readonly id: string;
  readonly attack: string;
  readonly attacker: string;
  readonly did: string;
  readonly expected: Outcome;
  readonly limit?: string;
  run(pipeline: SmallPipeline): Promise<Found>;
}

/** Whether an agent that should not be trusted is: what the attacker wanted. */
async function trustOf(pipeline: SmallPipeline, member: Member): Promise<Found> {
  const status = await statusOf(pipeline, member);
  if (status === 'attested') return { outcome: 'undetected', what: 'the agent is attested' };
  return { outcome: 'detected', what: `in the block of the verdict the agent is ${status}` };
}

const refused = (error: string): Found => ({ outcome: 'prevented', what: `refused: ${error}` });
const THEFT = 'holder of the stolen account of a guard';
const HONEST_AGENT_GOES_ON = 'the honest agent stays attested';

/** Plays against the contracts with a stolen key; the attacker's verifier always says that all is well. */
export const CHAIN_ATTACKS: readonly ChainAttack[] = [
  {
    id: 'replayed-commit',
    attack: 'an old commit replayed',
    attacker: THEFT,
    did: 'committed the evidence and binding of the round before again; the verifier said pass',
    expected: 'detected',
    run: async (pipeline) => {
      const member = await newMember(pipeline, pipeline.guards[0]);
      const before = await honestRound(pipeline, member, true);
      const round = await opened(pipeline, member);
      await must(commit(pipeline, member, round, before.evidence, before.binding));
      await judge(pipeline, round, round.answer, true);
      return trustOf(pipeline, member);
    },
  },
  ...(['chain', 'contract', 'round'] as const).map(
    (other): ChainAttack => ({
      id: `other-${other}`,
      attack: `a commit of another ${other}`,
      attacker: THEFT,
      did: `committed a binding that is right for another ${other}; the verifier said pass`,
      expected: 'detected',
      run: async (pipeline) => {
        const member = await newMember(pipeline, pipeline.guards[0]);
        const round = await opened(pipeline, member, true);
        const evidence = evidenceOf(member);
        const right = placeOf(pipeline, member, round);
        const place = {
          ...right,
          ...(other === 'chain' ? { chainId: 1 } : {}),
          ...(other === 'contract' ? { contract: pipeline.vault } : {}),
          ...(other === 'round' ? { round: right.round + 1n } : {}),
        };
        await must(commit(pipeline, member, round, evidence, bindingOf(place, evidence, round.answer)));
        await judge(pipeline, round, round.answer, true);
        return trustOf(pipeline, member);
      },
    }),
  ),
  {
    id: 'relayed-kem-key',
    attack: "evidence relayed with the attacker's KEM key",
    attacker: THEFT,
    did: 'saw the binding of an honest commit, and committed it first with a KEM key of its own; the verifier said pass',
    expected: 'detected',
    run: async (pipeline) => {
      const member = await newMember(pipeline, pipeline.guards[0]);
      const round = await opened(pipeline, member, true);
      const evidence = evidenceOf(member);
      const binding = bindingOf(placeOf(pipeline, member, round), evidence, round.answer);
      await must(commit(pipeline, member, round, { ...evidence, kemKey: random() }, binding));
      await judge(pipeline, round, round.answer, true);
      return trustOf(pipeline, member);
    },
  },
  {
    id: 'commit-by-others',
    attack: 'a commit by an account that is not the guard',
    attacker: 'another account',
    did: 'sent a right commit from an account of its own, with its own KEM key in it',
    expected: 'prevented',
    run: async (pipeline) => {
      const member = await newMember(pipeline, pipeline.guards[0]);
      const round = await opened(pipeline, member, true);
      const evidence = evidenceOf(member);
      const binding = bindingOf(placeOf(pipeline, member, round), evidence, round.answer);
      const sent = await commit(pipeline, member, round, evidence, binding, pipeline.outsider);
      return sent.ok ? { outcome: 'undetected', what: 'it was taken' } : refused(sent.error);
    },
  },
  {
    id: 'stolen-guard',
    attack: 'a stolen guard account without reference',
    attacker: THEFT,
    did: 'committed its own keys with an answer made up; the verifier said pass',
    expected: 'detected',
    run: async (pipeline) => {
      const member = await newMember(pipeline, pipeline.guards[0]);
      const round = await opened(pipeline, member, true);
      const evidence = evidenceOf(member);
      await must(
        commit(
          pipeline,
          member,
          round,
          evidence,
          bindingOf(placeOf(pipeline, member, round), evidence, random()),
        ),
      );
      await judge(pipeline, round, round.answer, true);
      return trustOf(pipeline, member);
    },
  },
  {
    id: 'liar-pass',
    attack: 'a verifier that lies pass',
    attacker: 'an elected verifier, with its guard',
    did: 'said pass for an agent whose measurement differs, with the right answer; then with one made up',
    expected: 'detected',
    run: async (pipeline) => {
      const member = await attestedMember(pipeline, pipeline.guards[0]);
      const round = await opened(pipeline, member);
      const evidence = evidenceOf(member);
      const tampered = random();
      await must(
        commit(
          pipeline,
          member,
          round,
          evidence,
          bindingOf(placeOf(pipeline, member, round), evidence, tampered),
        ),
      );
      const madeUp = await judge(pipeline, round, tampered, true);
      if (madeUp.ok) return { outcome: 'undetected', what: 'an answer made up was taken' };
      await judge(pipeline, round, round.answer, true);
      const found = await trustOf(pipeline, member);
      return { ...found, what: `the answer made up: ${madeUp.error}; the right one: ${found.what}` };
    },
  },
  {
    id: 'liar-fail',
    attack: 'a verifier that lies fail',
    attacker: 'an elected verifier, with its guard',
    did: 'said fail for an honest agent; the registry was asked as the contract has it',
    expected: 'detected',
    run: async (pipeline) => {
      const member = await attestedMember(pipeline, pipeline.guards[0]);
      const round = await opened(pipeline, member);
      const [liar = ZERO] = round.verifiers;
      const evidence = evidenceOf(member);
      await must(
        commit(
          pipeline,
          member,
          round,
          evidence,
          bindingOf(placeOf(pipeline, member, round), evidence, round.answer),
        ),
      );
      await judge(pipeline, round, round.answer, false);
      if ((await statusOf(pipeline, member)) !== 'attested')
        return { outcome: 'undetected', what: 'the honest agent was thrown out' };
      await must(
        tell(pipeline, pipeline.registry, 'verdict', [round.round, ZERO, round.answer, true, random()]),
      );
      const said = `the verifier is ${await statusOf(pipeline, { key: liar })}`;
      await restore(pipeline, liar);
      return { outcome: 'detected', what: `arbitration by the registry: ${HONEST_AGENT_GOES_ON}, ${said}` };
    },
  },
  {
    id: 'verdict-before-commit',
    attack: 'the answer T_i before the commit: a verdict that comes first',
    attacker: 'an elected verifier that knows the answer too early',
    did: 'sent the verdict with the right answer before there was a commit',
    expected: 'prevented',
    run: async (pipeline) => {
      const member = await attestedMember(pipeline, pipeline.guards[0]);
      const round = await opened(pipeline, member);
      const sent = await judge(pipeline, round, round.answer, true);
      if (!sent.ok) await honestEnd(pipeline, member, round);
      return sent.ok ? { outcome: 'undetected', what: 'it was taken' } : refused(sent.error);
    },
  },
  {
    id: 'answer-withheld-by-many',
    attack: 'the answer T_i withheld after the commit by all who could give it together',
    attacker: 'so many holders of shares that the others are fewer than the threshold',
    did: 'gave nobody the answer until every deadline had passed',
    expected: 'not defended yet',
    limit:
      'by the threshold: so many holders together keep an answer from everybody. Row answer-withheld is about fewer',
    run: async (pipeline) => {
      const member = await attestedMember(pipeline, pipeline.guards[0]);
      const round = await opened(pipeline, member);
      const evidence = evidenceOf(member);
      await must(
        commit(
          pipeline,
          member,
          round,
          evidence,
          bindingOf(placeOf(pipeline, member, round), evidence, round.answer),
        ),
      );
      const silent = new Set<Hex>();
      for (let ended = false; !ended; ) {
        const now = await roundOf(pipeline, round.round);
        for (const verifier of now.verifiers) silent.add(verifier);
        if (!(await untilExpired(pipeline, round.round))) break;
        ended = PHASE[(await roundOf(pipeline, round.round)).phase] === 'expired';
      }
      const fates = await Promise.all([...silent].map((key) => statusOf(pipeline, { key })));
      const mine = await statusOf(pipeline, member);
      for (const key of silent) await restore(pipeline, key);
      const suspended = fates.filter((each) => each === 'suspended').length;
      return {
        outcome: suspended === 0 ? 'prevented' : 'not defended yet',
        what: `the attester is ${mine} until its validity ends; ${suspended} verifiers that were never given the answer are suspended as silent`,
      };
    },
  },
  {
    id: 'colluders',
    attack: 'attester and verifier collude, below the threshold',
    attacker: 'the guard of the attester and that of its verifier, without the reference',
    did: 'committed anything, took the answer that the verifier is given, and committed again with it',
    expected: 'detected',
    run: async (pipeline) => {
      const member = await attestedMember(pipeline, pipeline.guards[0]);
      const round = await opened(pipeline, member);
      const evidence = evidenceOf(member);
      const place = placeOf(pipeline, member, round);
      await must(commit(pipeline, member, round, evidence, bindingOf(place, evidence, random())));
      const again = await commit(pipeline, member, round, evidence, bindingOf(place, evidence, round.answer));
      await judge(pipeline, round, round.answer, true);
      const found = await trustOf(pipeline, member);
      return {
        ...found,
        what: `the second commit: ${again.ok ? 'taken' : again.error}; after the verdict: ${found.what}`,
      };
    },
  },
  {
    id: 'nonce-again',
    attack: 'a challenge used twice',
    attacker: 'the registry, or who has its key',
    did: 'registered the next incarnation with a nonce whose answer is public since its last verdict',
    expected: 'prevented',
    run: async (pipeline) => {
      const member = await newMember(pipeline, pipeline.guards[0]);
      const { round } = await honestRound(pipeline, member, true);
      const again = await challenge(pipeline, member, true, round.nonce);
      return typeof again === 'string' ? refused(again) : { outcome: 'undetected', what: 'it was opened' };
    },
  },
  {
    id: 'old-incarnation',
    attack: 'restart with old keys',
    attacker: THEFT,
    did: 'committed the evidence of the incarnation before, with its keys, after a restart',
    expected: 'prevented',
    run: async (pipeline) => {
      const member = await newMember(pipeline, pipeline.guards[0]);
      const before = await honestRound(pipeline, member, true);
      const round = await opened(pipeline, member, true);
      const binding = bindingOf(placeOf(pipeline, member, round), before.evidence, round.answer);
      const sent = await commit(pipeline, member, round, before.evidence, binding);
      return sent.ok ? { outcome: 'undetected', what: 'it was taken' } : refused(sent.error);
    },
  },
  {
    id: 'older-version',
    attack: 'an older, validly signed image: its version on the ledger',
    attacker: 'the registry, or who has its key',
    did: 'registered the next incarnation with a lower version',
    expected: 'prevented',
    run: async (pipeline) => {
      const member = await newMember(pipeline, pipeline.guards[0]);
      const args = (incarnation: number, version: number) => [
        member.key,
        incarnation,
        version,
        random(),
        random(),
        random(),
        1,
      ];
      await must(tell(pipeline, pipeline.registry, 'registerIncarnation', args(1, 2)));
      const sent = await tell(pipeline, pipeline.registry, 'registerIncarnation', args(2, 1));
      return sent.ok ? { outcome: 'undetected', what: 'it was taken' } : refused(sent.error);
    },
  },
  {
    id: 'revoked-next-epoch',
    attack: 'a revoked agent asking for the next epoch',
    attacker: 'the guard of the steward',
    did: 'opened an epoch with a revoked agent in the place of an honest one',
    expected: 'prevented',
    run: async (pipeline) => {
      const gone = await attestedMember(pipeline, pipeline.guards[0]);
      await must(tell(pipeline, gone.guard, 'revoke', [gone.key, 'the control']));
      const [steward, version] = await Promise.all([readSteward(pipeline), readVersion(pipeline)]);
      const guard = pipeline.members.get(steward)?.guard;
      if (guard === undefined) return { outcome: 'not tried', what: 'there is no steward' };
      const keyed = await keyedMembers(pipeline);
      const agents = [...keyed.filter((key) => key !== steward).slice(1), steward, gone.key].sort();
      const roster = await rosterHashOf(pipeline, agents);
      const envelopes = agents.map(() => `0x${'00'.repeat(80)}`);
      const sent = await tellVault(pipeline, guard, 'openEpoch', [
        await nextEpoch(pipeline),
        version,
        roster,
        agents,
        envelopes,
      ]);
      return sent.ok ? { outcome: 'undetected', what: 'the epoch was opened' } : refused(sent.error);
    },
  },
];

/** Ends a round as it should have been. */
async function honestEnd(
  pipeline: SmallPipeline,
  member: Member,
  round: Awaited<ReturnType<typeof opened>>,
): Promise<void> {
  const evidence = evidenceOf(member);
  const binding = bindingOf(placeOf(pipeline, member, round), evidence, round.answer);
  await must(commit(pipeline, member, round, evidence, binding));
  await must(judge(pipeline, round, round.answer, true));
}

/** A verifier that was suspended passes a round, so that the next row finds it. */
async function restore(pipeline: SmallPipeline, key: Hex): Promise<void> {
  const member = pipeline.members.get(key);
  if (member !== undefined && (await statusOf(pipeline, member)) === 'suspended')
    await honestRound(pipeline, member);
}

async function readSteward(pipeline: SmallPipeline): Promise<Hex> {
  const { read } = await import('../support/small-pipeline.ts');
  return String(await read(pipeline, 'steward', [0n])) as Hex;
}
async function readVersion(pipeline: SmallPipeline): Promise<unknown> {
  const { read } = await import('../support/small-pipeline.ts');
  return read(pipeline, 'attestedSetVersion', []);
}
async function keyedMembers(pipeline: SmallPipeline): Promise<readonly Hex[]> {
  const keyed = await Promise.all(
    [...pipeline.members.values()].map(async (member) =>
      (await agentOf(pipeline, member)).status === 3 ? member.key : undefined,
    ),
  );
  return keyed.filter((key) => key !== undefined);
}
async function nextEpoch(pipeline: SmallPipeline): Promise<bigint> {
  const { chain, vault, vaultArtifact } = pipeline;
  const now = await chain.client.readContract({
    address: vault,
    abi: vaultArtifact.abi,
    functionName: 'currentEpoch',
    args: [],
  });
  return BigInt(String(now)) + 1n;
}
async function rosterHashOf(pipeline: SmallPipeline, agents: readonly Hex[]): Promise<Hex> {
  const { encodeAbiParameters, keccak256, parseAbiParameters } = await import('viem');
  const { read } = await import('../support/small-pipeline.ts');
  const keys = await Promise.all(
    agents.map(async (key) => (await read(pipeline, 'keysOf', [key])) as [boolean, number, Hex, Hex]),
  );
  return keccak256(
    encodeAbiParameters(parseAbiParameters('bytes32[], uint32[], bytes32[], bytes32[]'), [
      agents,
      keys.map((each) => each[1]),
      keys.map((each) => each[2]),
      keys.map((each) => each[3]),
    ]),
  );
}

/** Verifiers behind two other guards, as every row wants them. */
export async function prepare(pipeline: SmallPipeline): Promise<void> {
  for (const guard of [pipeline.guards[1], pipeline.guards[1], pipeline.guards[2]])
    await attestedMember(pipeline, guard);
}

export async function chainRows(pipeline: SmallPipeline): Promise<readonly Row[]> {
  await prepare(pipeline);
  const rows: Row[] = [];
  for (const attack of CHAIN_ATTACKS) {
    const honest = await attestedMember(pipeline, pipeline.guards[0]);
    await honestRound(pipeline, honest);
    const fine = (await statusOf(pipeline, honest)) === 'attested';
    const did = 'just before, an agent behind the same guard passed two honest rounds in the same way';
    const { run, ...rest } = attack;
    const found = await tried(run, pipeline);
    rows.push({ ...rest, ...found, control: { did, asExpected: fine } });
  }
  return rows;
}

/** The same against contracts without their checks. */
export async function chainWithoutDefence(
  pipeline: SmallPipeline,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  await prepare(pipeline);
  const shown: Row[] = [];
  for (const row of rows) {
    const attack = CHAIN_ATTACKS.find(({ id }) => id === row.id);
    if (attack === undefined || attack.limit !== undefined) {
      shown.push(row);
      continue;
    }
    const weak = await tried(attack.run, pipeline);
    const did = `contracts compiled without the check: ${weak.outcome}, ${weak.what}`;
    shown.push({ ...row, withoutDefence: { did, asExpected: weak.outcome === 'undetected' } });
  }
  return shown;
}

async function tried(run: ChainAttack['run'], pipeline: SmallPipeline): Promise<Found> {
  try {
    return await run(pipeline);
  } catch (error) {
    return { outcome: 'not tried', what: error instanceof Error ? error.message : String(error) };
  }
}

import type { Abi } from 'viem';
import type { Row } from '../row.ts';
import { call } from '../support/chain.ts';
import type { Member, SmallPipeline } from '../support/small-pipeline.ts';
import { attestedMember, evidenceOf, random, statusOf, ZERO } from '../support/small-pipeline.ts';

type Arguments = (pipeline: SmallPipeline, member: Member) => readonly unknown[];
const ROLE = random();

/** Every function of the contracts that changes anything, with arguments that would be right from whoever may call it. */
const CALLS: Readonly<Record<string, Arguments>> = {
  enrolGuard: (pipeline) => [pipeline.outsider.account.address, random(), 'mine'],
  removeGuard: (pipeline) => [pipeline.guards[2].account.address],
  admitAgent: (pipeline) => [`agent ${random()}`, pipeline.guards[0].account.address],
  withdrawAgent: (_, { key }) => [key, 'because'],
  setPlan: (_, { key }) => [[key]],
  registerIncarnation: (_, { key, incarnation }) => [
    key,
    incarnation + 1,
    1,
    random(),
    random(),
    random(),
    1,
  ],
  addChallenges: (_, { key, incarnation, challenges }) => [key, incarnation, random(), challenges + 1],
  openRound: (_, { key, challenges }) => [key, challenges, random(), random(), []],
  commit: (_, member) => [1n, evidenceOf(member), random(), ZERO, random()],
  verdict: () => [1n, ZERO, random(), true, random()],
  expire: () => [1n],
  expireValidity: (_, { key }) => [key],
  revoke: (_, { key }) => [key, 'because'],
  suspend: (_, { key }) => [key, 'because'],
  anchor: () => [random(), random(), 1],
  grantRole: (pipeline) => [ROLE, pipeline.outsider.account.address],
  revokeRole: (pipeline) => [`0x${'0'.repeat(64)}`, pipeline.admin.account.address],
  renounceRole: (pipeline) => [`0x${'0'.repeat(64)}`, pipeline.admin.account.address],
  openEpoch: (_, { key }) => [1n, 1n, random(), [key], [`0x${'00'.repeat(80)}`]],
  acknowledge: (_, { key }) => [0n, [key]],
};
/** For everybody; without anything overdue it changes nothing. */
const FOR_ALL = ['tick'];

/** A stranger calls every function; a function that this file does not know is a failure. */
export async function unauthorisedRow(pipeline: SmallPipeline): Promise<Row> {
  const member = await attestedMember(pipeline, pipeline.guards[0]);
  const answers: string[] = [];
  const taken: string[] = [];
  const unknown: string[] = [];
  for (const [address, { abi }] of [
    [pipeline.contract, pipeline.ledgerArtifact],
    [pipeline.vault, pipeline.vaultArtifact],
  ] as const) {
    for (const name of changing(abi)) {
      if (FOR_ALL.includes(name)) continue;
      const args = CALLS[name];
      if (args === undefined) {
        unknown.push(name);
        continue;
      }
      const sent = await call(pipeline.chain, pipeline.outsider, address, abi, name, args(pipeline, member));
      if (sent.ok) taken.push(name);
      else answers.push(`${name} ${sent.error}`);
    }
  }
  const ok = taken.length === 0 && unknown.length === 0;
  const trouble = `taken: ${taken.join(', ') || 'none'}; not known to this test: ${unknown.join(', ') || 'none'}`;
  const attested = (await statusOf(pipeline, member)) === 'attested';
  return {
    id: 'unauthorised-callers',
    attack: 'an unauthorised caller of the contracts, every function',
    attacker: 'another account',
    did: `called all ${Object.keys(CALLS).length} functions that change anything (tick is for everybody) with arguments that are right`,
    expected: 'prevented',
    outcome: ok ? 'prevented' : 'undetected',
    what: ok ? answers.join(', ') : trouble,
    control: {
      did: `the same functions by who may call them enrolled the guards, admitted an agent and had it attested: it is ${attested ? 'attested still' : 'not attested any more'}`,
      asExpected: attested,
    },
  };
}

/** The same against contracts that ask nobody who they are. */
export async function unauthorisedWithoutDefence(weak: SmallPipeline, row: Row): Promise<Row> {
  const { outcome, what } = await unauthorisedRow(weak);
  const did = `contracts compiled without the checks: ${what}`;
  return { ...row, withoutDefence: { did, asExpected: outcome === 'undetected' } };
}

function changing(abi: Abi): readonly string[] {
  return abi.flatMap((each) =>
    each.type === 'function' && each.stateMutability !== 'view' && each.stateMutability !== 'pure'
      ? [each.name]
      : [],
  );
}

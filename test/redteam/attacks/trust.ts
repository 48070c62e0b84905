import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../row.ts';
import type { Edit } from '../support/product-copy.ts';
import { copyOfProduct, ownDirectory } from '../support/product-copy.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import { eventually } from '../support/wait.ts';
import { BAD_HOLDERS, WEAK_SHARES } from '../support/weakenings.ts';
import { fate } from './start-environment.ts';

/** Every agent has a round with a peer, and a verifier that waits in vain is replaced, in less. */
const ROUNDS_WITHIN_MS = 60_000;
const AGENTS = 8;

type Found = Pick<Row, 'outcome' | 'what' | 'detectedMs' | 'excludedMs' | 'control'>;

/** Who holds shares of answers and does not do what it ought to, and who puts an old image before a guard. */
export async function trustRows(): Promise<readonly Row[]> {
  const sound = await attacked('trust', BAD_HOLDERS);
  const weak = await attacked('trust-weak', [...BAD_HOLDERS, ...WEAK_SHARES]);
  return ROWS.map((row) => {
    const found = sound[row.id];
    const without = weak[row.id];
    if (found === undefined || without === undefined)
      return { ...row, outcome: 'not tried', what: 'it was not looked at' };
    const did = `${WITHOUT[row.id]}: ${without.outcome}, ${without.what}`;
    return { ...row, ...found, withoutDefence: { did, asExpected: without.outcome === 'undetected' } };
  });
}

const ROWS: readonly Omit<Row, 'outcome' | 'what'>[] = [
  {
    id: 'answer-withheld',
    attack: 'the answer T_i withheld after the commit',
    attacker: 'a site daemon that holds shares (changed copy)',
    did: 'the daemon of east gave no guard its share in odd rounds, and a wrong one in even rounds',
    expected: 'prevented',
  },
  {
    id: 'answer-shares',
    attack: 'colluders who pool shares of an answer, below the threshold',
    attacker: 'a site daemon that holds shares (changed copy); two of three are needed',
    did: 'the daemon of west tried what its share of each answer is worth alone',
    expected: 'prevented',
  },
  {
    id: 'older-image',
    attack: 'an older, validly signed image on the way to an agent',
    attacker: 'who can put an image before a guard',
    did: 'put version 1, signed by the same operator, in the place of version 2, and killed an agent',
    expected: 'detected',
  },
];

const WITHOUT: Readonly<Record<string, string>> = {
  'answer-withheld': 'a copy of the product that needs every share',
  'answer-shares': 'a copy of the product where one share is enough for agents of core',
  'older-image': 'a copy of the product whose guards do not look at the version',
};

async function attacked(name: string, edits: readonly Edit[]): Promise<Readonly<Record<string, Found>>> {
  const root = copyOfProduct(name, edits);
  const dir = ownDirectory('images');
  const muster = (...args: readonly string[]) =>
    execFileSync(process.execPath, [join(root, 'bin/muster.mjs'), ...args], { cwd: dir, stdio: 'pipe' });
  const key = join(dir, 'operator.key');
  muster('image', 'key', '--out', key);
  for (const release of ['1', '2'])
    muster('image', 'build', 'agent', '--release', release, '--key', key, '--out', dir);
  const [old, image] = [join(dir, 'agent-1.image.json'), join(dir, 'agent-2.image.json')];
  const pipeline = await startPipeline(name, {
    root,
    flags: ['--image', image, '--operator-key', `${key}.pub`],
  });
  try {
    const withheld = await rounds(pipeline);
    const alone = pipeline.log().includes('ANSWER OF ONE SHARE');
    // While the image is still the newest.
    const a5 = await pipeline.agent('a5');
    const before = pipeline.entries.length;
    process.kill(a5.pid, 'SIGKILL');
    const newest = await fate(pipeline, 'a5', before);
    const control = {
      did: `a5 was killed while version 2 was there: ${newest.what}`,
      asExpected: newest.outcome === 'undetected',
    };
    copyFileSync(old, image);
    const { pid } = await pipeline.agent('a3');
    const seen = pipeline.entries.length;
    process.kill(pid, 'SIGKILL');
    return {
      'answer-withheld': { ...withheld, control: honestHolders(pipeline) },
      'answer-shares': {
        ...(alone
          ? { outcome: 'undetected', what: 'one share was the answer' }
          : { outcome: 'prevented', what: 'no share was an answer' }),
        control: honestHolders(pipeline),
      },
      'older-image': { ...(await fate(pipeline, 'a3', seen)), control },
    };
  } finally {
    await pipeline.stop();
  }
}

/** Holders that do what they ought to: their shares are good, and enough for verdicts. */
function honestHolders(pipeline: RunningPipeline): NonNullable<Row['control']> {
  const judged = pipeline.entries.filter(
    ({ event, reason }) => event === 'RoundPassed' && /by a\d/.test(reason),
  ).length;
  const named = pipeline.entries.filter(
    ({ fault, subject }) => fault === 'wrong-share' && subject !== 'east',
  ).length;
  return {
    did: `the other holders: peers judged ${judged} rounds with their shares, ${named} of which were wrong`,
    asExpected: judged > 0 && named === 0,
  };
}

/** Whether every agent passes a round that a peer judges, with nobody suspended over it. */
async function rounds(pipeline: RunningPipeline): Promise<Found> {
  const seen = pipeline.entries.length;
  const since = (event: string) => pipeline.entries.slice(seen).filter((entry) => entry.event === event);
  const byPeers = () =>
    new Set(since('RoundPassed').flatMap(({ subject, reason }) => (/by a\d/.test(reason) ? [subject] : [])));
  const stalled = () => [...since('VerifierReplaced'), ...since('Arbitration'), ...since('RoundExpired')];
  await eventually(
    () => (byPeers().size === AGENTS || stalled().length > 0 ? true : undefined),
    ROUNDS_WITHIN_MS,
  );
  const [first] = stalled();
  if (first !== undefined) return { outcome: 'undetected', what: `a round came to a halt: ${first.reason}` };
  const named = pipeline.entries.filter(
    ({ fault, subject }) => fault === 'wrong-share' && subject === 'east',
  ).length;
  return byPeers().size === AGENTS && named > 0
    ? {
        outcome: 'prevented',
        what: `all ${AGENTS} agents passed a round that a peer judged; guards named east ${named} times as the holder of a wrong share`,
      }
    : {
        outcome: 'undetected',
        what: `${byPeers().size} of ${AGENTS} agents passed a round, east was named ${named} times`,
      };
}

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createPublicClient, http } from 'viem';
import type { Row } from '../row.ts';
import type { Chain } from '../support/chain.ts';
import { endOf } from '../support/chain.ts';
import { onEnd } from '../support/clean-up.ts';
import { productClient } from '../support/product-client.ts';
import { ownDirectory, PRODUCT } from '../support/product-copy.ts';
import {
  agentOf,
  attestedMember,
  bindingOf,
  commit,
  deploySmallPipeline,
  evidenceOf,
  judge,
  must,
  opened,
  placeOf,
  random,
  type SmallPipeline,
  tell,
} from '../support/small-pipeline.ts';
import { eventually } from '../support/wait.ts';

const DEPTH = 3;
const CONFIRMATIONS = 4;
const CHAIN_ID = 77_178;
/** The client looks every 50 ms. */
const LOOK_MS = 400;
const MOST_BLOCKS = 8;

/** A bare anvil, whose control interface is open: the same kind of node without the product around it. */
export async function startBareAnvil(): Promise<Chain> {
  const require = createRequire(join(PRODUCT, 'package.json'));
  const root = dirname(
    require.resolve(
      `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}/package.json`,
    ),
  );
  const port = 20_000 + Math.floor((process.hrtime()[1] / 1e9) * 20_000);
  const child = spawn(
    join(root, 'bin/anvil'),
    [
      '--port',
      String(port),
      '--chain-id',
      String(CHAIN_ID),
      '--hardfork',
      'london',
      '--base-fee',
      '0',
      '--gas-price',
      '0',
      '--quiet',
    ],
    { stdio: 'ignore', env: { HOME: ownDirectory('anvil') } },
  );
  onEnd(() => endOf(child));
  const url = `http://127.0.0.1:${port}`;
  const client = createPublicClient({ transport: http(url) });
  const up = await eventually(() => client.getChainId().catch(() => undefined), 10_000, 100);
  if (up === undefined) throw new Error('anvil does not come up');
  // Blocks of one second each, however fast they come.
  await rpc(url, 'anvil_setBlockTimestampInterval', [1]);
  return { url, chainId: CHAIN_ID, client };
}

export async function rpc(
  url: string,
  method: string,
  params: readonly unknown[],
): Promise<{ readonly ok: boolean; readonly said: string }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const answer: unknown = await response.json();
  const ok = typeof answer === 'object' && answer !== null && !('error' in answer);
  return { ok, said: JSON.stringify(answer).slice(0, 200) };
}

interface Again {
  readonly taken: boolean;
  readonly what: string;
  /** Blocks on top of the commit when the product's client told of it; undefined: it did not. */
  readonly depth: number | undefined;
  /** What the product's client found wrong after the blocks were undone. */
  readonly noticed: string | undefined;
  /** Before that: the first commit had passed, with its keys, and the client had nothing to say. */
  readonly fineBefore: boolean;
}

/**
 * The guard that learns T_i from a verdict, has the blocks undone, and commits again with it; the verifier says its verdict as soon
 * as the product's own client, with so many `confirmations`, tells it of the commit.
 */
async function commitAgain(pipeline: SmallPipeline, confirmations: number): Promise<Again> {
  const client = await productClient(pipeline, confirmations);
  const member = await attestedMember(pipeline, pipeline.guards[0]);
  const round = await opened(pipeline, member);
  const place = placeOf(pipeline, member, round);
  const first = evidenceOf(member);
  // Blocks in which nothing happens: the round's opening is not what is undone.
  for (let i = 0; i < DEPTH; i++) await tell(pipeline, pipeline.outsider, 'tick', [0]);
  const { draw } = member;
  await must(commit(pipeline, member, round, first, bindingOf(place, first, round.answer)));
  let depth: number | undefined;
  for (let blocks = 0; depth === undefined && blocks <= MOST_BLOCKS; blocks++) {
    const known = await eventually(() => (client.knows(round.round) ? true : undefined), LOOK_MS);
    if (known) depth = blocks;
    else await tell(pipeline, pipeline.outsider, 'tick', [0]);
  }
  await must(judge(pipeline, round, round.answer, true));
  const before = await agentOf(pipeline, member);
  const fineBefore = before.kemKey === first.kemKey && client.fault() === undefined;
  const undone = await rpc(pipeline.chain.url, 'anvil_reorg', [DEPTH, []]);
  if (!undone.ok) throw new Error(`anvil_reorg: ${undone.said}`);
  for (const account of [pipeline.outsider, pipeline.admin, pipeline.registry, ...pipeline.guards])
    account.nonce = await pipeline.chain.client.getTransactionCount({ address: account.account.address });
  member.draw = draw;
  const mine = evidenceOf(member, random());
  const again = await commit(pipeline, member, round, mine, bindingOf(place, mine, round.answer));
  await judge(pipeline, round, round.answer, true);
  const { kemKey } = await agentOf(pipeline, member);
  const noticed = await eventually(() => client.fault(), 2000);
  client.stop();
  return {
    depth,
    noticed,
    fineBefore,
    taken: kemKey === mine.kemKey,
    what: again.ok ? 'the second commit was taken' : `the second commit: ${again.error}`,
  };
}

export async function reorganisationRow(): Promise<Row> {
  const chain = await startBareAnvil();
  const pipeline = await deploySmallPipeline(chain, PRODUCT);
  for (const guard of [pipeline.guards[1], pipeline.guards[2]]) await attestedMember(pipeline, guard);
  const held = await commitAgain(pipeline, CONFIRMATIONS);
  const weak = await commitAgain(pipeline, 0);
  return {
    id: 'reorganisation',
    attack: 'reorganisation of three blocks across a verdict',
    attacker: 'guard with a power over blocks',
    did: `took T_i from a verdict, undid ${DEPTH} blocks (anvil_reorg), committed other keys with it; the verifier judged as soon as the product's own client told of the commit, set to ${CONFIRMATIONS} confirmations. On a bare anvil with the contracts: the embedded ledger answers no anvil_reorg`,
    expected: 'prevented',
    outcome: held.depth === undefined ? 'not tried' : held.taken ? 'undetected' : 'prevented',
    what: `the client told of the commit with ${held.depth ?? 'no'} blocks on it; ${held.what}${held.noticed === undefined ? '' : `; it noticed: ${held.noticed}`}`,
    control: {
      did: `the same round before the blocks were undone: ${held.fineBefore ? 'passed, with the keys of the first commit, and the client found nothing wrong' : 'it had not passed as it should'}`,
      asExpected: held.fineBefore,
    },
    withoutDefence: {
      did: `the same client set to 0 confirmations told of it with ${weak.depth ?? 'no'} blocks on it: ${weak.what}${weak.taken ? ", and the attacker's keys are attested" : ''}; ${weak.noticed === undefined ? 'the client noticed nothing' : `too late, the client notices: ${weak.noticed}`}`,
      asExpected: weak.taken,
    },
  };
}

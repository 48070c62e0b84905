import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { alteredDecisionRows } from './attacks/altered-decisions.ts';
import { crowdRows, crowdsWithoutDefence, outsideRows, sameUserRow } from './attacks/from-outside.ts';
import { insiderRows } from './attacks/insider.ts';
import { liveRows, liveWithoutDefence } from './attacks/live.ts';
import { NOT_TRIED } from './attacks/not-tried.ts';
import { chainRows, chainWithoutDefence } from './attacks/on-chain.ts';
import { platformRows } from './attacks/platform-quote.ts';
import { reorganisationRow } from './attacks/reorganisation.ts';
import { silenceRows, silenceWithoutDefence } from './attacks/silence.ts';
import {
  attackersSetpriv,
  startEnvironmentRows,
  startEnvironmentWithoutDefence,
} from './attacks/start-environment.ts';
import { trustRows } from './attacks/trust.ts';
import { unauthorisedRow } from './attacks/unauthorised.ts';
import { undecidedOutputRows } from './attacks/undecided-outputs.ts';
import type { Row } from './row.ts';
import { troubleOf } from './row.ts';
import { startEmbeddedLedger } from './support/chain.ts';
import { cleanUp } from './support/clean-up.ts';
import { copyOfProduct, PRODUCT } from './support/product-copy.ts';
import { startPipeline } from './support/running-pipeline.ts';
import { deploySmallPipeline } from './support/small-pipeline.ts';
import { BLIND_GUARD, WEAK_CONTRACTS } from './support/weakenings.ts';
import { lineOf, markdownOf } from './table.ts';

/** Attacks that belong together, on a pipeline of their own. */
const GROUPS: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  live: async () => {
    const wrapper = attackersSetpriv();
    const sound = await startPipeline('sound', { root: copyOfProduct('sound', []), path: wrapper.path });
    const live = await liveRows(sound);
    const start = await startEnvironmentRows(sound, wrapper);
    const outside = await outsideRows(sound);
    const silence = await silenceRows(sound);
    const crowds = await crowdRows(sound);
    const blind = await startPipeline('blind', {
      root: copyOfProduct('blind', BLIND_GUARD),
      path: wrapper.path,
    });
    const sameUser = await sameUserRow(sound, blind);
    await sound.stop();
    const [liveShown, silenceShown] = await Promise.all([
      liveWithoutDefence(blind, live),
      silenceWithoutDefence(blind, silence),
    ]);
    const rows = [
      ...liveShown,
      ...(await startEnvironmentWithoutDefence(blind, wrapper, start)),
      ...outside,
      sameUser,
      ...silenceShown,
      ...(await crowdsWithoutDefence(blind, crowds)),
    ];
    await blind.stop();
    return rows;
  },
  decisions: alteredDecisionRows,
  outputs: undecidedOutputRows,
  insider: insiderRows,
  trust: trustRows,
  'not-tried': () => Promise.resolve(NOT_TRIED),
  chain: async () => {
    const chain = await startEmbeddedLedger(100);
    const sound = await deploySmallPipeline(chain, PRODUCT);
    const rows = [...(await chainRows(sound)), await unauthorisedRow(sound)];
    const weak = await deploySmallPipeline(chain, copyOfProduct('contracts', WEAK_CONTRACTS));
    const shown = await chainWithoutDefence(weak, rows);
    const calls = await unauthorisedRow(weak);
    const did = `contracts compiled without the checks: ${calls.what}`;
    return [
      ...shown.map((row) =>
        row.id === calls.id
          ? { ...row, withoutDefence: { did, asExpected: calls.outcome === 'undetected' } }
          : row,
      ),
      await reorganisationRow(),
    ];
  },
  platform: platformRows,
};

function read(path: string): Record<string, readonly Row[]> {
  try {
    const { groups } = JSON.parse(readFileSync(path, 'utf8')) as { groups?: Record<string, readonly Row[]> };
    return { ...groups };
  } catch {
    return {};
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: Object.keys(GROUPS) },
      json: { type: 'string', default: join(PRODUCT, 'runs/redteam.json') },
      page: { type: 'string', default: join(PRODUCT, 'docs/redteam.md') },
    },
  });
  const beganMs = performance.now();
  // Groups that are not run now stay as they were found last.
  const groups = read(values.json);
  // One after the other: times of detection would say more about the machine than about the product.
  for (const name of values.only) {
    const found = (await GROUPS[name]?.()) ?? [];
    for (const row of found) process.stdout.write(`${lineOf(row)}\n`);
    groups[name] = found;
    const rows = Object.values(groups).flat();
    const seconds = Math.round((performance.now() - beganMs) / 1000);
    const where = `Node ${process.version} on ${process.platform}, ${process.getuid?.() === 0 ? 'as root' : 'not as root: rows that need it are skipped'}.`;
    mkdirSync(dirname(values.json), { recursive: true });
    writeFileSync(values.json, `${JSON.stringify({ seconds, groups }, null, 2)}\n`);
    writeFileSync(values.page, markdownOf(rows, where));
  }
  const rows = values.only.flatMap((name) => groups[name] ?? []);
  const seconds = Math.round((performance.now() - beganMs) / 1000);
  const failures = rows.filter((row) => troubleOf(row) !== undefined).length;
  process.stdout.write(
    `${rows.length} attacks in ${seconds} s, ${failures} not as expected; ${values.page}\n`,
  );
  return failures === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `redteam: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
} finally {
  await cleanUp();
}

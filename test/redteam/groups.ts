import { alteredDecisionRows } from './attacks/altered-decisions.ts';
import { clockRows } from './attacks/clocks.ts';
import { crowdRows, crowdsWithoutDefence } from './attacks/crowds.ts';
import { rebirthRows } from './attacks/ended-by-rebirth.ts';
import { outsideRows, outsideWithoutDefence, sameUserRow } from './attacks/from-outside.ts';
import { insiderRows } from './attacks/insider.ts';
import { limiterRows } from './attacks/limiter-excluded.ts';
import { liveRows, liveWithoutDefence } from './attacks/live.ts';
import { oddsRows } from './attacks/odds.ts';
import { chainRows, chainWithoutDefence } from './attacks/on-chain.ts';
import { platformRows } from './attacks/platform-quote.ts';
import { reorganisationRow } from './attacks/reorganisation.ts';
import { silenceRows } from './attacks/silence.ts';
import {
  attackersSetpriv,
  startEnvironmentRows,
  startEnvironmentWithoutDefence,
} from './attacks/start-environment.ts';
import { trustRows } from './attacks/trust.ts';
import { unauthorisedRow, unauthorisedWithoutDefence } from './attacks/unauthorised.ts';
import { undecidedOutputRows } from './attacks/undecided-outputs.ts';
import type { Row } from './row.ts';
import { startEmbeddedLedger } from './support/chain.ts';
import { copyOfProduct, PRODUCT } from './support/product-copy.ts';
import { startPipeline } from './support/running-pipeline.ts';
import { deploySmallPipeline } from './support/small-pipeline.ts';
import { BLIND_GUARD, OPEN_DOORS, WEAK_CONTRACTS } from './support/weakenings.ts';

/** Attacks that belong together, on pipelines of their own. */
export interface Group {
  readonly title: string;
  run(): Promise<readonly Row[]>;
}

export const GROUPS: Readonly<Record<string, Group>> = {
  live: { title: 'Agents that run, and how they are started', run: live },
  rebirth: { title: 'Where measurement does not reach: ended by rebirth', run: rebirthRows },
  decisions: {
    title: 'Where measurement does not reach: decisions executed again',
    run: alteredDecisionRows,
  },
  outputs: {
    title: 'Where measurement does not reach: what comes out is compared with what was decided',
    run: undecidedOutputRows,
  },
  odds: { title: 'How often altered decisions are caught', run: oddsRows },
  service: { title: 'The service under attack meanwhile', run: limiterRows },
  silence: { title: 'Whoever should act does not', run: silenceRows },
  insider: { title: 'Insiders: attested agents, guards, stolen keys', run: insiderRows },
  clocks: { title: 'Clocks', run: clockRows },
  outside: { title: 'From outside', run: outside },
  trust: { title: 'Shares of answers, and images', run: trustRows },
  chain: { title: 'On the ledger, with stolen or lying accounts', run: chain },
  platform: { title: 'Quotes of a TPM', run: platformRows },
};

async function live(): Promise<readonly Row[]> {
  const wrapper = attackersSetpriv();
  const { path } = wrapper;
  const sound = await startPipeline('sound', { root: copyOfProduct('sound', []), path });
  const memory = await liveRows(sound);
  const start = await startEnvironmentRows(sound, wrapper);
  await sound.stop();
  const blind = await startPipeline('blind', { root: copyOfProduct('blind', BLIND_GUARD), path });
  const shown = [
    ...(await liveWithoutDefence(blind, memory)),
    ...(await startEnvironmentWithoutDefence(blind, wrapper, start)),
  ];
  await blind.stop();
  return shown;
}

async function outside(): Promise<readonly Row[]> {
  const sound = await startPipeline('shut');
  const rows = await outsideRows(sound);
  const open = await startPipeline('open', { root: copyOfProduct('open', OPEN_DOORS) });
  const sameUser = await sameUserRow(sound, open);
  const shown = await outsideWithoutDefence(open, rows);
  const crowds = await crowdRows(sound);
  await sound.stop();
  const all = [...shown, sameUser, ...(await crowdsWithoutDefence(open, crowds))];
  await open.stop();
  return all;
}

async function chain(): Promise<readonly Row[]> {
  const ledger = await startEmbeddedLedger(100);
  const sound = await deploySmallPipeline(ledger, PRODUCT);
  const rows = await chainRows(sound);
  const calls = await unauthorisedRow(sound);
  const weak = await deploySmallPipeline(ledger, copyOfProduct('contracts', WEAK_CONTRACTS));
  return [
    ...(await chainWithoutDefence(weak, rows)),
    await unauthorisedWithoutDefence(weak, calls),
    await reorganisationRow(),
  ];
}

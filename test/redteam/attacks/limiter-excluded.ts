import type { Row } from '../row.ts';
import { copyOfProduct } from '../support/product-copy.ts';
import type { Report, RunningScenario } from '../support/running-scenario.ts';
import { startScenario } from '../support/running-scenario.ts';
import { mappingOf, readByte, writeByte } from '../support/tamper.ts';
import { eventually } from '../support/wait.ts';
import { BLIND_GUARD } from '../support/weakenings.ts';

const ATTACK_BEGINS_MS = 120_000;
const EXCLUDED_WITHIN_MS = 15_000;
const BACK_WITHIN_MS = 5000;
/** Of the goodput that users had before the attack. */
const SHARE = 0.9;
/** Requests come in bursts: goodput is that of a second, and what is back has to stay for ten. */
const WINDOW_MS = 1000;
const STAYS_MS = 10_000;

interface Strike {
  readonly name: string;
  readonly startMs: number;
  /** ms from the act; undefined: it was not excluded. */
  readonly excludedMs: number | undefined;
  readonly reason: string;
}

/** The agent that limits is tampered with while the service is under attack; what do its users notice? */
export async function limiterRows(): Promise<readonly Row[]> {
  const row = {
    id: 'limiter-excluded',
    attack: 'the rate limiter tampered with in the middle of a flood',
    attacker: 'root, and ten hosts that flood the server with SYNs',
    did: 'ran the scenario ddos with genuine agents; when the flood began, turned over one byte of the text of the agent that holds the rate limiter, and watched its users for the rest of the 120 s',
    expected: 'detected' as const,
  };
  if (process.getuid?.() !== 0) return [{ ...row, outcome: 'not tried', what: 'skipped: needs root' }];
  const run = startScenario('ddos', copyOfProduct('limiter', []));
  const strike = await struck(run);
  await run.ended;
  const found = foundIn(run, strike);
  const control = await untampered();
  const blind = startScenario('ddos', copyOfProduct('blind-limiter', BLIND_GUARD));
  const without = await struck(blind);
  await blind.stop();
  return [
    {
      ...row,
      ...found,
      control,
      withoutDefence: {
        did: `a copy of the product whose guards do not measure: ${without.excludedMs === undefined ? `nobody was excluded within ${EXCLUDED_WITHIN_MS / 1000} s` : without.reason}`,
        asExpected: without.excludedMs === undefined,
      },
    },
  ];
}

function foundIn(run: RunningScenario, { name, excludedMs, reason }: Strike) {
  const must = {
    what: `from the exclusion of a rate limiter under attack until users have ${100 * SHARE} % of their goodput again`,
    mostMs: BACK_WITHIN_MS,
  };
  const excluded = run.journal().find(({ event, subject }) => event === 'Revoked' && subject === name);
  if (excludedMs === undefined || excluded === undefined) {
    const what = 'it was not excluded';
    return { outcome: 'undetected' as const, what, must: { ...must, ms: undefined } };
  }
  const report = run.report();
  const backMs = backAfter(report, excluded.tMs);
  const least = Math.min(
    ...windowsFrom(report, excluded.tMs - WINDOW_MS, excluded.tMs + STAYS_MS).map(({ share }) => share),
  );
  return {
    outcome: 'detected' as const,
    what: `${reason}; in the worst second around it users had ${(100 * least).toFixed(0)} % of their goodput, ${backMs === undefined ? 'and it did not come back' : `${(backMs / 1000).toFixed(1)} s after it ${100 * SHARE} % or more, for ${STAYS_MS / 1000} s at least`}`,
    excludedMs,
    must: { ...must, ms: backMs },
  };
}

/** From then until the end of the first second with enough goodput after which it stays. */
function backAfter(report: Report, fromMs: number): number | undefined {
  const windows = windowsFrom(report, fromMs, Number.POSITIVE_INFINITY);
  const back = windows.find(({ endMs, share }) => {
    const next = windows.filter((each) => each.endMs > endMs && each.endMs <= endMs + STAYS_MS);
    const mean = next.reduce((sum, each) => sum + each.share, 0) / next.length;
    return share >= SHARE && mean >= SHARE;
  });
  return back === undefined ? undefined : back.endMs - fromMs;
}

/** Goodput of each second that begins in that time, as a share of that before the attack. */
function windowsFrom({ legitimate, traffic }: Report, fromMs: number, untilMs: number) {
  const { series } = traffic;
  const begins = series.filter(({ tMs }) => tMs >= fromMs && tMs < untilMs);
  return begins.map(({ tMs }) => {
    const own = series.filter((each) => each.tMs > tMs && each.tMs <= tMs + WINDOW_MS);
    const mean = own.reduce((sum, each) => sum + each.goodput, 0) / Math.max(1, own.length);
    return { endMs: tMs + WINDOW_MS, share: mean / legitimate.goodputBefore };
  });
}

/** Waits for the flood, and changes a byte of the rate limiter's text; or only reads it: who writes the same byte has written, too. */
async function struck(run: RunningScenario, change = true): Promise<Strike> {
  const begun = await eventually(
    () => run.lines().find((line) => line.startsWith('attack ')),
    ATTACK_BEGINS_MS,
    10,
  );
  const placed = run.lines().findLast((line) => line.includes('awarded functionPlaced(rate-limiter) to '));
  const name = / to (a\d+) at /.exec(placed ?? '')?.[1] ?? '';
  const pid = run.agents().get(name);
  if (begun === undefined || pid === undefined)
    throw new Error(`there is no flood, or no rate limiter: ${run.lines().slice(-5).join('; ')}`);
  const at = mappingOf(pid, (each) => each.rights === 'r-xp' && each.name.endsWith('/node')).end - 64;
  const startMs = performance.now();
  const was = readByte(pid, at);
  if (change) writeByte(pid, at, was ^ 0xff);
  const told = await eventually(
    () => run.lines().find((line) => line.includes(`${name} (incarnation 1) was revoked`)),
    EXCLUDED_WITHIN_MS,
    10,
  );
  const excludedMs = told === undefined ? undefined : performance.now() - startMs;
  return { name, startMs, excludedMs, reason: told?.replace(/^.* — /, '').replace(/\.$/, '') ?? '' };
}

/** The same without a write, in the shorter scenario. */
async function untampered(): Promise<NonNullable<Row['control']>> {
  const run = startScenario('demo', copyOfProduct('limiter-control', []));
  const { name } = await struck(run, false);
  await run.stop();
  const revoked = run.lines().filter((line) => line.includes('was revoked'));
  return {
    did: `the same byte of ${name} was read, in the same way: ${revoked.length === 0 ? 'nobody was excluded' : revoked.join('; ')}`,
    asExpected: revoked.length === 0,
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, type TestContext, test } from 'vitest';
import type { Report } from '../../src/protocol/report.ts';
import type { Scenario } from '../../src/protocol/scenario.ts';
import { openRun } from '../../src/runtime/open-run.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { expectAllMet, skipIfDisturbed } from '../packets/support/expect-all-met.ts';
import { runScenarioAlone } from '../packets/support/run-muster.ts';

// Every scenario on real packets, one after the other: what it expects of the defence is in its file.

const dir = mkdtempSync(join(tmpdir(), 'muster-cases-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function run(context: TestContext, name: string, defence: 'on' | 'off' = 'on'): Promise<Report> {
  const out = join(dir, `${name}-${defence}`);
  const args = [name, '--plane', 'linux', '--defence', defence, '--out', out];
  const { code } = await runScenarioAlone(args, context.signal);
  const recorded = await openRun(out);
  const { report } = recorded;
  expect(report.plane).toBe('linux');
  expect((await recorded.replay()).equal, 'a replay gives the same trace').toBe(true);
  expectAllMet({ report, code }, context);
  return report;
}

/** Goodput of the phases against that before the attack. */
function ratios({ legitimate }: Report): { during: number; limited: number; after: number } {
  const before = legitimate.goodputBefore ?? Number.NaN;
  const ratio = (figure: number | null) => (figure ?? Number.NaN) / before;
  return {
    during: ratio(legitimate.goodputDuring),
    limited: ratio(legitimate.goodputLimited),
    after: ratio(legitimate.goodputAfter),
  };
}

const SYN_FRAME_BYTES = 54;

/** The scenario with the flood that was really sent: on a busy machine that is less than what is asked for. */
function asSent(scenario: Scenario, report: Report, context: TestContext): Scenario {
  const { attack, traffic } = report;
  const [from, to] = [attack.startMs ?? 0, attack.endMs ?? 0];
  const offered = traffic.series.filter((each) => each.tMs > from + 1000 && each.tMs < to);
  const sent = offered.reduce((sum, each) => sum + each.attackOffered, 0) / offered.length / SYN_FRAME_BYTES;
  const asked = scenario.attacks.flatMap((each) => each.ratesPps).reduce((sum, rate) => sum + rate, 0);
  const share = sent / asked;
  if (share <= 0.75) skipIfDisturbed(report, `the flood was sent at ${share} of its rate`, context);
  expect(share, 'the flood is sent at least at three quarters of its rate').toBeGreaterThan(0.75);
  const attacks = scenario.attacks.map((each) => ({
    ...each,
    ratesPps: each.ratesPps.map((rate) => rate * share),
  }));
  return { ...scenario, attacks };
}

const received = (report: Report) => report.traffic.series.reduce((sum, each) => sum + each.goodput, 0);

describe('ddos', () => {
  test('is fought within the bounds, and the twin is within 15 points of it', async (context) => {
    const { loadScenario } = await import('../../src/runtime/scenario/load-scenario.ts');
    const loaded = await loadScenario(new URL('../../scenarios/ddos.yaml', import.meta.url).pathname);
    if (!loaded.ok) throw new Error('scenarios/ddos.yaml cannot be read');
    for (const defence of ['off', 'on'] as const) {
      const report = await run(context, 'ddos', defence);
      const real = ratios(report);
      const scenario = asSent(loaded.scenario, report, context);
      const twin = ratios((await runScenario({ scenario, plane: 'twin', seed: 1, defence })).report);
      const phases = defence === 'off' ? (['during'] as const) : (['limited', 'after'] as const);
      for (const phase of phases) {
        const gap = Math.abs(real[phase] - twin[phase]);
        if (gap >= 0.15) skipIfDisturbed(report, `${phase}: ${gap} from the twin`, context);
        expect(gap, `${phase}: linux ${real[phase]}, twin ${twin[phase]}`).toBeLessThan(0.15);
      }
    }
  });
});

describe('flash-crowd', () => {
  test('keeps at least 85 % of the goodput that the same crowd has without a defence', async (context) => {
    const runs = [await run(context, 'flash-crowd'), await run(context, 'flash-crowd', 'off')] as const;
    const kept = received(runs[0]) / received(runs[1]);
    if (kept < 0.85) for (const each of runs) skipIfDisturbed(each, `${kept} of the goodput`, context);
    expect(kept).toBeGreaterThanOrEqual(0.85);
  });
});

test.for([
  'ddos-backlog',
  'mixed-rates',
  'pulsing',
  'long-attack',
  'limiter-dies',
  'two-targets',
  'busy-hosts',
])('%s meets every expectation', async (name, context) => {
  const report = await run(context, name);
  expect(report.expectations.length).toBeGreaterThan(0);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openRun } from '../../src/runtime/open-run.ts';
import { againIfLate, expectAllMet, type Run } from './support/expect-all-met.ts';
import { runScenarioAlone } from './support/run-muster.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-genuine-'));

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Of two runs. */
const timeout = 400_000;

test("the paper's flood is fought by attested agents in processes of their own", {
  timeout,
}, async (context) => {
  expectAllMet(await againIfLate(() => runFlood(context.signal)), context);
});

async function runFlood(signal: AbortSignal): Promise<Run> {
  rmSync(dir, { recursive: true, force: true });
  const args = ['ddos', '--plane', 'linux', '--genuine', '--out', dir, '--debug'];
  const { code, said } = await runScenarioAlone(args, signal);
  const keyed = /attested and keyed after ([\d.]+) s/.exec(said)?.[1];
  process.stderr.write(`all agents attested and keyed after ${keyed} s\n`);
  const { report, journal } = await openRun(dir);
  const lost = journal.flatMap((each) =>
    each.kind === 'ledger' && ['Revoked', 'Suspended'].includes(each.event) ? [each.reason] : [],
  );
  // Whom only its deadline speaks against, on a machine without time for it, is cut off all the same.
  const lateAgents = lost.filter((each) => /silent|missed|in time|channel was closed/.test(each));
  expect(lost.filter((each) => !lateAgents.includes(each))).toEqual([]);
  // Its rounds went on under the flood.
  const passed = journal.filter((each) => each.kind === 'ledger' && each.event === 'RoundPassed');
  expect(passed.length).toBeGreaterThan(3 * report.agents.length);
  return { report, code, lateAgents };
}

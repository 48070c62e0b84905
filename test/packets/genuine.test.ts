import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openRun } from '../../src/runtime/open-run.ts';
import { againIfLate, expectAllMet, type Run } from './support/expect-all-met.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-genuine-'));
const muster = new URL('../../bin/muster', import.meta.url).pathname;

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Of two runs. */
const timeout = 400_000;

test("the paper's flood is fought by attested agents in processes of their own", {
  timeout,
}, async (context) => {
  expectAllMet(await againIfLate(() => runFlood(context.signal)), context);
});

/** `signal`: the test is over, and nothing of the run may go on beside the next. */
async function runFlood(signal: AbortSignal): Promise<Run> {
  rmSync(dir, { recursive: true, force: true });
  const args = ['scenario', 'run', 'ddos', '--plane', 'linux', '--genuine', '--out', dir, '--debug'];
  const child = spawn(muster, args, { stdio: ['ignore', 'ignore', 'pipe'], signal });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const [code] = await once(child, 'exit');
  const keyed = /attested and keyed after ([\d.]+) s/.exec(said)?.[1];
  process.stderr.write(`all agents attested and keyed after ${keyed} s\n`);
  expect([0, 2], said).toContain(code);
  const { report, journal } = await openRun(dir);
  const lost = journal.filter(
    (each) => each.kind === 'ledger' && ['Revoked', 'Suspended'].includes(each.event),
  );
  expect(lost).toEqual([]);
  // Its rounds went on under the flood.
  const passed = journal.filter((each) => each.kind === 'ledger' && each.event === 'RoundPassed');
  expect(passed.length).toBeGreaterThan(3 * report.agents.length);
  return { report, code };
}

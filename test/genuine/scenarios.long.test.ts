import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openRun } from '../../src/runtime/open-run.ts';

const bin = new URL('../../bin/muster', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'muster-scenarios-'));
const KEYED = /all agents are attested and keyed after ([\d.]+) s/;

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Its exit code, and what it told while it ran. */
function muster(...args: string[]): Promise<{ readonly code: number; readonly said: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, MUSTER_HOME: home };
    execFile(bin, args, { env, cwd: home, maxBuffer: 1 << 26 }, (error, _, said) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), said });
    });
  });
}

/** How long it takes until they are keyed is measured by `make bench-attest`, on a machine that does nothing else. */
test.each(['ddos', 'three-sites'])(
  '%s --genuine in the twin meets all that is expected of it, with the agents that it began with',
  {
    timeout: 300_000,
  },
  async (scenario) => {
    const out = join(home, scenario);
    const { code, said } = await muster(
      'scenario',
      'run',
      scenario,
      '--genuine',
      '--plane',
      'twin',
      '--out',
      out,
    );
    const { report, journal } = await openRun(out);
    expect(report.expectations.filter(({ met }) => !met)).toEqual([]);
    expect(code, said).toBe(0);
    process.stderr.write(`${scenario}: attested and keyed after ${KEYED.exec(said)?.[1]} s\n`);
    const of = (event: string) => journal.filter((each) => each.kind === 'ledger' && each.event === event);
    expect([...of('Revoked'), ...of('Suspended')]).toEqual([]);
    // Every one passed its first round, and rounds went on.
    expect(of('RoundPassed').length).toBeGreaterThan(report.agents.length);
    expect(report.agents.length).toBe(scenario === 'ddos' ? 8 : 3);
  },
);

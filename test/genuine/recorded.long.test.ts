import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeName } from '../../src/protocol/ids.ts';
import type { Run } from '../../src/runtime/open-run.ts';
import { openRun } from '../../src/runtime/open-run.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';

const NUMBERS_PER_LIFE = 100_000_000;
const numberOf = (id: string): number => Number(id.split(':')[1]);

/** Processes that have `pid` for a parent. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/stat`))
    .map(Number)
    .filter((each) => {
      try {
        const stat = readFileSync(`/proc/${each}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
      } catch {
        return false;
      }
    });
}

/** What `pid` was called with; empty once it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** The only agent at the site `spare` of the pipeline that this process runs, unless it is between two lives: it starts the guards, which start agents. */
function spareAgent(): number | undefined {
  const guard = childrenOf(process.pid).find((pid) => commandOf(pid).includes('spare.sock'));
  return guard === undefined ? undefined : childrenOf(guard)[0];
}

describe('a recorded run of genuine agents, two of which die for good and one of which comes back', () => {
  let dir = '';
  let run: Run;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'muster-recorded-'));
    const loaded = await loadScenario(new URL('../../scenarios/limiter-dies.yaml', import.meta.url).pathname);
    if (!loaded.ok) throw new Error('limiter-dies.yaml is not a scenario');
    const { topology } = loaded.scenario;
    // Full already: nobody gives its agent anything to do.
    const spare = {
      name: nodeName('spare'),
      switch: nodeName('s1'),
      site: 'spare',
      cpu: 1,
      memoryGb: 1,
      queueBytes: 32_768,
      background: { cpu: 1, memoryGb: 1 },
    };
    const attacks = loaded.scenario.attacks.map((each) => ({ ...each, startMs: 9000, durationMs: 16_000 }));
    let killed = false;
    await runScenario({
      scenario: {
        ...loaded.scenario,
        durationMs: 24_000,
        attacks,
        topology: { ...topology, hosts: [...topology.hosts, spare] },
      },
      plane: 'twin',
      seed: 1,
      defence: 'on',
      genuine: true,
      outDir: dir,
      onProgress: (progress) => {
        if (killed || progress.kind !== 'tick' || progress.tMs < 500) return;
        const agent = spareAgent();
        if (agent === undefined) return;
        process.kill(agent, 'SIGKILL');
        killed = true;
      },
    });
    if (!killed) throw new Error('the spare agent was never seen running');
    run = await openRun(dir);
  }, 150_000);
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('both faults happened, each followed by a process that ended and a revocation, and the awards moved', () => {
    const faults = run.journal.filter((each) => each.kind === 'fault' && each.fault === 'stop-agent');
    expect(faults).toHaveLength(2);
    for (const fault of faults) {
      if (fault.kind !== 'fault') continue;
      const after = run.journal.filter((each) => each.tMs >= fault.tMs);
      const ended = after.some(
        (each) => each.kind === 'fault' && each.fault === 'agent-ended' && each.subject === fault.subject,
      );
      const revoked = after.some(
        (each) => each.kind === 'ledger' && each.event === 'Revoked' && each.subject === fault.subject,
      );
      expect([ended, revoked]).toEqual([true, true]);
      // It has been ended for good: its name says nothing any more.
      expect(after.some((each) => each.agent === fault.subject && each.tMs > fault.tMs + 1000)).toBe(false);
    }
    const moved = run.report.expectations.find((each) => each.name === 'awardMovesWithinMs');
    expect(moved, JSON.stringify(run.report.expectations)).toMatchObject({ met: true });
  });

  it('gives the same entries again, those of both lives of the one that came back among them', async () => {
    const { equal, difference, entries } = await run.replay();
    expect(difference).toBeUndefined();
    expect(equal).toBe(true);
    expect(entries).toBe(run.journal.filter((each) => each.agent !== 'muster').length);
    const second = run.journal.filter(
      (each) => each.agent !== 'muster' && numberOf(each.id) > NUMBERS_PER_LIFE,
    );
    expect([...new Set(second.map((each) => each.agent))]).toEqual(['a9']);
  });

  it('lets one look into the mind of each life, and of one that is dead', async () => {
    const second = run.journal.find(
      (each) => each.agent !== 'muster' && numberOf(each.id) > NUMBERS_PER_LIFE && each.kind === 'belief',
    );
    if (second === undefined) throw new Error('nobody came back');
    expect((await run.mindAt(second.agent, 0)).beliefs.length).toBeGreaterThan(0);
    expect((await run.mindAt(second.agent, run.report.durationMs)).beliefs.length).toBeGreaterThan(0);
    const dead = run.journal.find((each) => each.kind === 'fault' && each.fault === 'stop-agent');
    if (dead?.kind !== 'fault') throw new Error('nobody was stopped');
    expect((await run.mindAt(dead.subject, run.report.durationMs)).agent).toBe(dead.subject);
  });

  async function falsified(
    file: string,
    change: (lines: string[]) => readonly string[],
  ): Promise<string | undefined> {
    const copy = `${dir}-${file}`;
    try {
      await cp(dir, copy, { recursive: true });
      const lines = (await readFile(join(dir, file), 'utf8')).trimEnd().split('\n');
      await writeFile(join(copy, file), `${change(lines).join('\n')}\n`);
      await expect(openRun(copy).then((each) => each.mindAt('a1', 0))).rejects.toThrow(
        /changed|were recorded/,
      );
      return (await (await openRun(copy, { unchecked: true })).replay()).difference;
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }

  it('is found out when one entry of an agent is changed or left out, of either life, by its name', async () => {
    const bids = run.journal.filter((each) => each.kind === 'bid');
    const victims = [
      bids[0],
      run.journal.find((each) => each.agent !== 'muster' && numberOf(each.id) > NUMBERS_PER_LIFE),
    ];
    for (const victim of victims) {
      const at = run.journal.findIndex((each) => each.id === victim?.id);
      const changed = await falsified('journal.jsonl', (lines) =>
        lines.with(
          at,
          (lines[at] ?? '').replace(/"reason":"[^"]*"/, '"reason":"because somebody says so now"'),
        ),
      );
      expect(changed).toContain(`entry ${victim?.id} differs in reason`);
      const without = await falsified('journal.jsonl', (lines) => lines.toSpliced(at, 1));
      expect(without).toContain(victim?.id);
    }
  });

  it('is found out when what an agent heard, or what the runtime did, is changed', async () => {
    const input = await falsified('inputs.jsonl', (lines) => lines.slice(0, -1));
    expect(input).toMatch(/inputs\.jsonl: it has \d+ lines/);
    const at = run.journal.findIndex((each) => each.kind === 'ledger');
    const block = await falsified('journal.jsonl', (lines) =>
      lines.with(at, (lines[at] ?? '').replace('"block":', '"block":1')),
    );
    expect(block).toMatch(/those of the runtime are not/);
  });
});

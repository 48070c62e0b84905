import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UpFileSchema } from '../../src/runtime/up/up-file.ts';
import { isAlive } from './live-network.ts';

const home = mkdtempSync(join(tmpdir(), 'muster-parents-'));
const temporary = mkdtempSync(join(tmpdir(), 'muster-parents-tmp-'));
const bin = new URL('../../bin/muster', import.meta.url).pathname;

function muster(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, MUSTER_HOME: home, TMPDIR: temporary };
    execFile(bin, args, { env, cwd: home, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr));
    });
  });
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

let supervisor = 0;
let processes: Record<string, number> = {};
let agents: { name: string; site: string; pid: number }[] = [];

beforeAll(async () => {
  await muster('up', 'demo', '--plane', 'twin');
  const file = UpFileSchema.parse(JSON.parse(readFileSync(join(home, 'up.json'), 'utf8')));
  const headers = { authorization: `Bearer ${file.token}` };
  const status = (await (await fetch(`${file.api}/v1/status`, { headers })).json()) as {
    processes: typeof processes;
    agents: typeof agents;
  };
  supervisor = file.pid;
  ({ processes, agents } = status);
}, 120_000);

afterAll(async () => {
  await muster('down').catch(() => {});
  for (const dir of [home, temporary]) rmSync(dir, { recursive: true, force: true });
});

describe('who starts whom', () => {
  it('the supervisor starts guards and daemons side by side, a guard its agents, a daemon nobody', () => {
    const named = (what: string) => Object.entries(processes).filter(([name]) => name.startsWith(`${what} `));
    expect(named('guard')).toHaveLength(3);
    expect(named('daemon')).toHaveLength(3);
    for (const [name, pid] of [...named('guard'), ...named('daemon')])
      expect(parentOf(pid), name).toBe(supervisor);
    for (const { name, site, pid } of agents) expect(parentOf(pid), name).toBe(processes[`guard ${site}`]);
  });

  it('reference values lie sealed, and the image that agents run lies signed, where only the supervisor looks', () => {
    const [dir = ''] = readdirSync(temporary).filter((each) => each.startsWith('muster-'));
    const there = join(temporary, dir, 'private');
    expect(readdirSync(there)).toEqual(
      expect.arrayContaining(['agent.image.json', 'references.sealed', 'store.key']),
    );
    expect(readFileSync(join(there, 'references.sealed')).subarray(0, 7).toString()).toBe('MSTSEAL');
  });

  it('a supervisor that is killed takes all of them with it', async () => {
    const pids = [...Object.values(processes), ...agents.map(({ pid }) => pid)];
    expect(pids.every(isAlive)).toBe(true);
    process.kill(supervisor, 'SIGKILL');
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  }, 20_000);
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UpFileSchema } from '../../src/runtime/up/up-file.ts';
import { isAlive } from './live-network.ts';

const home = mkdtempSync(join(tmpdir(), 'muster-up-'));
const bin = new URL('../../bin/muster', import.meta.url).pathname;

/** Runs a command; answers what it said and its exit code. */
function muster(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, MUSTER_HOME: home };
    execFile(bin, args, { env, cwd: home, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

afterAll(async () => {
  await muster('down');
  rmSync(home, { recursive: true, force: true });
});

describe('muster up', () => {
  it('starts everything, answers whoever has the token and nobody else, and muster down leaves nothing', async () => {
    expect((await muster('status')).code).toBe(1);
    const up = await muster('up', 'demo', '--plane', 'twin');
    expect(up.code, up.stderr).toBe(0);
    const file = UpFileSchema.parse(JSON.parse(readFileSync(join(home, 'up.json'), 'utf8')));
    const ask = (path: string, token: string) =>
      fetch(`${file.api}${path}`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask('/v1/status', 'x'.repeat(file.token.length))).status).toBe(401);
    expect((await fetch(`${file.api}/v1/status`)).status).toBe(401);
    const text = await (await ask('/v1/status', file.token)).text();
    const status = JSON.parse(text) as {
      processes: Record<string, number>;
      agents: { pid: number; status: string }[];
    };
    expect(status.agents.map((each) => each.status)).toEqual(Array.from({ length: 8 }, () => 'attested'));
    expect(await (await ask('/metrics', file.token)).text()).toMatch(
      /muster_agent_attested\{agent="a1",site="west"\} 1/,
    );
    const twice = await muster('up', 'demo', '--plane', 'twin');
    expect(twice.code).toBe(64);
    expect(twice.stderr).toContain('is up already');
    const table = await muster('status');
    expect(table.stdout).toContain('rate-limiter');
    const down = await muster('down');
    expect(down.code, down.stderr).toBe(0);
    const pids = [file.pid, ...Object.values(status.processes), ...status.agents.map((each) => each.pid)];
    await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
    expect((await muster('status')).code).toBe(1);
    expect((await placedIn(shelved())).stdout).toMatch(/functionPlaced\(rate-limiter\)/);
  }, 180_000);

  it('can be asked what it did, also when it was killed', async () => {
    const before = shelved();
    const up = await muster('up', 'demo', '--plane', 'twin');
    expect(up.code, up.stderr).toBe(0);
    const { pid } = UpFileSchema.parse(JSON.parse(readFileSync(join(home, 'up.json'), 'utf8')));
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect((await muster('down')).stderr).toMatch(
      /what was done is recorded: bin\/muster why --run runs\/up-/,
    );
    const more = shelved().filter((each) => !before.includes(each));
    expect((await placedIn(more)).stdout).toMatch(/functionPlaced\(rate-limiter\)/);
  }, 180_000);

  const shelved = () => readdirSync(join(home, 'runs'));
  function placedIn(runs: readonly string[]) {
    const [run = ''] = runs;
    expect(runs.length).toBe(1);
    return muster('auction', 'list', '--run', join('runs', run));
  }
});

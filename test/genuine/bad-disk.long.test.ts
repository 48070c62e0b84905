import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { UpFile } from '../../src/runtime/up/up-file.ts';
import { UpFileSchema } from '../../src/runtime/up/up-file.ts';

/** What the operator of a pipeline sees whose disk is full or damaged, through the command line alone. Mounts a small disk: needs root. */
const isRoot = process.getuid?.() === 0;
const bin = new URL('../../bin/muster', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'muster-disk-'));
const disk = join(home, 'disk');

const StatusSchema = z.looseObject({
  alarms: z.array(z.string()),
  epoch: z.number(),
  ledger: z.looseObject({ url: z.string(), block: z.number() }),
  processes: z.looseObject({ ledger: z.number() }),
  agents: z.array(z.looseObject({ name: z.string(), status: z.string(), incarnation: z.number() })),
});
type Status = z.infer<typeof StatusSchema>;

let up: UpFile;
let pipeline: ReturnType<typeof spawn>;

function muster(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, MUSTER_HOME: home };
    execFile(bin, args, { env, cwd: home, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

async function status(): Promise<Status> {
  const said = await muster('status', '-o', 'json');
  expect(said.code, said.stderr).toBe(0);
  return StatusSchema.parse(JSON.parse(said.stdout));
}

/** Of a final block: it stands for every transaction before it. */
async function hashOf(url: string, block: number): Promise<unknown> {
  const params = [`0x${block.toString(16)}`, false];
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params });
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { result } = z.object({ result: z.looseObject({ hash: z.string() }) }).parse(await answer.json());
  return result.hash;
}

/** The small disk is seen by the pipeline alone: we reach it through its process. */
const inside = () => join('/proc', String(up.pid), 'root', disk);
const journalFile = () => {
  const [own = ''] = readdirSync(inside()).filter((name) => name.startsWith('muster-'));
  return join(inside(), own, 'private/ledger/journal');
};

const alarms = async () => (await status()).alarms.join('\n');
const states = async () => (await status()).agents.map((each) => each.status);

/** What the journal says from now on, until it holds. */
async function told(fault: string, act: () => Promise<void> | void): Promise<string> {
  const reading = AbortSignal.timeout(60_000);
  const headers = { authorization: `Bearer ${up.token}` };
  const response = await fetch(`${up.api}/v1/journal`, { headers, signal: reading });
  await act();
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const line = text.split('\n').find((each) => each.includes(`"fault":"${fault}"`) && each.endsWith('}'));
    if (line !== undefined) return line;
  }
  throw new Error(`the journal does not tell of ${fault}`);
}

/** Has the ledger's process end, and its journal changed before it is back. */
async function damage(change: (path: string) => void): Promise<void> {
  const path = journalFile();
  const { ledger } = (await status()).processes;
  process.kill(up.pid, 'SIGSTOP');
  try {
    process.kill(ledger, 'SIGKILL');
    await expect.poll(() => isRunning(ledger), { timeout: 5000 }).toBe(false);
    change(path);
  } finally {
    process.kill(up.pid, 'SIGCONT');
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

beforeAll(async () => {
  if (!isRoot) return;
  mkdirSync(disk);
  const script = 'mount -t tmpfs -o size=6m,mode=0711 tmpfs "$0" && exec "$@"';
  const command = [bin, 'up', 'demo', '--plane', 'twin', '--foreground'];
  pipeline = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', script, disk, ...command], {
    cwd: home,
    env: { ...process.env, MUSTER_HOME: home, TMPDIR: disk },
    stdio: 'ignore',
  });
  const file = () => {
    try {
      return UpFileSchema.parse(JSON.parse(readFileSync(join(home, 'up.json'), 'utf8')));
    } catch {
      return undefined;
    }
  };
  up = await vi.waitFor(
    () => {
      const found = file();
      if (found === undefined) throw new Error('nothing is up');
      return found;
    },
    { timeout: 100_000, interval: 200 },
  );
}, 110_000);

afterAll(async () => {
  if (pipeline?.exitCode === null) {
    const ended = once(pipeline, 'exit');
    await muster('down');
    const kill = setTimeout(() => pipeline.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(kill);
  }
  rmSync(home, { recursive: true, force: true });
}, 180_000);

it.runIf(isRoot)(
  'a full disk: told at once, what was acknowledged stays, agents fail closed, and all goes on once there is room',
  async () => {
    const before = await status();
    expect(before.alarms).toEqual([]);
    const { url, block } = before.ledger;
    const hash = await hashOf(url, block);
    fill(join(inside(), 'fill'));
    await expect
      .poll(alarms, { timeout: 40_000, interval: 1000 })
      .toMatch(/journal cannot be written: ENOSPC/);
    const words = await muster('status');
    expect(words.stdout).toMatch(/^ALARM {2}.*cannot be written: ENOSPC/m);
    expect(await hashOf(url, block)).toBe(hash);
    await expect.poll(states, { timeout: 90_000, interval: 1000 }).not.toContain('attested');
    expect(await alarms()).toContain('attestation has run out, nothing is carried out for');
    rmSync(join(inside(), 'fill'));
    await expect
      .poll(states, { timeout: 90_000, interval: 1000 })
      .toEqual(Array.from({ length: 8 }, () => 'attested'));
    expect(await hashOf(url, block)).toBe(hash);
    expect(await alarms()).toBe('');
  },
  240_000,
);

it.runIf(isRoot)(
  "a damaged end of the ledger's journal is cut off, and told",
  async () => {
    const { url, block } = (await status()).ledger;
    const hash = await hashOf(url, block);
    const line = await told('ledger-cut', () => damage((path) => appendFileSync(path, '01234567 [9999,"ta')));
    expect(line).toContain('18 bytes (1 records, none of them acknowledged) were cut off');
    await expect.poll(alarms, { timeout: 20_000, interval: 500 }).toBe('');
    expect(await hashOf(url, block)).toBe(hash);
  },
  90_000,
);

it.runIf(isRoot)(
  'a damaged middle of it: the ledger refuses to start, and says why and what to do',
  async () => {
    await damage((path) => {
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.from('#'), 0, 1, 2000);
      closeSync(file);
    });
    await expect
      .poll(alarms, { timeout: 60_000, interval: 500 })
      .toMatch(/does not come back: .*journal .* cannot be trusted: it is damaged at byte/);
    const words = await muster('status');
    expect(words.stdout).toMatch(/^ALARM {2}.*cannot be trusted/m);
  },
  120_000,
);

/** Takes all room that there is, to the last byte. */
function fill(path: string): void {
  writeFileSync(path, '');
  for (let size = 1 << 16; size > 0; size >>= 1) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(size));
    } catch {
      // Full, for pieces of that size.
    }
  }
}

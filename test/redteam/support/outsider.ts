import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';
import type { Try } from '../programs/outsider-tasks.ts';
import { onEnd } from './clean-up.ts';
import { ownDirectory } from './product-copy.ts';

const TrySchema = z.array(z.object({ what: z.string(), worked: z.boolean(), said: z.string() }));
let program: Promise<string> | undefined;

/** The outsider's program as one file that everybody may read. */
function outsiderProgram(): Promise<string> {
  program ??= (async () => {
    const dir = ownDirectory('outsider');
    onEnd(() => {
      program = undefined;
    });
    chmodSync(dir, 0o755);
    const outfile = join(dir, 'outsider.mjs');
    const entry = fileURLToPath(new URL('../programs/outsider.ts', import.meta.url));
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
    chmodSync(outfile, 0o644);
    return outfile;
  })();
  return program;
}

async function start(
  uid: number,
  task: string,
  parameter: string,
): Promise<ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> }> {
  const file = await outsiderProgram();
  const as = ['--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', '--pdeathsig', 'KILL', '--'];
  const child = spawn('setpriv', [...as, process.execPath, file, task, parameter], {
    cwd: '/',
    env: {},
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onEnd(() => void child.kill('SIGKILL'));
  return child;
}

/** Does a task as that user. */
export async function asUser(uid: number, task: string, parameter: string): Promise<readonly Try[]> {
  const child = await start(uid, task, parameter);
  let said = '';
  child.stdout.on('data', (text) => (said += String(text)));
  await once(child, 'close');
  return TrySchema.parse(JSON.parse(said));
}

/** Starts a task that goes on until `stop`; resolves with its first word. */
export async function asUserUntil(uid: number, task: string, parameter: string): Promise<{ stop(): void }> {
  const child = await start(uid, task, parameter);
  await once(child.stdout, 'data');
  return { stop: () => void child.kill('SIGKILL') };
}

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UpFile } from '../../../src/runtime/up/up-file.ts';
import { UpFileSchema } from '../../../src/runtime/up/up-file.ts';

const bin = fileURLToPath(new URL('../../../bin/muster', import.meta.url));

export interface RunningUp {
  /** Where it was started: its runs are below it. */
  readonly dir: string;
  readonly file: UpFile;
  /** Runs a command there; answers what it prints. Throws where it fails. */
  muster(...args: readonly string[]): Promise<string>;
  /** A new address that opens the console once. */
  address(): Promise<string>;
  /** Ends it and starts it again, in the same place and at the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** `muster up` with these arguments, in a directory of its own. */
export async function startUp(...args: readonly string[]): Promise<RunningUp> {
  const dir = mkdtempSync(join(tmpdir(), 'muster-browser-'));
  const home = join(dir, '.muster');
  const muster = (...command: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { cwd: dir, env: { ...process.env, MUSTER_HOME: home }, maxBuffer: 1 << 24 };
      execFile(bin, command, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`muster ${command.join(' ')}: ${stderr}`));
      });
    });
  const fileNow = (): UpFile => UpFileSchema.parse(JSON.parse(readFileSync(join(home, 'up.json'), 'utf8')));
  await muster('up', ...args, '--port', '0');
  let file = fileNow();
  let restarting: Promise<void> = Promise.resolve();
  const restart = async () => {
    await muster('down');
    await muster('up', ...args, '--port', new URL(file.api).port);
    file = fileNow();
  };
  return {
    dir,
    get file() {
      return file;
    },
    muster,
    address: async () => (await muster('console')).trim(),
    restart: () => {
      restarting = restart();
      return restarting;
    },
    close: async () => {
      // A test that fails meanwhile would leave behind what comes up after it.
      await restarting.catch(() => undefined);
      await muster('down').catch(() => undefined);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

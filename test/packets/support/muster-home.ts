import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServiceClient, type ServiceClient } from '../../../src/cli/service-client.ts';
import { isOver } from '../../../src/core/lifecycle/operation-machine.ts';
import type { Operation } from '../../../src/protocol/operation-record.ts';
import type { Status } from '../../../src/protocol/up-status.ts';
import { type UpFile, UpFileSchema } from '../../../src/runtime/up/up-file.ts';

const bin = new URL('../../../bin/muster', import.meta.url).pathname;
const LOOK_MS = 10;

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `MUSTER_HOME` of its own with the command line over it, and what an operator's programs ask of what is up there. */
export interface MusterHome {
  readonly dir: string;
  muster(...args: readonly string[]): Promise<Said>;
  /** As `muster`; fails with what it said unless it ends with 0. */
  must(...args: readonly string[]): Promise<Said>;
  write(name: string, text: string): string;
  up(): UpFile;
  client(): ServiceClient;
  status(): Promise<Status>;
  /** Asks until the operation is over or waits. */
  over(id: string | undefined, withinMs?: number): Promise<Operation>;
  forget(): void;
}

export function musterHome(): MusterHome {
  const dir = mkdtempSync(join(tmpdir(), 'muster-home-'));
  const env = { ...process.env, MUSTER_HOME: dir };
  const muster = (...args: readonly string[]): Promise<Said> =>
    new Promise((resolve) => {
      execFile(bin, args, { env, cwd: dir, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      });
    });
  const up = () => UpFileSchema.parse(JSON.parse(readFileSync(join(dir, 'up.json'), 'utf8')));
  const client = () => createServiceClient(up());
  return {
    dir,
    muster,
    must: async (...args) => {
      const said = await muster(...args);
      if (said.code !== 0)
        throw new Error(`muster ${args.join(' ')} ended with ${said.code}: ${said.stderr}`);
      return said;
    },
    write: (name, text) => {
      writeFileSync(join(dir, name), text);
      return join(dir, name);
    },
    up,
    client,
    status: async () => {
      const { api, token } = up();
      const answer = await fetch(`${api}/v1/status`, { headers: { authorization: `Bearer ${token}` } });
      return (await answer.json()) as Status;
    },
    over: async (id, withinMs = 30_000) => {
      const services = client();
      for (const untilMs = performance.now() + withinMs; ; ) {
        const operation = await services.operation(id ?? '');
        if (isOver(operation.state) || operation.state === 'FAILED_TEMP') return operation;
        if (performance.now() > untilMs)
          throw new Error(`not over within ${withinMs} ms: ${operation.state}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    forget: () => rmSync(dir, { recursive: true, force: true }),
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';

export const muster = new URL('../../../bin/muster', import.meta.url).pathname;

export interface Ran {
  readonly pid: number | undefined;
  /** 0, or 2 where an expectation was not met. */
  readonly code: number;
  /** What it told while it ran. */
  readonly said: string;
}

/** `muster scenario run`, to its end. `signal`: the test is over, and nothing of the run may go on beside the next. */
export async function runScenarioAlone(args: readonly string[], signal: AbortSignal): Promise<Ran> {
  const stdio = ['ignore', 'ignore', 'pipe'] as const;
  const child = spawn(muster, ['scenario', 'run', ...args], { stdio: [...stdio], signal });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const [code] = await once(child, 'exit');
  expect([0, 2], said).toContain(code);
  return { pid: child.pid, code: Number(code), said };
}

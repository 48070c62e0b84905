import { spawn } from 'node:child_process';
import { enterArguments } from '../../adapters/infrastructure-linux/exec-in-unit.ts';
import { unitEnvironment } from '../../adapters/infrastructure-linux/launch-unit.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { UnitEntry } from '../../protocol/unit-doors.ts';

/**
 * A shell inside a unit, in its namespaces and limits as `exec` has them, on the terminal that this process has. Answers how it ended.
 * @throws NEEDS_ROOT
 */
export async function enterUnit({ pid, directory, groups }: UnitEntry): Promise<number> {
  if (process.getuid?.() !== 0) {
    throw new MusterError('NEEDS_ROOT', 'only root of the machine enters a unit', {
      hint: 'sudo, or muster service exec SERVICE UNIT -- COMMAND',
    });
  }
  const child = spawn('/bin/sh', enterArguments({ pid, directory, groups }, ['/bin/sh', '+m']), {
    stdio: 'inherit',
    env: { ...unitEnvironment(directory), TERM: process.env['TERM'] ?? 'dumb', PS1: '# ' },
  });
  // What is typed is the shell's: an interrupt ends what runs in it, not this process.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 137)));
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Whether C programs can be built here; tests that need one are skipped where not, and say so in their name. */
export function hasCompiler(): boolean {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Builds a program of this folder, e.g. `c-agent/c-agent.c`, into a file. Throws with what the compiler says. */
export function buildC(source: string, into: string, flags: readonly string[] = []): string {
  const path = fileURLToPath(new URL(source, import.meta.url));
  execFileSync('gcc', ['-O1', '-Wall', '-Werror', ...flags, '-o', into, path], { stdio: 'pipe' });
  return into;
}

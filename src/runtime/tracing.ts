import { readFileSync } from 'node:fs';
import type { PlaneFeature } from '../ports/data-plane.ts';

const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';

/** Who may trace a process of this machine: a tracer that comes and goes between two looks of a guard is not seen. */
export function tracing(read: () => string = () => readFileSync(SCOPE, 'utf8')): PlaneFeature {
  const name = 'linux: tracers';
  let scope = 0;
  try {
    scope = Number(read());
  } catch {
    // A kernel without Yama: as if it were 0.
  }
  if (scope >= 3)
    return { name, available: true, detail: 'nobody may trace a process, root included (ptrace_scope 3)' };
  const who = scope === 2 ? 'root' : 'root, and whoever has the same user';
  return {
    name,
    available: true,
    detail: `${who} may trace an agent; for less than a second without being seen (ptrace_scope ${scope})`,
    mend: 'where nobody needs a debugger: sysctl kernel.yama.ptrace_scope=3',
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expectedSegments, mappedLibraries } from '../../adapters/evidence-guard/expected-segments.ts';
import type { TextSegment } from '../../protocol/measurement.ts';

/** The executable segments that a clean Node process of this machine has, from the files on disk. */
export async function sampleRuntime(): Promise<readonly TextSegment[]> {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("."); process.stdin.resume()'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {},
  });
  try {
    await once(child.stdout, 'data');
    return await expectedSegments(process.execPath, mappedLibraries(child.pid ?? 0, process.execPath));
  } finally {
    child.kill('SIGKILL');
  }
}

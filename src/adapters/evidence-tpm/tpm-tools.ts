import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MusterError } from '../../protocol/errors.ts';

const run = promisify(execFile);
const WITHIN_MS = 10_000;

/**
 * Runs one of tpm2-tools against a TPM, e.g. `device:/dev/tpmrm0` or `swtpm:path=/run/tpm.sock`. Without a resource manager in
 * between, what a tool leaves loaded is flushed. Throws MusterError with what the tool said.
 */
export async function tpmTool(tcti: string, tool: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, TPM2TOOLS_TCTI: tcti };
  try {
    await run(tool, ['-Q', ...args], { env, timeout: WITHIN_MS, killSignal: 'SIGKILL' });
    if (tcti.startsWith('swtpm:')) await run('tpm2_flushcontext', ['-t'], { env, timeout: WITHIN_MS });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new MusterError('NOT_SUPPORTED', `${tool}: ${said.slice(0, 500)}`, {
      hint: 'apt-get install tpm2-tools, and a TPM or swtpm',
      cause,
    });
  }
}

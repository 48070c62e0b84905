import { MusterError } from '../protocol/errors.ts';
import type { Run } from '../runtime/open-run.ts';

/**
 * The time that `--at` gives in seconds, in ms.
 * @throws USAGE when it is none, or the run had not begun or was over by then.
 */
export async function timeInRun(run: Run, typed: string): Promise<number> {
  const atMs = typed.trim() === '' ? Number.NaN : Number(typed) * 1000;
  if (!Number.isFinite(atMs)) {
    throw new MusterError('USAGE', `not a time: ${typed}`, { hint: '--at takes seconds' });
  }
  const { fromMs, toMs } = await run.span();
  if (atMs >= fromMs && atMs <= toMs) return atMs;
  const seconds = (ms: number) => String(Number((ms / 1000).toFixed(3)));
  throw new MusterError(
    'USAGE',
    `${typed} s is outside the run: it goes from ${seconds(fromMs)} to ${seconds(toMs)} s`,
    { hint: `--at takes seconds, e.g. --at ${seconds(Math.min(Math.max(atMs, fromMs), toMs))}` },
  );
}

import { MusterError } from '../protocol/errors.ts';
import type { UpFile } from '../runtime/up/up-file.ts';

const WITHIN_MS = 5000;

/** Asks the API of what runs here. Throws MusterError when it does not answer, or refuses. */
export async function askUp(up: UpFile, method: 'GET' | 'POST', path: string): Promise<unknown> {
  const hint = `is process ${up.pid} well? see up.log beside up.json`;
  let answer: Response;
  try {
    answer = await fetch(`${up.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${up.token}` },
      signal: AbortSignal.timeout(WITHIN_MS),
    });
  } catch (cause) {
    throw new MusterError('INTERNAL', `${up.api} does not answer`, { hint, cause });
  }
  if (!answer.ok)
    throw new MusterError('INTERNAL', `${path}: ${answer.status} ${answer.statusText}`, { hint });
  return answer.json();
}

import { MusterError } from '../protocol/errors.ts';
import type { UpFile } from '../runtime/up/up-file.ts';

/** How long is waited for the first of it, and for all of it. */
const WITHIN_MS = 600_000;

/** A backup by what is up, which has the services open; undefined: it manages none, so that they can be read here. */
export async function backupOfUp(up: UpFile): Promise<AsyncIterable<Uint8Array> | undefined> {
  const hint = `is process ${up.pid} well? muster status; or muster down, and the backup afterwards`;
  let answer: Response;
  try {
    answer = await fetch(`${up.api}/v1/backup`, {
      method: 'POST',
      headers: { authorization: `Bearer ${up.token}` },
      signal: AbortSignal.timeout(WITHIN_MS),
    });
  } catch (cause) {
    throw new MusterError('INTERNAL', `${up.api} does not answer`, { hint, cause });
  }
  if (answer.status === 404 || answer.status === 503) {
    await answer.body?.cancel();
    return undefined;
  }
  if (!answer.ok || answer.body === null)
    throw new MusterError('INTERNAL', `no backup is given: ${answer.status} ${answer.statusText}`, { hint });
  return piecesOf(answer.body.getReader(), hint);
}

async function* piecesOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  hint: string,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw new MusterError('INTERNAL', 'the backup was cut off', { hint, cause });
  } finally {
    await reader.cancel().catch(() => {});
  }
}

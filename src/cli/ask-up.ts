import { z } from 'zod';
import { MusterError } from '../protocol/errors.ts';
import type { UpFile } from '../runtime/up/up-file.ts';

const WITHIN_MS = 5000;

const ProblemSchema = z.looseObject({ reason: z.string(), hint: z.string(), code: z.string().optional() });

export interface Asked {
  /** JSON. */
  readonly body?: unknown;
  /** JSON as it is to be sent, in place of `body`. */
  readonly text?: string;
  readonly withinMs?: number;
}

/** Asks the API of what runs here. Throws MusterError when it does not answer, or refuses: then with its reason. */
export async function askUp(
  up: UpFile,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  { body, text, withinMs = WITHIN_MS }: Asked = {},
): Promise<unknown> {
  const hint = `is process ${up.pid} well? see up.log beside up.json`;
  const sent = body === undefined ? text : JSON.stringify(body);
  let answer: Response;
  try {
    answer = await fetch(`${up.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${up.token}`,
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(sent === undefined ? {} : { body: sent }),
      signal: AbortSignal.timeout(withinMs),
    });
  } catch (cause) {
    throw new MusterError('INTERNAL', `${up.api} does not answer`, { hint, cause });
  }
  const problem = answer.ok ? undefined : ProblemSchema.safeParse(await answer.json().catch(() => null)).data;
  if (problem !== undefined) {
    const code = problem.code === 'ATTESTATION_REFUSED' ? problem.code : undefined;
    throw new MusterError(code ?? (answer.status === 404 ? 'NOT_FOUND' : 'USAGE'), problem.reason, {
      hint: problem.hint === '' ? 'muster status' : problem.hint,
    });
  }
  if (!answer.ok)
    throw new MusterError('INTERNAL', `${path}: ${answer.status} ${answer.statusText}`, { hint });
  return answer.status === 204 ? undefined : answer.json();
}

import { createHash } from 'node:crypto';
import type { Answer } from './endpoint.ts';
import { HttpProblem } from './http-problem.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Names a representation of a resource by what is in it. */
export function entityTag(body: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32)}"`;
}

/** 200 with an ETag, or 304 when the caller has it already. */
export function taggedAnswer(body: object, headers: Headers): Answer {
  const etag = entityTag(body);
  return has(headers['if-none-match'], etag)
    ? { status: 304, headers: { etag } }
    : { status: 200, body, headers: { etag } };
}

/** Refuses a change of what has changed since the caller looked (412), where the caller says what that was. */
export function requireMatch(body: object, headers: Headers): void {
  const wanted = headers['if-match'];
  if (wanted === undefined || has(wanted, entityTag(body))) return;
  throw new HttpProblem({
    status: 412,
    reason: 'it has been changed since you looked',
    hint: 'get it again, and send its new ETag as If-Match',
  });
}

function has(header: string | undefined, etag: string): boolean {
  return (
    header?.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag) ===
    true
  );
}

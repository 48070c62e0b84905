import type { z } from 'zod';

const MOST_CHARS = 200;

/** What is wrong with a value that a schema refused, in one sentence: where, what, and how much more there is. */
export function firstIssue(error: z.ZodError): string {
  const [issue, ...others] = error.issues;
  if (issue === undefined) return 'not as it should be';
  const path = issue.path.map(String).join('.');
  const said = `${path === '' ? '' : `${path}: `}${issue.message}`;
  const clipped = said.length > MOST_CHARS ? `${said.slice(0, MOST_CHARS - 1)}…` : said;
  return others.length === 0 ? clipped : `${clipped} (and ${others.length} more)`;
}

import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { type ErrorCode, MusterError } from '../../protocol/errors.ts';
import type { ProblemDetails } from '../../protocol/problem-details.ts';

export interface ProblemParts {
  readonly status: number;
  /** What happened. */
  readonly reason: string;
  /** What to do next. */
  readonly hint: string;
  readonly code?: ErrorCode;
  /** Further members, such as the problems of a package one by one. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request with ProblemDetails. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly parts: ProblemParts;
  constructor(parts: ProblemParts) {
    super(parts.reason);
    this.parts = parts;
  }
}

const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  USAGE: 409,
  BAD_SCENARIO: 422,
  BAD_PACKAGE: 422,
  BAD_SITE: 422,
  CONFLICT: 409,
  STORE_DAMAGED: 500,
  BAD_SERVICE: 422,
  BAD_PIPELINE: 422,
  BAD_FILE: 422,
  CANNOT_WRITE: 500,
  NOT_FOUND: 404,
  NOT_SUPPORTED: 422,
  NEEDS_ROOT: 422,
  PLANE_FAILED: 502,
  UNSATISFIED: 409,
  ATTESTATION_REFUSED: 409,
  LEDGER_FAILED: 502,
  LEDGER_DAMAGED: 500,
  REPLAY_DIFFERS: 500,
  INTERRUPTED: 503,
  INTERNAL: 500,
};

const UNEXPECTED: ProblemParts = {
  status: 500,
  reason: 'this went wrong inside Muster',
  hint: 'what it said is in up.log; nothing is known of what was asked for, so look before asking again',
  code: 'INTERNAL',
};

/** What an error means to whoever asked. Of errors that nobody foresaw nothing is told. */
export function problemOf(error: unknown): ProblemParts {
  if (error instanceof HttpProblem) return error.parts;
  if (error instanceof MusterError) {
    const { code, message: reason, hint } = error;
    return { status: STATUS_OF[code], reason, hint: hint === '' ? 'muster status' : hint, code };
  }
  const known = FastifyErrorSchema.safeParse(error).data;
  if (known === undefined || known.statusCode >= 500) return UNEXPECTED;
  const { statusCode: status, message: reason } = known;
  return { status, reason, hint: HINTS[status] ?? 'see /openapi.json for what is taken here' };
}

/** Errors of the HTTP framework. */
const FastifyErrorSchema = z.object({
  statusCode: z.int().min(400).max(599),
  code: z.string(),
  message: z.string(),
});

const HINTS: Readonly<Record<number, string>> = {
  400: 'see /openapi.json for what is taken here',
  413: 'send less: 256 KiB for a document',
  415: 'set Content-Type: application/json or application/yaml',
};

/** The body of the answer. */
export function problemDetails(parts: ProblemParts, osm = false): ProblemDetails {
  const { status, reason, hint, code, more } = parts;
  const title = STATUS_CODES[status] ?? 'Error';
  const named = title.toUpperCase().replaceAll(/[^A-Z]+/g, '_');
  return {
    type: 'about:blank',
    title,
    status,
    detail: hint === '' ? reason : `${reason}; ${hint}`,
    code: osm ? named : (code ?? named),
    reason,
    hint,
    ...more,
  };
}

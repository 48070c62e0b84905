/** Every way in which Muster fails, with the exit code that the command line gives it (style: one table). */
export const ERROR_CODES = {
  USAGE: { exit: 64, doc: 'usage' },
  BAD_SCENARIO: { exit: 64, doc: 'scenarios' },
  BAD_PACKAGE: { exit: 64, doc: 'packages' },
  BAD_SITE: { exit: 64, doc: 'packages' },
  CONFLICT: { exit: 1, doc: 'packages' },
  STORE_DAMAGED: { exit: 1, doc: 'packages' },
  BAD_SERVICE: { exit: 64, doc: 'services' },
  BAD_PIPELINE: { exit: 64, doc: 'planner' },
  BAD_FILE: { exit: 64, doc: 'files' },
  CANNOT_WRITE: { exit: 1, doc: 'files' },
  NOT_FOUND: { exit: 1, doc: 'names' },
  NOT_SUPPORTED: { exit: 1, doc: 'doctor' },
  NEEDS_ROOT: { exit: 1, doc: 'doctor' },
  PLANE_FAILED: { exit: 1, doc: 'data-plane' },
  UNSATISFIED: { exit: 2, doc: 'expectations' },
  ATTESTATION_REFUSED: { exit: 3, doc: 'attestation' },
  LEDGER_FAILED: { exit: 1, doc: 'ledger' },
  LEDGER_DAMAGED: { exit: 1, doc: 'ledger' },
  REPLAY_DIFFERS: { exit: 1, doc: 'replay' },
  INTERRUPTED: { exit: 130, doc: 'usage' },
  INTERNAL: { exit: 1, doc: 'internal' },
} as const satisfies Record<string, { exit: number; doc: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error that explains itself: what happened, and the next thing to try. */
export class MusterError extends Error {
  override readonly name = 'MusterError';
  readonly code: ErrorCode;
  readonly hint: string;
  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? '';
  }
  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }
}

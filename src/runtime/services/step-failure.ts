import { MusterError } from '../../protocol/errors.ts';

/** Why a step did not come about, and what an operator can do. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly mend: string;
  constructor(message: string, mend: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.mend = mend;
  }
}

/** Any error as a reason that an operator can read. */
export function reasonOf(error: unknown): { readonly message: string; readonly mend: string } {
  if (error instanceof StepFailure) return { message: error.message, mend: error.mend };
  if (error instanceof MusterError) return { message: error.message, mend: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { message, mend: 'muster service operation retry, or rollback' };
}

import type { Finding, ProblemPath, Severity } from '../problems/problem.ts';

/** Something about a pipeline's file: an error stands in its way, a warning does not. */
export interface PipelineFinding extends Finding {
  readonly severity: Severity;
}

export function wrong(path: ProblemPath, message: string, mend: string): PipelineFinding {
  return { path, at: 'value', message, mend, severity: 'error' };
}

export function doubtful(path: ProblemPath, message: string, mend: string): PipelineFinding {
  return { path, at: 'value', message, mend, severity: 'warning' };
}

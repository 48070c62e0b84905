import type { Problem } from '../../core/problems/problem.ts';
import type { FindingCode, PackageFinding } from '../../core/services/package-finding.ts';

/** A finding with the place at which it stands. */
export interface PackageProblem extends Problem {
  /** As the operator named the package, and the file in it: `cirros_vnf.tar.gz/cirros_vnf/cirros_vnfd.yaml`. */
  readonly file: string;
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  readonly status: 422 | 409;
}

/** A problem of a file as a whole, or of a package. */
export function wholeProblem(file: string, finding: PackageFinding, line = 1): PackageProblem {
  const { code, severity, status, message, mend } = finding;
  return { file, line, column: 1, path: '', code, severity, status, message, mend };
}

/** 422 as soon as anything is wrong with the package itself, 409 when it only does not go with what is there, else 200. */
export function statusOf(problems: readonly PackageProblem[]): 200 | 409 | 422 {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return 200;
  return errors.some(({ status }) => status === 422) ? 422 : 409;
}

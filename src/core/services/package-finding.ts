import type { Finding, Severity } from '../problems/problem.ts';

/** What kind of thing was found: stable names, for scripts and tests. */
export type FindingCode =
  | 'yaml'
  | 'archive'
  | 'checksum'
  | 'old-format'
  | 'slice-template'
  | 'not-a-descriptor'
  | 'unknown-field'
  | 'schema'
  | 'duplicate'
  | 'reference'
  | 'mgmt-cp'
  | 'helm-chart'
  | 'cloud-init-absent'
  | 'charm-absent'
  | 'charm-not-run'
  | 'parameters-needed'
  | 'webhooks-off'
  | 'levels-capped'
  | 'image-not-mapped'
  | 'cannot-run'
  | 'no-demand'
  | 'forwarding-graph'
  | 'vnfd-absent'
  | 'points-not-checked'
  | 'in-use'
  | 'exists';

/** Something that is wrong with a package, or worth knowing of it. */
export interface PackageFinding extends Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** 422: the package is wrong; 409: it does not go with what is there. Warnings count as neither. */
  readonly status: 422 | 409;
}

type Said = Pick<Finding, 'path' | 'message' | 'mend'> & { readonly at?: 'key' | 'value' };

/** The package is wrong. */
export function refused(code: FindingCode, { at = 'value', ...said }: Said): PackageFinding {
  return { code, severity: 'error', status: 422, at, ...said };
}

/** The package is right, and does not go with what is there. */
export function conflicting(code: FindingCode, { at = 'value', ...said }: Said): PackageFinding {
  return { code, severity: 'error', status: 409, at, ...said };
}

/** Worth knowing, and in the way of nothing. */
export function warned(code: FindingCode, { at = 'value', ...said }: Said): PackageFinding {
  return { code, severity: 'warning', status: 422, at, ...said };
}

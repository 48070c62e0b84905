import { MusterError } from '../../../protocol/errors.ts';
import type { PackageResult } from '../../../runtime/packages/judge-packages.ts';
import { renderPackageProblems } from '../../../runtime/packages/render-package-problems.ts';
import { note, type OutputFormat, printListing } from '../../printer.ts';

const COLUMNS = ['package', 'kind', 'id', 'version', 'outcome', 'errors', 'warnings'] as const;

/**
 * Prints what came of packages: a line for each as data, what is wrong with them as a compiler would tell it. Ends with 64 when a
 * package is wrong (422), 1 when it only does not go with what is there (409).
 */
export function printResults(
  results: readonly (PackageResult & { readonly outcome: string })[],
  format: OutputFormat,
): void {
  const rows = results.map(({ opened, kind, descriptor, problems, status, outcome }) => ({
    package: opened.label,
    kind: kind ?? null,
    id: descriptor?.id ?? null,
    version: descriptor?.version ?? null,
    outcome,
    status,
    errors: problems.filter(({ severity }) => severity === 'error').length,
    warnings: problems.filter(({ severity }) => severity === 'warning').length,
    problems,
  }));
  const forPeople = format === 'table' || format === 'wide' || format === 'name';
  const shown = forPeople ? rows.map(({ problems, ...row }) => row) : rows;
  if (forPeople) {
    const told = renderPackageProblems(results.map(({ opened, problems }) => ({ opened, problems })));
    if (told !== '') note(told);
  }
  printListing({ rows: shown, columns: COLUMNS }, format);
  const statuses = results.map(({ status }) => status);
  const code = statuses.includes(422) ? 'BAD_PACKAGE' : statuses.includes(409) ? 'CONFLICT' : undefined;
  if (code === undefined) return;
  if (forPeople)
    note('try: mend what is marked as an error; docs/packages.md says what a package has to hold');
  process.exitCode = new MusterError(code, '').exitCode;
}

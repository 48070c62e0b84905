import { problemBlocks } from '../scenario/render-problems.ts';
import type { OpenedPackage } from './examine-package.ts';
import type { PackageProblem } from './package-problem.ts';

/** Problems of several packages as a compiler would print them, errors and warnings in the order of their files; empty: there are none. */
export function renderPackageProblems(
  packages: readonly { readonly opened: OpenedPackage; readonly problems: readonly PackageProblem[] }[],
): string {
  return packages
    .flatMap(({ opened, problems }) =>
      problems.flatMap((problem) => {
        // Only of the descriptor the text is at hand: of other files the place has to do.
        if (opened.source?.file === problem.file) return problemBlocks(opened.source, [problem]);
        const { file, line, severity, message, mend } = problem;
        return [`${file}:${line}: ${severity}: ${message}\n      = ${mend}`];
      }),
    )
    .join('\n\n');
}

import type { FileReport } from '../../../../src/protocol/file-reports.ts';
import { many } from '../../parts/figures.ts';
import { ProblemNote, ProblemText } from '../../parts/problem-text.tsx';

const OUTCOMES: Readonly<Record<FileReport['outcome'], readonly [string, string]>> = {
  onboarded: ['good', '✓ would be onboarded'],
  updated: ['warn', '▲ takes the place of one that is there'],
  unchanged: ['', 'is there already'],
  'held-back': ['', 'waits for the others'],
  read: ['good', '✓ is right'],
  refused: ['bad', '✗ is refused'],
};

/** What came of looking at a file: what is wrong stands at its lines. */
export function FileReportCard({ report }: { readonly report: FileReport }) {
  const { name, kind, id, version, outcome, problems, source } = report;
  const [badge, words] = OUTCOMES[outcome];
  const inText = source === null ? [] : problems.filter(({ file }) => file === source.file);
  const elsewhere = problems.filter((problem) => !inText.includes(problem));
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return (
    <section className="card report" aria-label={`Report of ${name}`}>
      <h2>
        {name} <span className={`badge ${badge}`}>{words}</span>
      </h2>
      <p className="about">
        {kind === null ? 'It does not say what it is' : `${kind}${id === null ? '' : ` ${id}`}`}
        {version === null ? '' : `, version ${version}`}: {many(errors, 'error')},{' '}
        {many(problems.length - errors, 'warning')}
      </p>
      {elsewhere.map((problem) => (
        <div key={`${problem.file} ${problem.line} ${problem.message}`}>
          <code>{problem.file}</code>
          <ProblemNote problem={problem} />
        </div>
      ))}
      {source === null || inText.length === 0 ? null : (
        <ProblemText label={`Text of ${source.file}`} text={source.text} problems={inText} />
      )}
    </section>
  );
}

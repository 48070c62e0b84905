import './problem-text.css';

/** Something that is wrong with a text, at a line of it (from 1). */
export interface TextProblem {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
  readonly mend: string;
  readonly severity: 'error' | 'warning';
}

interface Props {
  readonly text: string;
  readonly problems: readonly TextProblem[];
  readonly label: string;
}

/** Lines around one that something is wrong with; the rest is folded. */
const AROUND = 3;
/** A text that is no longer is shown whole. */
const WHOLE_LINES = 60;

/** A text with what is wrong with it under the lines that it is about. */
export function ProblemText({ text, problems, label }: Props) {
  const lines = text.split(/\r\n|\n|\r/);
  const byLine = new Map<number, TextProblem[]>();
  for (const each of problems) {
    const at = Math.min(Math.max(1, each.line), lines.length);
    byLine.set(at, [...(byLine.get(at) ?? []), each]);
  }
  const shown = (line: number) =>
    lines.length <= WHOLE_LINES || [...byLine.keys()].some((at) => Math.abs(at - line) <= AROUND);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to scroll by keyboard too
    <section className="problem-text" tabIndex={0} aria-label={label}>
      <ol>
        {lines.map((line, index) => {
          const number = index + 1;
          if (!shown(number)) {
            return shown(number - 1) || number === 1 ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name
              <li key={index} className="folded">
                <span aria-hidden="true">⋯</span>
              </li>
            ) : null;
          }
          const wrong = byLine.get(number) ?? [];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name
            <li key={index} value={number} className={wrong.length === 0 ? '' : 'wrong'}>
              <code>{line === '' ? ' ' : line}</code>
              {wrong.map((problem) => (
                <ProblemNote key={`${problem.column} ${problem.message}`} problem={problem} />
              ))}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

export function ProblemNote({ problem }: { readonly problem: TextProblem }) {
  const { line, column, path, message, mend, severity } = problem;
  return (
    <div className={`problem ${severity}`}>
      <strong>
        {severity === 'error' ? '✗ error' : '▲ warning'} {line}:{column}
      </strong>{' '}
      {message}
      {path === '' ? '' : ` (${path})`}
      <div>→ {mend}</div>
    </div>
  );
}

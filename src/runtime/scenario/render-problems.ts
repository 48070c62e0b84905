import { type Problem, showText } from '../../core/problems/problem.ts';
import type { ScenarioSource } from './load-scenario.ts';

const WIDTH = 100;

export interface RenderOptions {
  /** Emphasises by colour; off a terminal leave it out. */
  readonly bold?: (text: string) => string;
  readonly red?: (text: string) => string;
  readonly dim?: (text: string) => string;
}

/** Prints problems as a compiler would: file:line:column, the line with a caret, and how to mend it. */
export function renderProblems(
  source: ScenarioSource,
  problems: readonly Problem[],
  options: RenderOptions = {},
): string {
  const blocks = problemBlocks(source, problems, options);
  const total = problems.reduce((sum, problem) => sum + (problem.count ?? 1), 0);
  const count = total === 1 ? '1 problem' : `${total} problems`;
  return `${blocks.join('\n\n')}\n\n${count} in ${source.file}\n`;
}

/** The same, block by block: a few lines for each problem. */
export function problemBlocks(
  source: ScenarioSource,
  problems: readonly Problem[],
  options: RenderOptions = {},
): readonly string[] {
  const plain = (text: string): string => text;
  const { bold = plain, red = plain, dim = plain } = options;
  const lines = source.text.split(/\r\n|\n|\r/);
  return problems.map((problem) => {
    if (problem.count !== undefined) return `${problem.message}: ${problem.mend}`;
    const where = `${source.file}:${problem.line}:${problem.column}`;
    const path = problem.path === '' ? '' : ` ${dim(`(${problem.path})`)}`;
    const excerpt = clip(lines[problem.line - 1] ?? '', problem.column);
    const gutter = String(problem.line).padStart(5);
    return [
      `${bold(where)}: ${red(problem.severity ?? 'error')}: ${problem.message}${path}`,
      `${dim(`${gutter} |`)} ${excerpt.text}`,
      `${dim('      |')} ${' '.repeat(excerpt.column - 1)}${red('^')}`,
      `${dim('      =')} ${problem.mend}`,
    ].join('\n');
  });
}

/** The part of a long line around the column; what a terminal would act upon is made harmless. */
function clip(line: string, column: number): { text: string; column: number } {
  const start = column > WIDTH - 20 ? column - 41 : 0;
  const lead = start > 0 ? '…' : '';
  const text = `${lead}${showText(line.slice(start), WIDTH)}`;
  const at = Math.min(column - start + lead.length, text.length + 1);
  return { text, column: Math.max(1, at) };
}

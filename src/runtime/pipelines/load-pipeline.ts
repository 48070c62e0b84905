import { resolve } from 'node:path';
import { readBounded } from '../../adapters/package-source/read-folder.ts';
import { checkPipeline } from '../../core/pipeline-plan/check-pipeline.ts';
import { MOST_TOLD, type Problem } from '../../core/problems/problem.ts';
import { MusterError } from '../../protocol/errors.ts';
import {
  type PipelineDescriptor,
  PipelineDocumentSchema,
  pipelineJsonSchema,
} from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { parseYaml } from '../scenario/parse-yaml.ts';
import { renderProblems } from '../scenario/render-problems.ts';
import { schemaProblems } from '../scenario/schema-problems.ts';
import { toShape } from '../scenario/schema-shape.ts';

const MAX_BYTES = 2_000_000;
const WORDS = { example: 'begin with `pipeline:`; muster pipeline plan writes one', files: 'pipeline files' };

/** A pipeline's file that has been looked at. */
export interface LoadedPipeline {
  /** Undefined: it has errors. */
  readonly pipeline: PipelineDescriptor | undefined;
  /** Errors and warnings in the order of the file. */
  readonly problems: readonly Problem[];
  readonly source: { readonly file: string; readonly text: string };
}

/** Reads a pipeline's file, YAML or JSON. @throws BAD_FILE when it cannot be read. */
export async function loadPipeline(file: string, view?: PipelineView): Promise<LoadedPipeline> {
  const bytes = await readBounded(resolve(file), MAX_BYTES).catch(() => undefined);
  if (bytes === undefined) {
    throw new MusterError('BAD_FILE', `cannot read ${file}, or it is larger than ${MAX_BYTES} bytes`, {
      hint: 'muster pipeline plan writes one, muster pipeline get tells what is up as one',
    });
  }
  return readPipeline(new TextDecoder().decode(bytes), file, view);
}

/** The same for text that is at hand. `view`: what is up, where it is meant for that. */
export function readPipeline(text: string, file: string, view?: PipelineView): LoadedPipeline {
  const source = { file, text };
  const parsed = parseYaml(text, { words: WORDS });
  if (!parsed.ok) return { pipeline: undefined, problems: bounded(parsed.problems, text), source };
  const { value, locate } = parsed.yaml;
  const checked = PipelineDocumentSchema.safeParse(value);
  const shape = checked.success ? undefined : toShape(pipelineJsonSchema());
  const problems: Problem[] = [
    ...(checked.success ? [] : schemaProblems(value, checked.error.issues, shape).map(locate)),
    ...checkPipeline(value, view).map((finding) => ({ ...locate(finding), severity: finding.severity })),
  ];
  const isWrong = problems.some(({ severity = 'error' }) => severity === 'error');
  return {
    pipeline: checked.success && !isWrong ? checked.data.pipeline : undefined,
    problems: bounded(problems, text),
    source,
  };
}

/** The pipeline, and its warnings as text; empty: there are none. @throws BAD_PIPELINE with everything that is wrong with it. */
export function soundPipeline({ pipeline, problems, source }: LoadedPipeline): {
  readonly pipeline: PipelineDescriptor;
  readonly warnings: string;
} {
  const told = problems.length === 0 ? '' : renderProblems(source, problems).trimEnd();
  if (pipeline !== undefined) return { pipeline, warnings: told };
  throw new MusterError('BAD_PIPELINE', told, {
    hint: 'what is left out of `links` and `verification` is worked out; docs/planner.md has all of it',
  });
}

/** The first problems in the order of the file, errors before warnings where there are too many. */
function bounded(problems: readonly Problem[], text: string): readonly Problem[] {
  const rank = ({ severity }: Problem) => (severity === 'warning' ? 1 : 0);
  const shown = problems
    .toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column)
    .slice(0, MOST_TOLD)
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
  const more = problems.length - shown.length;
  if (more <= 0) return shown;
  const message = more === 1 ? 'and 1 problem more' : `and ${more} problems more`;
  const end = { line: text.split('\n').length, column: 1, path: '' };
  return [...shown, { ...end, message, mend: 'mend those above first', count: more }];
}

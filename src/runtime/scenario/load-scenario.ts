import { open } from 'node:fs/promises';
import { type Finding, MOST_TOLD, type Problem } from '../../core/problems/problem.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type Scenario, ScenarioSchema } from '../../protocol/scenario.ts';
import { checkExpectations } from './check-expectations.ts';
import { checkNames } from './check-names.ts';
import { checkPlacement } from './check-placement.ts';
import { checkReferences } from './check-references.ts';
import { checkTimes } from './check-times.ts';
import { checkTopology } from './check-topology.ts';
import { parseYaml } from './parse-yaml.ts';
import { viewScenario } from './scenario-view.ts';
import { schemaProblems } from './schema-problems.ts';

/** Largest scenario file that is read, in bytes. */
export const MAX_SCENARIO_BYTES = 1_000_000;

/** The text that a scenario was read from. `file` is what the reader calls it. */
export interface ScenarioSource {
  readonly file: string;
  readonly text: string;
}

export type LoadedScenario =
  | { readonly ok: true; readonly scenario: Scenario; readonly source: ScenarioSource }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly source: ScenarioSource };

/** Reads and checks a scenario file: the scenario with its defaults filled in, or everything that is wrong with it. */
export async function loadScenario(file: string): Promise<LoadedScenario> {
  const bytes = await readBounded(file);
  if (bytes.length > MAX_SCENARIO_BYTES) return tooLarge(file);
  const text = new TextDecoder('utf-8').decode(bytes);
  const bad = text.indexOf('\ufffd');
  if (bad >= 0 && !Buffer.from(text).equals(stripBom(bytes))) {
    const before = text.slice(0, bad).split('\n');
    const problem = { line: before.length, column: (before.at(-1) ?? '').length + 1, path: '' };
    const message = 'the file is not UTF-8 text';
    return {
      ok: false,
      problems: [{ ...problem, message, mend: 'save it as UTF-8' }],
      source: { file, text },
    };
  }
  return readScenario(text, file);
}

/** The same for text that is at hand already. */
export function readScenario(text: string, file = 'scenario.yaml'): LoadedScenario {
  if (Buffer.byteLength(text) > MAX_SCENARIO_BYTES) return tooLarge(file);
  const source = { file, text };
  const parsed = parseYaml(text);
  if (!parsed.ok)
    return { ok: false, problems: bounded(parsed.problems, parsed.problems.length, text), source };
  const raw = parsed.yaml.value;
  const checked = ScenarioSchema.safeParse(raw);
  const findings: Finding[] = checked.success ? [] : schemaProblems(raw, checked.error.issues);
  if (typeof raw === 'object' && !Array.isArray(raw)) findings.push(...crossChecks(raw));
  if (checked.success && findings.length === 0) return { ok: true, scenario: checked.data, source };
  const problems = findings.slice(0, MOST_TOLD).map((finding) => parsed.yaml.locate(finding));
  return { ok: false, problems: bounded(problems, findings.length, text), source };
}

function crossChecks(raw: unknown): Finding[] {
  const view = viewScenario(raw);
  return [checkNames, checkReferences, checkTopology, checkPlacement, checkTimes, checkExpectations].flatMap(
    (check) => check(view),
  );
}

/** The first problems in the order of the file, and how many more there are. */
function bounded(problems: readonly Problem[], count: number, text: string): Problem[] {
  const shown = problems.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, MOST_TOLD);
  const more = count - shown.length;
  if (more <= 0) return shown;
  const line = text.split('\n').length;
  const message = more === 1 ? 'and 1 problem more' : `and ${more} problems more`;
  return [...shown, { line, column: 1, path: '', message, mend: 'mend those above first', count: more }];
}

function tooLarge(file: string): LoadedScenario {
  const message = `the file is larger than ${MAX_SCENARIO_BYTES} bytes`;
  const mend = 'use counts instead of writing every user or attacker out';
  return {
    ok: false,
    problems: [{ line: 1, column: 1, path: '', message, mend }],
    source: { file, text: '' },
  };
}

/** Reads at most one byte more than is allowed, and only from a regular file: a device or pipe could go on for ever. */
async function readBounded(file: string): Promise<Uint8Array> {
  const hint = 'see what there is: bin/muster scenario list';
  try {
    const handle = await open(file, 'r');
    try {
      if (!(await handle.stat()).isFile())
        throw new MusterError('BAD_FILE', `${file} is not a file`, { hint });
      const buffer = new Uint8Array(MAX_SCENARIO_BYTES + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) return buffer.subarray(0, length);
        length += bytesRead;
      }
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof MusterError) throw cause;
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new MusterError('BAD_FILE', missing ? `there is no file ${file}` : `cannot read ${file}`, {
      hint,
      cause,
    });
  }
}

function stripBom(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

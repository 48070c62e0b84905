import { WITHOUT_COMPARISON } from './liar-edits.ts';
import type { Edit } from './product-copy.ts';

/** So few that an agent that has altered one segment is often not caught: a calm one decides little in a round. */
export const DRAWS = 2;
/** Agents that alter what they decide. */
export const ALTERING: readonly string[] = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];

const LOG = 'src/runtime/decisions/decision-log.ts';

/**
 * Agents in whose log, and in whose head, one segment in each round begins with another decision than their program's; each says how
 * many of the decisions behind a head are in altered segments. Rounds follow one another quickly.
 */
export function alteredSegments(draws = DRAWS): readonly Edit[] {
  return [
    // The draw alone has to find it: a decision that never came out would be missed each time.
    WITHOUT_COMPARISON,
    { file: 'src/runtime/genuine/pipeline-options.ts', find: 'period: 20,', put: 'period: 6,' },
    {
      file: 'src/runtime/genuine/describe-agent.ts',
      find: 'const DRAWS = 16;',
      put: `const DRAWS = ${draws};`,
    },
    { file: LOG, find: 'const MOST_DECISIONS = 64;', put: 'const MOST_DECISIONS = 4;' },
    {
      file: LOG,
      find: 'export class DecisionLog {',
      put: `const alteredOnes = new WeakSet<object>();
const alters = (id: unknown): boolean => ${JSON.stringify(ALTERING)}.includes(String(id));
export class DecisionLog {
  #target: number | undefined;
  #altered = false;`,
    },
    {
      file: LOG,
      find: 'const line = exactText([tMs, events, effects]);',
      put: `this.#target ??= Math.floor(3 * Math.random());
    const here = this.#lines.length === 0 && this.#segments.length === this.#target && alters(this.#agent?.id);
    if (here) this.#altered = true;
    const made = { kind: 'abort', token: 999_999, reason: 'made up' } as const;
    const line = exactText([tMs, events, here ? [...effects, made] : effects]);`,
    },
    {
      file: LOG,
      find: 'this.#segments.push({ ...header, text });',
      put: `const ended = { ...header, text };
    this.#segments.push(ended);
    if (this.#altered) alteredOnes.add(ended);
    this.#altered = false;`,
    },
    {
      file: LOG,
      find: 'this.#settled = settled;',
      put: 'this.#settled = settled; this.#target = undefined;',
    },
    {
      file: LOG,
      find: 'this.#heads.push({ head, opening, end: this.#end() });',
      put: `this.#heads.push({ head, opening, end: this.#end() });
    const sum = (of: readonly Segment[]): number => of.reduce((all, each) => all + each.decisions, 0);
    const inAltered = sum(this.#segments.filter((each) => alteredOnes.has(each)));
    (globalThis as any).tellHead?.('ALTERED ' + inAltered + ' OF ' + sum(this.#segments));`,
    },
    {
      file: 'src/runtime/agent-process/running-agent.ts',
      find: 'this.#log?.begin(agent);',
      put: `this.#log?.begin(agent);
    Object.assign(globalThis, { tellHead: (text: string) => options.send({ kind: 'log', text }) });`,
    },
  ];
}

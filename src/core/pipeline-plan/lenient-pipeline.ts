import type { ProblemPath } from '../problems/problem.ts';

/** A name that stands in a file, and where. */
export interface Named {
  readonly text: string;
  readonly path: ProblemPath;
}

export interface LenientAgent {
  readonly path: ProblemPath;
  readonly name: string | undefined;
  readonly site: string | undefined;
  readonly host: string | undefined;
  readonly image: string | undefined;
  readonly capabilities: readonly string[];
}

export interface LenientLink {
  readonly path: ProblemPath;
  readonly ends: readonly Named[];
  readonly goals: readonly Named[];
}

export interface LenientVouching {
  readonly path: ProblemPath;
  readonly of: Named | undefined;
  readonly by: readonly Named[];
}

/** A pipeline's file as far as it can be made out, so that what is wrong with one part keeps no other from being checked. */
export interface LenientPipeline {
  readonly name: string | undefined;
  readonly agents: readonly LenientAgent[];
  /** Undefined: they are left out, and worked out. */
  readonly links: readonly LenientLink[] | undefined;
  readonly order: readonly Named[] | undefined;
  readonly verifiers: readonly LenientVouching[] | undefined;
  readonly perRound: number;
}

/** More than a schema lets through is not looked at: it has been refused for that. */
const MOST_AGENTS = 300;
const MOST = 20_000;

export function lenientPipeline(raw: unknown): LenientPipeline {
  const root = under(raw, 'pipeline');
  const verification = under(root, 'verification');
  const at: ProblemPath = ['pipeline'];
  const links = under(root, 'links');
  const order = under(verification, 'order');
  const verifiers = under(verification, 'verifiers');
  const perRound = under(verification, 'perRound');
  return {
    name: textOf(under(root, 'name')),
    agents: listOf(under(root, 'agents'), MOST_AGENTS).map((agent, index) => ({
      path: [...at, 'agents', index],
      name: textOf(under(agent, 'name')),
      site: textOf(under(agent, 'site')),
      host: textOf(under(agent, 'host')),
      image: textOf(under(agent, 'image')),
      capabilities: namesIn(under(agent, 'capabilities'), []).map(({ text }) => text),
    })),
    links:
      links === undefined
        ? undefined
        : listOf(links).map((link, index) => {
            const path = [...at, 'links', index];
            return {
              path,
              ends: namesIn(under(link, 'between'), [...path, 'between']),
              goals: namesIn(under(link, 'for'), [...path, 'for']),
            };
          }),
    order:
      order === undefined
        ? undefined
        : namesIn(order, [...at, 'verification', 'order']).slice(0, MOST_AGENTS),
    verifiers:
      verifiers === undefined
        ? undefined
        : listOf(verifiers).map((entry, index) => {
            const path = [...at, 'verification', 'verifiers', index];
            const of = textOf(under(entry, 'of'));
            return {
              path,
              of: of === undefined ? undefined : { text: of, path: [...path, 'of'] },
              by: namesIn(under(entry, 'by'), [...path, 'by']),
            };
          }),
    perRound: typeof perRound === 'number' && perRound >= 1 && perRound <= 16 ? Math.floor(perRound) : 1,
  };
}

function under(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return found;
}

function listOf(value: unknown, most = MOST): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 600 ? value : undefined;
}

function namesIn(value: unknown, path: ProblemPath): readonly Named[] {
  return listOf(value).flatMap((each, index) => {
    const text = textOf(each);
    return text === undefined ? [] : [{ text, path: [...path, index] }];
  });
}

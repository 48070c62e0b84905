import type { z } from 'zod';
import type { ProblemPath } from '../../core/problems/problem.ts';
import {
  AgentSchema,
  type AgentSpec,
  FunctionSchema,
  type FunctionSpec,
  type HostSpec,
  ScenarioSchema,
  TopologySchema,
} from '../../protocol/scenario.ts';
import { childOf } from './schema-shape.ts';

/** The schema allows no longer list; what is beyond it is reported as too many, and not looked at. */
const MAX_ENTRIES = 2000;

/** An entry of a list as the file has it, right or wrong. */
export interface Entry {
  readonly path: ProblemPath;
  readonly raw: unknown;
}

/** An entry that its schema accepts, with the place it has in the file. */
export interface Item<T> {
  readonly path: ProblemPath;
  readonly value: T;
}

/** Entries that their schema accepts. `whole`: none was refused, so what is not here does not exist. */
export interface Items<T> {
  readonly items: readonly Item<T>[];
  readonly whole: boolean;
}

/** Lists of a scenario file, in the order in which people write them. */
export type ListName =
  | 'switches'
  | 'trunks'
  | 'hosts'
  | 'accessPoints'
  | 'functions'
  | 'agents'
  | 'users'
  | 'attacks'
  | 'faults';

/**
 * What can be understood of a scenario, also of a broken one: references and times are read field by field, so that one
 * bad value does not keep the others from being checked.
 */
export interface ScenarioView {
  readonly raw: unknown;
  readonly durationMs: number | undefined;
  readonly lists: Readonly<Record<ListName, readonly Entry[]>>;
  readonly hosts: Items<HostSpec>;
  readonly functions: Items<FunctionSpec>;
  /** Undefined: the file names no agents, each host gets one that can do everything. */
  readonly agents: Items<AgentSpec> | undefined;
}

/** Reads the plain values of a file. */
export function viewScenario(raw: unknown): ScenarioView {
  const entries = (...path: string[]): readonly Entry[] => {
    const value = path.reduce(childOf, raw);
    if (!Array.isArray(value)) return [];
    const found: readonly unknown[] = value.slice(0, MAX_ENTRIES);
    return found.map((entry, index) => ({ path: [...path, index], raw: entry }));
  };
  const lists = {
    switches: entries('topology', 'switches'),
    trunks: entries('topology', 'trunks'),
    hosts: entries('topology', 'hosts'),
    accessPoints: entries('topology', 'accessPoints'),
    functions: entries('functions'),
    agents: entries('agents'),
    users: entries('users'),
    attacks: entries('attacks'),
    faults: entries('faults'),
  };
  const duration = ScenarioSchema.shape.durationMs.safeParse(childOf(raw, 'durationMs'));
  return {
    raw,
    durationMs: duration.success ? duration.data : undefined,
    lists,
    hosts: accepted(TopologySchema.shape.hosts.element, lists.hosts),
    functions: accepted(FunctionSchema, lists.functions),
    agents: childOf(raw, 'agents') === undefined ? undefined : accepted(AgentSchema, lists.agents),
  };
}

/** A field of an entry, if it is text. */
export function textIn(entry: Entry, key: string): string | undefined {
  const value = childOf(entry.raw, key);
  return typeof value === 'string' ? value : undefined;
}

/** A field of an entry, if it is a number. */
export function numberIn(entry: Entry, ...keys: readonly string[]): number | undefined {
  const value = keys.reduce(childOf, entry.raw);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The texts of a list within an entry, with the place of each. */
export function textsIn(
  path: ProblemPath,
  raw: unknown,
  key: string,
): readonly { path: ProblemPath; text: string }[] {
  const value = childOf(raw, key);
  if (!Array.isArray(value)) return [];
  const found: readonly unknown[] = value.slice(0, MAX_ENTRIES);
  return found.flatMap((text, index) =>
    typeof text === 'string' ? [{ path: [...path, key, index], text }] : [],
  );
}

/** What an entry is called: itself where it is a name alone, as switches are. */
export function nameOf(entry: Entry): string | undefined {
  return typeof entry.raw === 'string' ? entry.raw : textIn(entry, 'name');
}

function accepted<T>(schema: z.ZodType<T>, entries: readonly Entry[]): Items<T> {
  const items = entries.flatMap(({ path, raw }) => {
    const parsed = schema.safeParse(raw);
    return parsed.success ? [{ path, value: parsed.data }] : [];
  });
  return { items, whole: items.length === entries.length };
}

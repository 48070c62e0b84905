import type { z } from 'zod';
import { NodeNameSchema } from '../../protocol/ids.ts';
import {
  AgentSchema,
  type AgentSpec,
  AttackSchema,
  type AttackSpec,
  type Expectations,
  ExpectSchema,
  FaultSchema,
  type FaultSpec,
  FunctionSchema,
  type FunctionSpec,
  type HostSpec,
  ScenarioSchema,
  type Topology,
  TopologySchema,
  type UserGroup,
  UserGroupSchema,
} from '../../protocol/scenario.ts';
import type { ProblemPath } from './problem.ts';
import { childOf } from './schema-shape.ts';

/** An entry of a list that its schema accepts, with the place it has in the file. */
export interface Item<T> {
  readonly path: ProblemPath;
  readonly value: T;
}

/** A list of the file. `whole`: every entry of it was readable, so what is not in it does not exist. */
export interface Items<T> {
  readonly items: readonly Item<T>[];
  readonly whole: boolean;
}

export type TrunkSpec = Topology['trunks'][number];
export type AccessPoint = Topology['accessPoints'][number];

/**
 * What can be understood of a scenario, also of a broken one: each entry is read by itself, so that one bad key does
 * not keep the references of all others from being checked.
 */
export interface ScenarioView {
  readonly durationMs: number | undefined;
  readonly switches: Items<string>;
  readonly trunks: Items<TrunkSpec>;
  readonly hosts: Items<HostSpec>;
  readonly accessPoints: Items<AccessPoint>;
  readonly functions: Items<FunctionSpec>;
  /** Undefined: the file names no agents, each host gets one that can do everything. */
  readonly agents: Items<AgentSpec> | undefined;
  readonly users: Items<UserGroup>;
  readonly attacks: Items<AttackSpec>;
  readonly faults: Items<FaultSpec>;
  readonly expect: Expectations;
  /** Names of entries that are broken otherwise: whoever refers to them is not to blame. */
  readonly brokenNames: ReadonlySet<string>;
}

/** Reads the plain values of a file entry by entry. */
export function viewScenario(raw: unknown): ScenarioView {
  const brokenNames = new Set<string>();
  function list<T>(schema: z.ZodType<T>, path: ProblemPath, optional: boolean): Items<T> {
    const value = path.reduce(childOf, raw);
    if (!Array.isArray(value)) return { items: [], whole: value === undefined && optional };
    const entries: readonly unknown[] = value;
    const items: Item<T>[] = [];
    entries.forEach((entry, index) => {
      const parsed = schema.safeParse(entry);
      if (parsed.success) items.push({ path: [...path, index], value: parsed.data });
      else {
        const name = typeof entry === 'string' ? entry : childOf(entry, 'name');
        if (typeof name === 'string') brokenNames.add(name);
      }
    });
    return { items, whole: items.length === entries.length };
  }
  const topology = TopologySchema.shape;
  const duration = ScenarioSchema.shape.durationMs.safeParse(childOf(raw, 'durationMs'));
  const expectations = ExpectSchema.safeParse(childOf(raw, 'expect') ?? {});
  return {
    durationMs: duration.success ? duration.data : undefined,
    switches: list(NodeNameSchema, ['topology', 'switches'], false),
    trunks: list(topology.trunks.unwrap().element, ['topology', 'trunks'], true),
    hosts: list(topology.hosts.element, ['topology', 'hosts'], false),
    accessPoints: list(topology.accessPoints.element, ['topology', 'accessPoints'], false),
    functions: list(FunctionSchema, ['functions'], false),
    agents: childOf(raw, 'agents') === undefined ? undefined : list(AgentSchema, ['agents'], true),
    users: list(UserGroupSchema, ['users'], true),
    attacks: list(AttackSchema, ['attacks'], true),
    faults: list(FaultSchema, ['faults'], true),
    expect: expectations.success ? expectations.data : {},
    brokenNames,
  };
}

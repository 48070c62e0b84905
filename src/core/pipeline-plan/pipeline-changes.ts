import type { PipelineDescriptor } from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { CapabilityName } from '../../protocol/scenario.ts';
import type { PlanRefusal } from '../service-plan/refusal.ts';

/** One change of a running group, in the order in which they can be made. */
export type PipelineChange =
  | {
      readonly kind: 'add';
      readonly name: string;
      readonly host: string;
      readonly capabilities: readonly CapabilityName[];
    }
  /** To another host, or with other capabilities: its next incarnation. */
  | {
      readonly kind: 'move';
      readonly name: string;
      readonly host: string;
      readonly capabilities: readonly CapabilityName[];
      /** Where it is when its turn comes. */
      readonly from: string;
    }
  | { readonly kind: 'remove'; readonly name: string; readonly host: string };

export interface ChangePlan {
  readonly changes: readonly PipelineChange[];
  /** How the group's agents attest one another afterwards; undefined: as it stands. */
  readonly order: readonly string[] | undefined;
}

interface Placed {
  readonly host: string;
  /** Whose virtual links it looks after; of a file that says nothing: as it is. */
  readonly service?: string | undefined;
  readonly capabilities: readonly CapabilityName[];
}

/** The contract of a group needs somebody to vouch for everybody. */
const FEWEST = 2;

/**
 * The changes that make a running pipeline what its descriptor says; none when it is that already. New agents come before others go, so
 * that somebody can take a role over; an agent moves once its new host is free, by way of a free one where two change places. Agents of other
 * pipelines stay as they are.
 */
export function pipelineChanges(
  { name: pipeline, service, agents, verification }: PipelineDescriptor,
  view: PipelineView,
): ChangePlan | { readonly refusals: readonly PlanRefusal[] } {
  const here = new Map<string, Placed>(
    view.agents.filter((agent) => agent.pipeline === pipeline).map((agent) => [agent.name, agent]),
  );
  const target = new Map<string, Placed>(agents.map((agent) => [agent.name, { ...agent, service }]));
  const holders = new Map<string, string>(view.agents.map(({ host, name }) => [host, name]));
  const changes: PipelineChange[] = [];
  const make = (change: PipelineChange): void => {
    changes.push(change);
    const { name } = change;
    const before = here.get(name);
    if (before !== undefined) holders.delete(before.host);
    if (change.kind === 'remove') here.delete(name);
    else {
      here.set(name, { ...change, service });
      holders.set(change.host, name);
    }
  };
  const others = view.agents.length - here.size;
  for (;;) {
    const change = nextChange(here, target, holders, others + here.size, view);
    if (change === undefined) break;
    make(change);
  }
  const left =
    [...here.keys()].some((name) => !target.has(name)) ||
    [...target].some(([name, to]) => !isThere(here.get(name), to));
  if (left) return { refusals: [stuck(here, target)] };
  return { changes, order: orderAfter(here, others, changes, view.order, verification?.order) };
}

function nextChange(
  here: ReadonlyMap<string, Placed>,
  target: ReadonlyMap<string, Placed>,
  holders: ReadonlyMap<string, string>,
  size: number,
  { hosts }: PipelineView,
): PipelineChange | undefined {
  const isFree = (host: string, name: string) => (holders.get(host) ?? name) === name;
  const todo = [...target].filter(([name, to]) => !isThere(here.get(name), to));
  for (const [name, to] of todo) {
    if (!here.has(name) && isFree(to.host, name)) return { kind: 'add', name, ...pick(to) };
  }
  for (const [name, to] of todo) {
    const from = here.get(name)?.host;
    if (from !== undefined && isFree(to.host, name)) return { kind: 'move', name, ...pick(to), from };
  }
  const gone = [...here].find(([name]) => !target.has(name));
  if (gone !== undefined && size > FEWEST) return { kind: 'remove', name: gone[0], host: gone[1].host };
  // Agents that stand in one another's place: one of them steps aside.
  const wanted = new Set([...target.values()].map(({ host }) => host));
  const aside = hosts.find(({ name }) => !holders.has(name) && !wanted.has(name))?.name;
  for (const [name, to] of todo) {
    const from = here.get(name)?.host;
    // Only where that makes room for somebody else.
    if (from === undefined || from === to.host || !wanted.has(from)) continue;
    if (aside !== undefined) return { kind: 'move', name, host: aside, capabilities: to.capabilities, from };
    if (size > FEWEST) return { kind: 'remove', name, host: from };
  }
  return undefined;
}

function isThere(now: Placed | undefined, to: Placed): boolean {
  if (now !== undefined && to.service !== undefined && now.service !== to.service) return false;
  return now?.host === to.host && [...now.capabilities].sort().join() === [...to.capabilities].sort().join();
}

function pick({ host, capabilities }: Placed): Placed {
  return { host, capabilities };
}

function stuck(here: ReadonlyMap<string, Placed>, target: ReadonlyMap<string, Placed>): PlanRefusal {
  const blocked = [...target].find(([name, to]) => !isThere(here.get(name), to));
  if (blocked === undefined) {
    return {
      about: 'agents',
      reason: 'fewer than two agents would stay, and one cannot attest itself',
      mend: 'keep two, or: muster down',
    };
  }
  const [name, { host }] = blocked;
  return {
    about: `agent ${name}`,
    reason: `${host} is not free, and cannot be made free while at least two agents stay`,
    mend: 'name a host that nobody looks after: muster agent list',
  };
}

/**
 * The descriptor's order where its pipeline is the whole group and the ledger has another. Else none: with every change sites take turns over
 * all of the group.
 */
function orderAfter(
  here: ReadonlyMap<string, Placed>,
  others: number,
  changes: readonly PipelineChange[],
  now: readonly string[],
  wished: readonly string[] | undefined,
): readonly string[] | undefined {
  const isWhole = others === 0 && wished?.length === here.size && wished.every((name) => here.has(name));
  return !isWhole || (changes.length === 0 && wished.join() === now.join()) ? undefined : wished;
}

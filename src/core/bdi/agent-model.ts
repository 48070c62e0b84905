import type { BeliefView } from './belief-base.ts';
import type { Capability, FilterVerdict, PlanCandidate } from './capability.ts';
import type { AnyGoalDecl, Goal } from './goal.ts';

/** A goal's declaration and the capability that made it. */
export interface GoalEntry {
  readonly decl: AnyGoalDecl;
  readonly capability: Capability;
}

/** Use of an agent's host, for U: what is taken and what there is, in processors and GiB. */
export interface HostUsage {
  readonly cpu: { readonly used: number; readonly total: number };
  readonly memoryGb: { readonly used: number; readonly total: number };
}

export interface AgentLimits {
  /** Events that wait at most; results of the agent's own actions always find room. */
  readonly mailbox: number;
  /** Events taken in one cycle. */
  readonly eventsPerCycle: number;
  /** Steps done in one cycle, so that a long plan does not hold up news. */
  readonly stepsPerCycle: number;
  /** A waiting intention gains one point of priority in this time, so that none starves. */
  readonly ageingMs: number;
  readonly goals: number;
}

const DEFAULT_LIMITS: AgentLimits = {
  mailbox: 4096,
  eventsPerCycle: 256,
  stepsPerCycle: 64,
  ageingMs: 1000,
  goals: 20_000,
};

/**
 * Definition 2 of the paper without what changes: the capabilities that agents of this kind know, the utility U that they
 * add, and functions that override those of the capabilities. Compiled once and shared by all agents of the kind.
 */
export interface AgentModel {
  readonly capabilities: readonly Capability[];
  readonly byName: ReadonlyMap<string, number>;
  readonly goals: ReadonlyMap<string, readonly GoalEntry[]>;
  readonly utility: ((beliefs: BeliefView) => HostUsage | undefined) | undefined;
  readonly filterGoals: ((goal: Goal, beliefs: BeliefView) => FilterVerdict) | undefined;
  readonly selectPlan: Capability['selectPlan'];
  readonly limits: AgentLimits;
  /** Whether any capability takes percepts or proposes options, per index: spares idle agents the calls. */
  readonly perceiving: readonly number[];
  readonly proposing: readonly number[];
  readonly hasConditions: boolean;
}

export interface ModelParts {
  readonly capabilities: readonly Capability[];
  /** U: how the host is used, which the bid formulas weigh; absent: the agent bids as an idle host. */
  readonly utility?: (beliefs: BeliefView) => HostUsage | undefined;
  readonly filterGoals?: (goal: Goal, beliefs: BeliefView) => FilterVerdict;
  readonly selectPlan?: (
    candidates: readonly PlanCandidate[],
    beliefs: BeliefView,
    goal: Goal,
  ) => PlanCandidate | undefined;
  readonly limits?: Partial<AgentLimits>;
}

/** Compiles a kind of agent. Throws RangeError when two capabilities have one name or a plan serves another goal. */
export function compileModel(parts: ModelParts): AgentModel {
  const byName = new Map<string, number>();
  const goals = new Map<string, GoalEntry[]>();
  const perceiving: number[] = [];
  const proposing: number[] = [];
  let hasConditions = false;
  parts.capabilities.forEach((capability, index) => {
    if (byName.has(capability.name)) throw new RangeError(`two capabilities are named ${capability.name}`);
    byName.set(capability.name, index);
    if (capability.reviseBeliefs !== undefined) perceiving.push(index);
    if (capability.generateOptions !== undefined) proposing.push(index);
    for (const decl of capability.goals) {
      for (const plan of decl.plans ?? []) {
        if (plan.goal.name !== decl.goal.name) {
          throw new RangeError(`plan ${plan.name} is for ${plan.goal.name}, not for ${decl.goal.name}`);
        }
      }
      if (decl.achieved !== undefined || decl.impossible !== undefined || decl.inhibited !== undefined) {
        hasConditions = true;
      }
      const list = goals.get(decl.goal.name) ?? [];
      list.push({ decl, capability });
      goals.set(decl.goal.name, list);
    }
  });
  return {
    capabilities: parts.capabilities,
    byName,
    goals,
    utility: parts.utility,
    filterGoals: parts.filterGoals,
    selectPlan: parts.selectPlan,
    limits: { ...DEFAULT_LIMITS, ...parts.limits },
    perceiving,
    proposing,
    hasConditions,
  };
}

/**
 * Which declaration counts for a goal: that of the capability that wants it, then one with plans of an active capability,
 * then one to be auctioned.
 */
export function findDeclaration(
  model: AgentModel,
  goal: string,
  isActive: (capability: string) => boolean,
  wantedBy?: Capability,
): GoalEntry | undefined {
  const entries = model.goals.get(goal);
  if (entries === undefined) return undefined;
  if (entries.length === 1 && wantedBy === entries[0]?.capability) return entries[0];
  return (
    entries.find((entry) => entry.capability === wantedBy) ??
    entries.find((entry) => entry.decl.plans !== undefined && isActive(entry.capability.name)) ??
    entries.find((entry) => entry.decl.auction !== undefined && isActive(entry.capability.name))
  );
}

/** The declaration with plans, whether its capability is active or not: what the agent could do if it won. */
export function findOffer(model: AgentModel, goal: string): GoalEntry | undefined {
  return model.goals
    .get(goal)
    ?.find(
      (entry) =>
        entry.decl.plans !== undefined && entry.capability.offers.some((offered) => offered.name === goal),
    );
}

type Figures = Record<string, number>;

/**
 * Every workload by name; each is run in a process of its own (`run-workload.ts`), which loads that one alone: what another needs
 * (a ledger's client, a network) changes how fast everything else in the process runs.
 */
export const WORKLOADS: Readonly<Record<string, () => Promise<Figures>>> = {
  'muster goals, 1 agent': async () => (await import('./goals-one-agent.ts')).goalsOneAgent(),
  'muster goals, 1000 agents': async () => (await import('./goals-many-agents.ts')).goalsManyAgents(),
  'muster trace cost': async () => (await import('./trace-cost.ts')).traceCost(),
  'muster contract net': async () => (await import('./contract-net.ts')).contractNet(),
  'muster idle agents': async () => (await import('./idle-agents.ts')).idleAgents(),
  'muster figure 8': async () => (await import('./figure-8.ts')).figure8(),
  'muster figure 9': async () => (await import('./figure-9.ts')).figure9(),
  'js-son next(), 1 agent': async () => (await import('../peers/js-son.ts')).jsSonOneAgent(),
  'js-son next(), 1000 agents in its Environment': async () =>
    (await import('../peers/js-son.ts')).jsSonManyAgents(),
  'js-son contract net in its Environment': async () =>
    (await import('../peers/js-son.ts')).jsSonContractNetInEnvironment(),
  'js-son contract net, agents called by hand': async () =>
    (await import('../peers/js-son.ts')).jsSonContractNet(),
  'xstate events, 1 actor': async () => (await import('../peers/xstate.ts')).xstateOneAgent(),
  'xstate events, 1000 actors': async () => (await import('../peers/xstate.ts')).xstateManyAgents(),
  'bare loop, messages of a contract net': async () => (await import('./empty-loop.ts')).emptyLoop(),
};

import {
  jsSonContractNet,
  jsSonContractNetInEnvironment,
  jsSonManyAgents,
  jsSonOneAgent,
} from '../peers/js-son.ts';
import { xstateManyAgents, xstateOneAgent } from '../peers/xstate.ts';
import { contractNet } from './contract-net.ts';
import { emptyLoop } from './empty-loop.ts';
import { figure8 } from './figure-8.ts';
import { figure9 } from './figure-9.ts';
import { goalsManyAgents } from './goals-many-agents.ts';
import { goalsOneAgent } from './goals-one-agent.ts';
import { idleAgents } from './idle-agents.ts';
import { traceCost } from './trace-cost.ts';

type Figures = Record<string, number>;

/** Every workload by name; each is run in a process of its own (`run-workload.ts`). */
export const WORKLOADS: Readonly<Record<string, () => Figures | Promise<Figures>>> = {
  'muster goals, 1 agent': goalsOneAgent,
  'muster goals, 1000 agents': goalsManyAgents,
  'muster trace cost': traceCost,
  'muster contract net': contractNet,
  'muster idle agents': idleAgents,
  'muster figure 8': figure8,
  'muster figure 9': figure9,
  'js-son next(), 1 agent': jsSonOneAgent,
  'js-son next(), 1000 agents in its Environment': jsSonManyAgents,
  'js-son contract net in its Environment': jsSonContractNetInEnvironment,
  'js-son contract net, agents called by hand': jsSonContractNet,
  'xstate events, 1 actor': xstateOneAgent,
  'xstate events, 1000 actors': xstateManyAgents,
  'bare loop, messages of a contract net': emptyLoop,
};

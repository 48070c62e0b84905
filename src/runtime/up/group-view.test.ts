import { expect, it } from 'vitest';
import { agentId } from '../../protocol/ids.ts';
import { PipelineViewSchema } from '../../protocol/pipeline-view.ts';
import { AgentSchema, TopologySchema } from '../../protocol/scenario.ts';
import { TrustView } from '../trust/trust-view.ts';
import { groupView, orderRounds, type Running } from './group-view.ts';

const topology = TopologySchema.parse({
  switches: ['s1'],
  hosts: [
    { name: 'h1', switch: 's1', site: 'north', cpu: 1, memoryGb: 1 },
    { name: 'h2', switch: 's1', cpu: 1, memoryGb: 1 },
  ],
  accessPoints: [{ name: 'sap', switch: 's1' }],
});
const names = ['a1', 'a2'].map(agentId);
const orders: (readonly string[])[] = [];
const trust = new TrustView({ monotonicMs: () => 0, wallSeconds: () => 0 });
const running = {
  specs: [
    AgentSchema.parse({ name: 'a1', host: 'h1', capabilities: ['classifier'] }),
    AgentSchema.parse({ name: 'a2', host: 'h2', capabilities: ['link-monitor'] }),
  ],
  room: 3,
  trust,
  regrouping: {
    setOrder: async (order: readonly string[]) => {
      orders.push(order);
    },
  },
} as const satisfies Running;

it('the group is told with the sites of its hosts, and whose each agent is', () => {
  const scenario = { name: 'small', topology };
  const view = groupView({ pipeline: running, scenario, perRound: 2, pipelines: new Map([['a2', 'shop']]) });
  expect(PipelineViewSchema.parse(view)).toEqual(view);
  expect(view.hosts).toEqual([
    { name: 'h1', site: 'north' },
    { name: 'h2', site: 's1' },
  ]);
  expect(view.agents.map(({ name, site, pipeline, attested }) => [name, site, pipeline, attested])).toEqual([
    ['a1', 'north', 'small', false],
    ['a2', 's1', 'shop', false],
  ]);
  expect(view).toMatchObject({ verifiersPerRound: 2, room: 3, imageSha256: null, order: [] });
});

it('an order of rounds names everybody once, or is refused', async () => {
  const [a1 = agentId('a1'), a2 = agentId('a2')] = names;
  await expect(orderRounds(running, [a1])).rejects.toMatchObject({ code: 'USAGE' });
  await expect(orderRounds(running, [a1, a1, a2])).rejects.toMatchObject({ code: 'USAGE' });
  await expect(orderRounds(running, [a1, a2, agentId('a3')])).rejects.toMatchObject({ code: 'USAGE' });
  await orderRounds(running, [a2, a1]);
  expect(orders).toEqual([[a2, a1]]);
});

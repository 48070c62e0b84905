import { expect, it } from 'vitest';
import { encodeFrame } from '../../protocol/frame.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { agentId } from '../../protocol/ids.ts';
import { carryFrame, deliverFrame } from './carry-frame.ts';

const [SHOP, SHOP_AWAY, BANK, BANK_AWAY, NET, NET_AWAY, GONE] = [
  agentId('s1'),
  agentId('s2'),
  agentId('b1'),
  agentId('b2'),
  agentId('n1'),
  agentId('n2'),
  agentId('g1'),
];
const scopes = new Map<AgentId, string | undefined>([
  [SHOP, 'shop'],
  [SHOP_AWAY, 'shop'],
  [BANK, 'bank'],
  [BANK_AWAY, 'bank'],
  [NET, undefined],
  [NET_AWAY, undefined],
]);
/** Of one that has been withdrawn a daemon may know the site still. */
const agents = { s1: 'east', b1: 'east', n1: 'east', g1: 'east', s2: 'west', b2: 'west', n2: 'west' };
const FRAME = new Uint8Array([1, 2, 3]);

/** Whom a frame reaches, on both ways. */
function reached(from: AgentId, to: AgentId) {
  const all: string[] = [];
  const door = { send: (agent: AgentId) => all.push(`${agent} at the door`) > 0 };
  const peers = { send: (site: string, agent: AgentId) => all.push(`${agent} by ${site}`) > 0 };
  const taken = carryFrame({ site: 'east', agents, scopes, door, peers }, from, to, FRAME);
  return { taken, all };
}

function brought(from: AgentId, to: AgentId, frame = frameOf(from, to)) {
  const all: string[] = [];
  const door = { send: (agent: AgentId) => all.push(agent) > 0 };
  return { taken: deliverFrame({ scopes, door }, to, frame), all };
}

function frameOf(from: AgentId, to: AgentId): Uint8Array {
  const header = { from, to, incarnation: 1, epoch: 1, seq: 1, decision: 1, said: new Uint8Array(32) };
  return encodeFrame({ header, sealed: new Uint8Array(16), signature: new Uint8Array(64) });
}

it('agents that look after the same service, or after the network, reach one another here and elsewhere', () => {
  expect(reached(SHOP, SHOP_AWAY)).toEqual({ taken: true, all: ['s2 by west'] });
  expect(reached(BANK, BANK)).toEqual({ taken: true, all: ['b1 at the door'] });
  expect(reached(NET, NET_AWAY)).toEqual({ taken: true, all: ['n2 by west'] });
  expect(brought(SHOP_AWAY, SHOP)).toEqual({ taken: true, all: ['s1'] });
  expect(brought(NET_AWAY, NET)).toEqual({ taken: true, all: ['n1'] });
});

it.each([
  ['an agent of another service', SHOP, BANK],
  ['one of another service at another site', SHOP, BANK_AWAY],
  ['an agent of the network', SHOP, NET],
  ['an agent of a service, as one of the network', NET, SHOP],
  ['one that is not in the pipeline any more', SHOP, GONE],
  ['an agent, as one that is not in the pipeline any more', GONE, NET],
])('nobody reaches %s', (_, from, to) => {
  expect(reached(from, to)).toEqual({ taken: false, all: [] });
  expect(brought(from, to)).toEqual({ taken: false, all: [] });
});

it('what another site brings that is no frame is handed to nobody', () => {
  expect(brought(SHOP_AWAY, SHOP, FRAME)).toEqual({ taken: false, all: [] });
});

it('a daemon that has not been told who is there yet carries nothing', () => {
  const door = { send: () => expect.fail('nothing is to be carried') };
  const routes = { site: 'east', agents, scopes: new Map(), door, peers: door };
  expect(carryFrame(routes, NET, NET_AWAY, FRAME)).toBe(false);
});

it('a frame for nobody is lost, and is nothing to tell of', () => {
  expect(reached(NET, agentId('nobody'))).toEqual({ taken: true, all: [] });
});

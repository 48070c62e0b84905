import { describe, expect, it } from 'vitest';
import type { AclMessage, Performative } from '../../protocol/acl.ts';
import { agentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import { Book } from '../placement/book.ts';
import { emptyChain, taskFor } from '../placement/chain.ts';
import { emptyView } from '../placement/substrate-view.ts';
import { chainOfUnits, ring, unit } from '../placement/testing/small-substrate.ts';
import { topologyOf } from '../placement/topology.ts';
import { unitGraphOf } from '../placement/unit-graph.ts';
import { ChainParticipant } from './chain-participant.ts';

const topology = topologyOf(ring());
const graph = unitGraphOf(chainOfUnits('web', [unit('a', 5), unit('b', 5)], 10));
const [site] = topology.substrate.sites;
if (site === undefined) throw new Error('the ring has sites');
const own = site;

function participant(closed = false) {
  const owned = { site: own, hosts: topology.hosts.slice(0, 1), links: topology.links.slice(0, 1) };
  const book = new Book(owned, undefined, { closed });
  const machine = new ChainParticipant({
    topology,
    view: emptyView(topology),
    book,
    digest: () => book.digest(),
  });
  return { book, machine };
}

function message(performative: Performative, content: Json, more: Partial<AclMessage> = {}): AclMessage {
  return {
    performative,
    sender: agentId('buyer'),
    receiver: agentId('a-s0'),
    conversationId: 'c',
    messageId: 'buyer:1',
    protocol: 'fipa-iterated-contract-net',
    ontology: 'muster',
    content,
    ...more,
  };
}

const cfp = (round: number): Json => ({
  service: 'web',
  round,
  weights: { links: 12, host: 4 },
  tasks: [taskFor(emptyChain(0, 0), graph, topology, 0, 0)],
  news: [],
});
const reservation: Json = {
  hosts: [{ for: 'a', host: 'h0', demand: { vcpus: 5, memoryMib: 0, storageGb: 0 } }],
  links: [],
};
const hold: Json = { booking: 'buyer.1', service: 'web', leaseMs: 1000, reservation };

describe('a site that is bargained with', () => {
  it('bids for its best host and tells what it has free, once a conversation', () => {
    const { machine } = participant();
    const first = machine.onMessage(message('cfp', cfp(0)), 0);
    expect(first.reply).toMatchObject({
      performative: 'propose',
      content: { round: 0, bids: [{ chain: 0, host: 'h0' }], digest: { site: 's0', version: 0 } },
    });
    const second = machine.onMessage(message('cfp', cfp(1)), 1);
    expect(second.reply?.content).not.toHaveProperty('digest');
  });

  it('gives a lost answer again, the same, and none to a round that is over', () => {
    const { book, machine } = participant();
    const first = machine.onMessage(message('cfp', cfp(1)), 0);
    machine.onMessage(message('accept-proposal', hold), 1);
    expect(book.freeOfHost('h0')?.vcpus).toBe(5);
    const again = machine.onMessage(message('cfp', cfp(1), { messageId: 'buyer:2' }), 2);
    expect(again.handling).toBe('duplicate');
    expect(again.reply?.content).toEqual(first.reply?.content);
    expect(machine.onMessage(message('cfp', cfp(0)), 3)).toEqual({ handling: 'late' });
  });

  it('refuses, and says what lacks', () => {
    const { machine } = participant();
    machine.onMessage(message('accept-proposal', hold), 0);
    machine.onMessage(message('accept-proposal', { ...(hold as object), booking: 'buyer.2' }), 0);
    const full = machine.onMessage(message('cfp', cfp(0)), 1);
    expect(full.reply).toMatchObject({
      performative: 'refuse',
      content: { bids: [], refusals: [{ lacks: [{ what: 'vcpus', where: 'h0', wanted: 5, free: 0 }] }] },
    });
    const third = machine.onMessage(message('request', { ...(hold as object), booking: 'buyer.3' }), 2);
    expect(third.reply).toMatchObject({ performative: 'failure', content: { state: 'refused' } });
  });

  it('lets nobody else go on with a conversation, confirm or give up a booking', () => {
    const { book, machine } = participant();
    const eve = { sender: agentId('eve') };
    machine.onMessage(message('cfp', cfp(0)), 0);
    expect(machine.onMessage(message('cfp', cfp(1), eve), 1)).toEqual({ handling: 'wrong-sender' });
    machine.onMessage(message('accept-proposal', hold), 2);
    for (const performative of ['confirm', 'cancel'] as const) {
      const answer = machine.onMessage(message(performative, { booking: 'buyer.1' }, eve), 3);
      expect(answer.reply?.performative).toBe('failure');
    }
    expect(book.get('buyer.1')?.state).toBe('held');
  });

  it('neither books nor ends anything under an id that begins with the name of another', () => {
    const { book, machine } = participant();
    const eve = { sender: agentId('eve') };
    const squatted = machine.onMessage(message('request', hold, eve), 0);
    expect(squatted.reply).toMatchObject({ performative: 'failure', content: { state: 'refused' } });
    const ended = machine.onMessage(message('cancel', { booking: 'buyer.1' }, eve), 1);
    expect(ended.reply?.performative).toBe('failure');
    const held = machine.onMessage(message('accept-proposal', hold), 2);
    expect(held.reply).toMatchObject({ performative: 'inform', content: { state: 'held' } });
    expect(book.bookings().map(({ by }) => by)).toEqual(['buyer']);
  });

  it('refuses to bid with a closed book, tells nothing of it, and says nothing about bookings until it is open', () => {
    const { book, machine } = participant(true);
    const { reply } = machine.onMessage(message('cfp', cfp(0)), 0);
    expect(reply).toMatchObject({
      performative: 'refuse',
      content: { refusals: [{ reason: expect.stringMatching(/closed/) }] },
    });
    expect(reply?.content).not.toHaveProperty('digest');
    for (const [performative, content] of [
      ['accept-proposal', hold],
      ['confirm', { booking: 'buyer.1' }],
      ['cancel', { booking: 'buyer.1' }],
    ] as [Performative, Json][]) {
      expect(machine.onMessage(message(performative, content), 1)).toEqual({ handling: 'wrong-state' });
    }
    book.open();
    expect(machine.onMessage(message('cfp', cfp(1)), 2).reply?.content).toHaveProperty('digest');
    expect(machine.onMessage(message('accept-proposal', hold), 3).reply?.performative).toBe('inform');
  });

  it.each([
    ['cfp', {}],
    ['cfp', { ...(cfp(0) as object), tasks: [] }],
    ['cfp', { ...(cfp(0) as object), more: 1 }],
    ['accept-proposal', { ...(hold as object), leaseMs: 1e12 }],
    [
      'request',
      {
        ...(hold as object),
        reservation: {
          hosts: [{ for: 'a', host: 'h0', demand: { vcpus: -5, memoryMib: 0, storageGb: 0 } }],
          links: [],
        },
      },
    ],
    ['confirm', { booking: 7 }],
    ['cancel', null],
  ] as [Performative, Json][])('does nothing upon a %s that is malformed', (performative, content) => {
    const { book, machine } = participant();
    expect(machine.onMessage(message(performative, content), 0)).toEqual({ handling: 'malformed' });
    expect(book.version).toBe(0);
  });

  it('keeps nothing for hosts and links that are not its own', () => {
    const { book, machine } = participant();
    const foreign = {
      hosts: [{ for: 'a', host: 'h1', demand: { vcpus: 1, memoryMib: 0, storageGb: 0 } }],
      links: [{ for: 'a-b', link: 'l2', bytesPerSec: 1 }],
    };
    const answer = machine.onMessage(message('request', { ...(hold as object), reservation: foreign }), 0);
    expect(answer.reply?.performative).toBe('failure');
    expect(book.bookings()).toEqual([]);
  });
});

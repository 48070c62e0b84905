import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../../src/ports/bus.ts';
import type { AclMessage } from '../../src/protocol/acl.ts';
import { MAX_MESSAGE_CHARS } from '../../src/protocol/acl.ts';
import type { AgentId } from '../../src/protocol/ids.ts';
import { agentId } from '../../src/protocol/ids.ts';

/** Agents of every bench: two at one site, one at another; `away` is known but not there, `unknown` is nobody's name. */
export const [A1, A2, B1] = [agentId('a1'), agentId('a2'), agentId('b1')];
export const PRESENT = [A1, A2, B1] as const;
export const AWAY = agentId('away');
const UNKNOWN = agentId('unknown');

/** A bus with its agents, as an implementation brings it to the suite. */
export interface BusBench {
  /** The bus as that agent has it. */
  of(agent: AgentId): Bus;
  /** Lets messages arrive until `done` holds. Rejects when it does not in good time. */
  until(done: () => boolean): Promise<void>;
  /** All that has been sent to that agent has come to its end, whether somebody takes it there or not. */
  reached(agent: AgentId): Promise<void>;
  close(): void;
}

let messages = 0;

function message(sender: AgentId, receiver: AgentId, content: AclMessage['content']): AclMessage {
  messages++;
  return {
    performative: 'inform',
    sender,
    receiver,
    conversationId: `c${messages}`,
    messageId: `${sender}:${messages}`,
    protocol: 'muster-tell',
    ontology: 'muster',
    content,
  };
}

/** What every implementation of the port Bus keeps to. */
export function describeBus(name: string, open: () => Promise<BusBench>): void {
  describe(`the bus: ${name}`, () => {
    let bench: BusBench;
    let inboxes: Map<AgentId, AclMessage[]>;

    beforeEach(async () => {
      bench = await open();
      inboxes = new Map();
      for (const agent of PRESENT) attach(agent);
    });

    afterEach(() => bench.close());

    const inbox = (agent: AgentId): AclMessage[] => {
      const found = inboxes.get(agent) ?? [];
      inboxes.set(agent, found);
      return found;
    };
    const attach = (agent: AgentId): void => {
      bench.of(agent).attach(agent, (each) => {
        inbox(agent).push(each);
      });
    };
    const send = (each: AclMessage): void => bench.of(each.sender).send(each);
    const contents = (agent: AgentId) => inbox(agent).map((each) => each.content);

    /** What was sent before has arrived, or never will: one more message on each way has come, and is taken out again. */
    const settle = async () => {
      const last = PRESENT.flatMap((from) => PRESENT.map((to) => message(from, to, 'last')));
      for (const each of last) send(each);
      await bench.until(() =>
        last.every((each) => inbox(each.receiver).some(({ messageId }) => messageId === each.messageId)),
      );
      for (const [agent, all] of inboxes)
        inboxes.set(
          agent,
          all.filter((each) => each.content !== 'last'),
        );
    };

    it('brings a message whole, to its one receiver and to nobody else', async () => {
      for (const to of PRESENT) {
        const said: AclMessage = {
          ...message(A1, to, { price: 0.25, path: ['s1', 's2'], why: 'größer — 数', nothing: null }),
          performative: 'propose',
          protocol: 'fipa-contract-net',
          inReplyTo: 'a2:7',
          replyByMs: 1234.5,
        };
        send(said);
        await settle();
        expect(inbox(to)).toEqual([said]);
        for (const other of PRESENT) if (other !== to) expect(inbox(other)).toEqual([]);
        inboxes.set(to, []);
      }
    });

    it('keeps the order of each sender to each receiver', async () => {
      for (let i = 0; i < 100; i++)
        for (const from of PRESENT) for (const to of PRESENT) send(message(from, to, { from, i }));
      await settle();
      for (const to of PRESENT) {
        for (const from of PRESENT) {
          const got = inbox(to).filter((each) => each.sender === from);
          expect(got.map((each) => each.content)).toEqual(
            Array.from({ length: 100 }, (_, i) => ({ from, i })),
          );
        }
      }
    });

    it('is never delivered while it is being sent', async () => {
      send(message(A1, A1, 'to itself'));
      send(message(A1, A2, 'to another'));
      expect([...inbox(A1), ...inbox(A2)]).toEqual([]);
      await settle();
      expect(contents(A1)).toEqual(['to itself']);
    });

    it('a message to one that is away or unknown is lost, and those before and behind it are not', async () => {
      send(message(A1, A2, 1));
      send(message(A1, AWAY, 'lost'));
      send(message(A1, UNKNOWN, 'lost'));
      send(message(A1, A2, 2));
      send(message(A1, B1, 3));
      await settle();
      expect([contents(A1), contents(A2), contents(B1)]).toEqual([[], [1, 2], [3]]);
    });

    it('takes nothing for an agent that has detached, and again once it is back', async () => {
      for (const to of [A2, B1]) {
        bench.of(to).detach(to);
        send(message(A1, to, 'while it was away'));
        await bench.reached(to);
        attach(to);
        send(message(A1, to, 'back'));
        await bench.until(() => inbox(to).length > 0);
        await settle();
        expect(contents(to)).toEqual(['back']);
      }
    });

    it('the one who attached last is given what comes', async () => {
      const second: AclMessage[] = [];
      bench.of(A2).attach(A2, (each) => second.push(each));
      send(message(B1, A2, 'hello'));
      await bench.until(() => second.length > 0);
      expect(contents(A2)).toEqual([]);
    });

    it('brings the largest messages', async () => {
      const empty = JSON.stringify(message(A1, B1, '')).length;
      const text = 'ü'.repeat(MAX_MESSAGE_CHARS - empty - 8);
      for (const to of [A2, B1]) for (let i = 0; i < 10; i++) send(message(A1, to, text));
      await settle();
      for (const to of [A2, B1]) expect(contents(to)).toEqual(Array.from({ length: 10 }, () => text));
    });

    it('brings thousands of messages, each once', async () => {
      for (let i = 0; i < 3000; i++) send(message(A1, i % 2 === 0 ? A2 : B1, i));
      await settle();
      expect(contents(A2)).toEqual(Array.from({ length: 1500 }, (_, i) => 2 * i));
      expect(contents(B1)).toEqual(Array.from({ length: 1500 }, (_, i) => 2 * i + 1));
      expect(contents(A1)).toEqual([]);
    });
  });
}

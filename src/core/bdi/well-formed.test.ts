import { describe, expect, test } from 'vitest';
import { MAX_CONTENT_DEPTH, MAX_MESSAGE_CHARS } from '../../protocol/acl.ts';
import { agentId } from '../../protocol/ids.ts';
import { Agent } from './agent.ts';
import { compileModel } from './agent-model.ts';
import { beliefType, believe } from './belief.ts';
import { capability } from './capability.ts';
import { percept, perceptType } from './event.ts';
import { mindOf } from './mind.ts';
import { restoreAgent, takeSnapshot } from './snapshot.ts';

const seen = perceptType<number>('seen');
const flag = beliefType<number>('flag');
const model = compileModel({
  capabilities: [
    capability({
      name: 'look',
      offers: [],
      goals: [],
      reviseBeliefs: () => [believe(flag, 'self', 1, 'seen')],
    }),
  ],
});
const fresh = () => new Agent({ id: agentId('x'), model, active: ['look'] });

const message = (content: unknown) => ({
  kind: 'message',
  message: {
    performative: 'inform',
    sender: 'y',
    receiver: 'x',
    conversationId: 'c',
    messageId: 'y:1',
    protocol: 'muster-tell',
    ontology: 'muster',
    content,
  },
});

/** As a program without types would. */
function post(agent: Agent, event: unknown): boolean {
  return Reflect.apply(agent.post, agent, [event]);
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
const cyclic: unknown[] = [];
cyclic.push(cyclic);

describe('what is no event is refused and counted, and does no harm later', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['text', 'percept'],
    ['a number', 7],
    ['no kind', {}],
    ['an unknown kind', { kind: 'wish' }],
    ['a percept without topic', { kind: 'percept', subject: 's', value: 1 }],
    ['a message without a message', { kind: 'message' }],
    ['a result without outcome', { kind: 'result', token: 1 }],
    ['a goal without arguments', { kind: 'goal', goal: 'g', from: 'x' }],
    ['a goal of no priority', { kind: 'goal', goal: 'g', args: {}, from: 'x', priority: Number.NaN }],
    ['a message that is too long', message('x'.repeat(MAX_MESSAGE_CHARS))],
    ['a message of too many parts', message(Array(MAX_MESSAGE_CHARS).fill(0))],
    ['a message of nothing, very often', message(new Array(2 ** 31))],
    ['a message that is too deep', message(nested(MAX_CONTENT_DEPTH + 1))],
    ['a message that holds itself', message(cyclic)],
    ['a message with a function', message({ f: () => 1 })],
    ['a message with a number that is none', message({ n: Number.POSITIVE_INFINITY })],
  ])('%s', (_, event) => {
    const agent = fresh();
    expect(post(agent, event)).toBe(false);
    expect(agent.state.counters.refused).toBe(1);
    expect(agent.cycle(1)).toEqual([]);
    expect(agent.state.counters.events).toBe(0);
  });

  test('what is within the bounds is taken', () => {
    const agent = fresh();
    for (const content of [null, 'x'.repeat(60_000), nested(MAX_CONTENT_DEPTH), { a: [1, 'b', undefined] }]) {
      expect(post(agent, message(content))).toBe(true);
    }
    expect(post(agent, percept(seen, 'self', 1))).toBe(true);
    agent.cycle(1);
    expect(agent.state.counters).toMatchObject({ events: 5, received: 4, refused: 0 });
  });
});

test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])(
  'a cycle at %d is a RangeError and leaves the agent as it was',
  (nowMs) => {
    const agent = fresh();
    agent.cycle(5);
    agent.post(percept(seen, 'self', 1));
    const before = takeSnapshot(agent);
    expect(() => agent.cycle(nowMs)).toThrow(RangeError);
    expect(takeSnapshot(agent)).toEqual(before);
    agent.cycle(6);
    expect(mindOf(agent).beliefs).toHaveLength(1);
    expect(() => new Agent({ id: agentId('x'), model, startMs: nowMs })).toThrow(RangeError);
  },
);

test.each<[unknown, string]>([
  [null, 'it is null'],
  [undefined, 'it is undefined'],
  [{}, 'its version is undefined'],
  [{ ...takeSnapshot(fresh()), version: 2 }, 'its version is 2'],
  [{ ...takeSnapshot(fresh()), mailbox: undefined }, 'mailbox is no list'],
  [{ ...takeSnapshot(fresh()), nowMs: Number.NaN }, 'nowMs is no number'],
])('what is no snapshot is refused by name', (snapshot, told) => {
  const restore = () => Reflect.apply(restoreAgent, undefined, [{ model }, snapshot]);
  expect(restore).toThrow(`not a snapshot of an agent: ${told}`);
  expect(restore).toThrow(RangeError);
});

import { describe, expect, it } from 'vitest';
import { agentId } from '../../protocol/ids.ts';
import { hex32 } from '../trust/testing/fake-ledger.ts';
import { GuardedAgent } from './guarded-agent.ts';

function guarded() {
  const logs: string[] = [];
  const held: number[] = [];
  const order = {
    name: agentId('a1'),
    key: hex32(1),
    incarnation: 1,
    image: '/nowhere',
    imageDigest: hex32(9),
    version: 1,
    config: '{}',
    salt: '00'.repeat(32),
  } as const;
  const refused: number[] = [];
  const agent = new GuardedAgent(order, {
    onLog: (text) => logs.push(text),
    onHeld: (epoch) => held.push(epoch),
    onEpochRefused: (epoch) => refused.push(epoch),
  });
  return { agent, logs, held, refused };
}

describe('an agent as its guard sees it', () => {
  it('names its keys once', () => {
    const { agent, logs } = guarded();
    agent.take({ kind: 'hello', kemKey: hex32(2), frameKey: hex32(3) });
    agent.take({ kind: 'hello', kemKey: hex32(4), frameKey: hex32(5) });
    expect([agent.kemKey, agent.frameKey]).toEqual([hex32(2), hex32(3)]);
    expect(logs).toEqual(['its agent names its keys a second time: not taken']);
  });

  it('that came without keys gets none later', () => {
    const { agent, logs } = guarded();
    agent.take({ kind: 'hello', kemKey: hex32(0), frameKey: hex32(0) });
    agent.take({ kind: 'hello', kemKey: hex32(4), frameKey: hex32(5) });
    expect([agent.kemKey, agent.frameKey]).toEqual([hex32(0), hex32(0)]);
    expect(logs).toHaveLength(1);
  });

  it('holds no epoch that it has not been given', () => {
    const { agent, held } = guarded();
    agent.take({ kind: 'epoch-held', number: 7 });
    expect([agent.held, held]).toEqual([0, []]);
    agent.send({ kind: 'epoch', number: 7, sealed: '0x', context: '0x', grace: false });
    agent.take({ kind: 'epoch-held', number: 7 });
    expect([agent.held, held]).toEqual([7, [7]]);
  });

  it('refuses an epoch that it was given once, and no other', () => {
    const { agent, refused } = guarded();
    agent.take({ kind: 'epoch-refused', number: 7 });
    agent.send({ kind: 'epoch', number: 7, sealed: '0x', context: '0x', grace: false });
    for (const number of [7, 7, 6, 8]) agent.take({ kind: 'epoch-refused', number });
    expect(refused).toEqual([7]);
  });

  it('that logs without end is not listened to without end', () => {
    const { agent, logs } = guarded();
    for (let i = 0; i < 10_000; i++) agent.take({ kind: 'log', text: 'x' });
    expect(logs.length).toBeGreaterThanOrEqual(500);
    expect(logs.length).toBeLessThan(2000);
  });

  it('what it says that is no message is noted, not thrown at', () => {
    const { agent, logs } = guarded();
    for (const none of [undefined, null, 7, {}, { kind: 'hello' }, { kind: 'pong', request: -1 }])
      agent.take(none);
    agent.take({ kind: 'pong', request: 99 });
    expect(logs).toHaveLength(6);
  });
});

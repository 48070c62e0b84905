import { beforeEach, describe, expect, it } from 'vitest';
import { agentId, nodeName } from '../../protocol/ids.ts';
import { AgentSchema, type AgentSpec, ScenarioSchema } from '../../protocol/scenario.ts';
import { type Changeable, changeAgents } from './agent-changes.ts';

const scenario = ScenarioSchema.parse({
  name: 'small',
  title: 'small',
  durationMs: 1000,
  topology: {
    switches: ['s1'],
    hosts: ['north-1', 'south-1', 'south-2'].map((name) => ({
      name,
      switch: 's1',
      site: name.split('-')[0],
      cpu: 1,
      memoryGb: 1,
    })),
    accessPoints: [{ name: 'sap', switch: 's1' }],
  },
  functions: [{ name: 'c', kind: 'classifier', cpu: 1, memoryGb: 1 }],
});
const spec = (name: string, host: string) => AgentSchema.parse({ name, host, capabilities: ['classifier'] });

let done: string[];
let pipeline: Changeable;
beforeEach(() => {
  done = [];
  const record = (verb: string) => async (agent: AgentSpec, site: string) => {
    done.push(
      `${verb} ${agent.name} ${agent.host} ${site} ${agent.capabilities.join('+')}${agent.service === undefined ? '' : ` for ${agent.service}`}`,
    );
  };
  pipeline = {
    specs: [spec('a1', 'north-1'), spec('a2', 'south-1')],
    room: 1,
    regrouping: {
      add: record('add'),
      move: record('move'),
      remove: async (name: string) => {
        done.push(`remove ${name}`);
      },
      revoke: async (name: string, reason: string) => {
        done.push(`revoke ${name}: ${reason}`);
      },
    },
  };
});

describe('agents of a running pipeline', () => {
  it('come with the capabilities that they are given, whatever else is said of them', async () => {
    const change = {
      kind: 'add',
      name: agentId('a3'),
      host: nodeName('south-2'),
      capabilities: ['link-monitor'],
    } as const;
    await changeAgents(pipeline, scenario, {
      ...change,
      capabilities: [...change.capabilities],
      pipeline: 'shop',
    });
    expect(done).toEqual(['add a3 south-2 south link-monitor']);
    await changeAgents(pipeline, scenario, {
      ...change,
      name: agentId('a4'),
      capabilities: ['classifier'],
      service: 'shop',
    });
    expect(done.at(-1)).toBe('add a4 south-2 south classifier for shop');
    const full = { ...pipeline, room: 0 };
    await expect(
      changeAgents(full, scenario, { ...change, capabilities: [...change.capabilities] }),
    ).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('move with what they know, or stay and learn something else', async () => {
    await changeAgents(pipeline, scenario, { kind: 'move', name: 'a2', host: nodeName('south-2') });
    await changeAgents(pipeline, scenario, {
      kind: 'move',
      name: 'a2',
      host: nodeName('south-1'),
      capabilities: ['rate-limiter'],
    });
    expect(done).toEqual(['move a2 south-2 south classifier', 'move a2 south-1 south rate-limiter']);
  });

  it('are revoked with the reason, one that is there, also of the last two', async () => {
    await changeAgents(pipeline, scenario, { kind: 'revoke', name: 'a1', reason: 'suspect' });
    expect(done).toEqual(['revoke a1: suspect']);
    await expect(
      changeAgents(pipeline, scenario, { kind: 'revoke', name: 'a9', reason: 'suspect' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('cannot take a host from another, and two stay', async () => {
    await expect(
      changeAgents(pipeline, scenario, { kind: 'move', name: 'a2', host: nodeName('north-1') }),
    ).rejects.toMatchObject({ message: 'a1 looks after north-1 already' });
    await expect(changeAgents(pipeline, scenario, { kind: 'remove', name: 'a1' })).rejects.toMatchObject({
      code: 'USAGE',
    });
    expect(done).toEqual([]);
  });
});

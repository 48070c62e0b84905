import { beforeEach, expect, it } from 'vitest';
import { agentId, awardId, ipv4, linkId, ruleId } from '../../protocol/ids.ts';
import type { PlaneCommand, PlaneRule } from '../../protocol/plane.ts';
import { blockSource, blocksOf, type Operating, unblockSource } from './operator-blocks.ts';

const SOURCE = ipv4('10.1.0.7');
const LINKS = [linkId('s1', 's2'), linkId('s2', 'srv')];
const OF_AGENT: PlaneRule = {
  rule: ruleId('a2:9'),
  kind: 'block-source',
  award: awardId('a1.1'),
  owner: agentId('a2'),
  link: LINKS[0] ?? linkId('s1', 's2'),
  source: ipv4('10.1.0.8'),
  expiresAtMs: 31_000,
};

let rules: PlaneRule[];
let done: [PlaneCommand['kind'], string][];
let refused: string | undefined;
let links: typeof LINKS;
let operating: Operating;

beforeEach(() => {
  [rules, done, refused, links] = [[OF_AGENT], [], undefined, LINKS];
  operating = {
    plane: {
      guardedLinks: () => links,
      measure: (_, answer) => answer({ ok: true, value: { kind: 'rules', entries: rules } }),
    },
    operate: (command, reason) => {
      if (refused !== undefined) return Promise.resolve({ ok: false, error: refused });
      done.push([command.kind, reason]);
      if (command.kind === 'block-source') {
        const { kind, rule, award, owner, link, source, ttlMs } = command;
        rules = [...rules, { kind, rule, award, owner, link, source, expiresAtMs: 1000 + ttlMs }];
      } else rules = rules.filter((each) => each.rule !== command.rule);
      return Promise.resolve({ ok: true, value: null });
    },
  };
});

const block = () => blockSource(operating, { source: SOURCE, seconds: 60, reason: 'abuse' }, 'ada');

it('drops an address on every guarded link, and says who wants it and why', async () => {
  expect(await block()).toEqual(LINKS);
  expect(done).toEqual(LINKS.map(() => ['block-source', 'operator ada blocks 10.1.0.7 for 60 s: abuse']));
  expect(await blocksOf(operating, 1000)).toEqual([
    { source: '10.1.0.8', link: 's1>s2', owner: 'a2', endsInSeconds: 30 },
    ...LINKS.map((link) => ({ source: SOURCE, link, owner: 'operator', endsInSeconds: 60 })),
  ]);
});

it('lifts what an operator has blocked, and nothing of agents', async () => {
  await block();
  await unblockSource(operating, SOURCE, 'bob');
  expect(rules).toEqual([OF_AGENT]);
  expect(done.at(-1)).toEqual(['remove-rule', 'operator bob lifts the block of 10.1.0.7']);
  await expect(unblockSource(operating, ipv4('10.1.0.8'), 'bob')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

it('says what the data plane refuses, and that nothing is guarded', async () => {
  refused = 'no room for more rules';
  await expect(block()).rejects.toMatchObject({
    code: 'PLANE_FAILED',
    message: 'the data plane refuses it: no room for more rules',
  });
  links = [];
  await expect(block()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

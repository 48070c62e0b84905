import { expect, test } from 'vitest';
import { Agent } from '../../core/bdi/agent.ts';
import { compileModel } from '../../core/bdi/agent-model.ts';
import { percept } from '../../core/bdi/event.ts';
import type { GoalArgs, GoalOutcome } from '../../core/bdi/goal.ts';
import { agentId } from '../../protocol/ids.ts';
import { blocksCarriedOut, sourceBlockSet } from '../defence-goals.ts';
import { awardEnded } from '../percepts.ts';
import { rateLimiter } from './rate-limiter.ts';

const link = 's1>h1';
const award = 'a1.1';
const rules = ['10.77.1.1', '10.77.1.2', '10.77.1.3'].map((source) => `block:${link}:${source}`);

/** A rate limiter that carries out blocks under an award; the test answers its actions. */
function blocker() {
  const agent = new Agent({
    id: agentId('a4'),
    model: compileModel({ capabilities: [rateLimiter] }),
    active: ['rate-limiter'],
  });
  const asked: { readonly token: number; readonly kind: string; readonly rule: string }[] = [];
  const settle = (nowMs: number) => {
    asked.length = 0;
    for (let cycle = 0; cycle < 50; cycle++) {
      for (const effect of agent.cycle(nowMs)) {
        if (effect.kind !== 'act' || effect.token === 0) continue;
        asked.push({
          token: effect.token,
          kind: effect.action.kind,
          rule: String(effect.action['rule']),
        });
      }
    }
    return [...asked];
  };
  const ask = (goal: string, args: GoalArgs) => agent.post({ kind: 'goal', goal, args, from: 'test' });
  const answer = (rule: string, outcome: GoalOutcome) => {
    const { token = 0 } = asked.find((each) => each.rule === rule) ?? {};
    agent.post({ kind: 'result', token, outcome });
  };
  ask(blocksCarriedOut.name, { link, target: '10.77.0.8', award });
  settle(0);
  for (const rule of rules) {
    const source = rule.slice(rule.lastIndexOf(':') + 1);
    ask(sourceBlockSet.name, { link, source, ttlMs: 60_000, award, reason: 'it floods' });
  }
  settle(0);
  for (const rule of rules) answer(rule, { ok: true, value: null });
  settle(0);
  const end = () => {
    const goal = { type: blocksCarriedOut.name, args: { link, target: '10.77.0.8' } };
    agent.post(percept(awardEnded, award, { goal, reason: 'the attack is over' }));
  };
  return { end, settle, answer };
}

test('what an award has in force is lifted all at once, and what could not be lifted is tried again', () => {
  const { end, settle, answer } = blocker();
  end();
  const first = settle(1000);
  expect(first.map(({ kind, rule }) => `${kind} ${rule}`)).toEqual(
    rules.map((rule) => `remove-rule ${rule}`),
  );

  const [one = '', two = '', three = ''] = rules;
  answer(one, { ok: true, value: null });
  answer(two, { ok: false, error: 'the site does not answer' });
  answer(three, { ok: true, value: null });
  expect(settle(1000)).toEqual([]);
  expect(settle(1500).map(({ rule }) => rule)).toEqual([two]);

  answer(two, { ok: true, value: null });
  expect(settle(1500)).toEqual([]);
  expect(settle(60_000)).toEqual([]);
});

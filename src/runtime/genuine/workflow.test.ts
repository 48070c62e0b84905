import { expect, it } from 'vitest';
import { AttestedGroup } from '../trust/testing/attested-group.ts';
import type { StepDone } from './workflow.ts';
import { Workflow } from './workflow.ts';

it('each step is told once with its duration; those of the ledger when it says that all agents are that far', async () => {
  const done: StepDone[] = [];
  let nowMs = 1000;
  const flow = new Workflow({ nowMs: () => nowMs, onStep: (step) => done.push(step) });
  const told = () => done.splice(0).map(({ step, durationMs }) => [step, durationMs]);
  const group = new AttestedGroup();
  const [a1, a2] = [await group.member('a1'), await group.member('a2')];
  const names = [a1.name, a2.name];
  const view = group.view();

  flow.end('deploy', 'was never begun');
  flow.begin('deploy');
  nowMs += 40;
  flow.begin('deploy');
  flow.end('deploy', 'two sites');
  flow.end('deploy', 'again');
  expect(told()).toEqual([['deploy', 40]]);

  for (const step of ['initial-attestation', 'mutual-plan'] as const) flow.begin(step);
  nowMs += 1000;
  group.tell(...group.attestation(a1));
  flow.onLedger(view.state, names);
  expect(told()).toEqual([]);
  nowMs += 500;
  group.tell({ kind: 'PlanSet', order: [a2.key, a1.key] }, ...group.attestation(a2));
  flow.onLedger(view.state, names);
  flow.onLedger(view.state, names);
  expect(told()).toEqual([
    ['mutual-plan', 1500],
    ['initial-attestation', 1500],
    ['verdicts', 500],
  ]);
  nowMs += 250;
  flow.end('keys', 'all hold it');
  expect(told()).toEqual([['keys', 250]]);
});

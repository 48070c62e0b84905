import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation, OperationParams, StepKind } from '../../protocol/operation-record.ts';
import { NO_SHAPE } from '../service-plan/no-shape.ts';
import { advance, isOver, nextMove, type OperationEvent } from './operation-machine.ts';

const INSTANTIATE: OperationParams = { kind: 'instantiate' };

function operation(kinds: readonly StepKind[], settings: Partial<Operation> = {}): Operation {
  return {
    format: 1,
    id: 'op',
    service: 'service',
    serviceName: 'service',
    params: INSTANTIATE,
    automatic: false,
    reason: 'a test',
    state: 'PROCESSING',
    enteredAtMs: 0,
    startedAtMs: 0,
    steps: kinds.map((kind) => ({
      kind,
      state: 'waiting',
      about: kind,
      attempts: 0,
      startedAtMs: null,
      endedAtMs: null,
    })),
    errors: [],
    cancelPending: false,
    onFailure: 'wait',
    before: NO_SHAPE,
    target: NO_SHAPE,
    wanted: { name: 'service', nsd: 'nsd' },
    flavour: 'default',
    packages: {},
    graph: null,
    placement: null,
    avoidSites: [],
    outputs: [],
    ...settings,
  };
}

function following(start: Operation, ...events: readonly OperationEvent[]): Operation {
  return events.reduce((now, event, index) => {
    const advanced = advance(now, event, index + 1);
    if (!advanced.ok) throw new Error(advanced.message);
    return advanced.operation;
  }, start);
}

const begun = (step: StepKind): OperationEvent => ({ kind: 'step-begun', step });
const done = (step: StepKind): OperationEvent => ({ kind: 'step-done', step });
const failed = (step: StepKind): OperationEvent => ({
  kind: 'step-failed',
  step,
  message: 'no',
  mend: 'mend',
});
const STEPS: readonly StepKind[] = ['place', 'start-units', 'await-health'];

describe('an operation', () => {
  test('does its steps in order, and is completed after the last', () => {
    let now = operation(STEPS);
    for (const step of STEPS) {
      expect(nextMove(now)).toEqual({ kind: 'do', step });
      now = following(now, begun(step), done(step));
    }
    expect(now.state).toBe('COMPLETED');
    expect(nextMove(now)).toEqual({ kind: 'rest' });
  });

  test('is partially completed when something was warned of', () => {
    const warned: OperationEvent = {
      kind: 'step-done',
      step: 'configure',
      warnings: [{ message: 'a charm', mend: 'none' }],
    };
    const now = following(operation(['configure']), begun('configure'), warned);
    expect(now.state).toBe('PARTIALLY_COMPLETED');
    expect(now.errors).toEqual([
      { atMs: 2, step: 'configure', message: 'a charm', mend: 'none', severity: 'warning' },
    ]);
  });

  test('that fails waits for the operator; retried it goes on from where it was', () => {
    const waiting = following(
      operation(STEPS),
      begun('place'),
      done('place'),
      begun('start-units'),
      failed('start-units'),
    );
    expect(waiting.state).toBe('FAILED_TEMP');
    const again = following(waiting, { kind: 'retry' });
    expect(again.state).toBe('PROCESSING');
    expect(nextMove(again)).toEqual({ kind: 'do', step: 'start-units' });
  });

  test('that fails and is to undo itself does so, from the last step that was begun', () => {
    const back = following(
      operation(STEPS, { onFailure: 'rollback' }),
      begun('place'),
      done('place'),
      begun('start-units'),
      failed('start-units'),
    );
    expect(back.state).toBe('ROLLING_BACK');
    expect(nextMove(back)).toEqual({ kind: 'undo', step: 'start-units' });
    const undone = following(
      back,
      { kind: 'undo-begun', step: 'start-units' },
      { kind: 'step-undone', step: 'start-units' },
    );
    expect(nextMove(undone)).toEqual({ kind: 'undo', step: 'place' });
    expect(
      following(undone, { kind: 'undo-begun', step: 'place' }, { kind: 'step-undone', step: 'place' }).state,
    ).toBe('ROLLED_BACK');
  });

  test('that cannot be undone waits; retried, everything that was undone is done again', () => {
    const back = following(
      operation(STEPS, { onFailure: 'rollback' }),
      begun('place'),
      done('place'),
      begun('start-units'),
      failed('start-units'),
    );
    const stuck = following(
      back,
      { kind: 'undo-begun', step: 'start-units' },
      { kind: 'step-undone', step: 'start-units' },
      { kind: 'undo-begun', step: 'place' },
      { kind: 'undo-failed', step: 'place', message: 'no', mend: 'mend' },
    );
    expect(stuck.state).toBe('FAILED_TEMP');
    expect(nextMove(following(stuck, { kind: 'rollback' }))).toEqual({ kind: 'undo', step: 'place' });
    expect(nextMove(following(stuck, { kind: 'retry' }))).toEqual({ kind: 'do', step: 'place' });
  });

  test('is not undone once units that were there before have been stopped', () => {
    const update = operation(['set-chains', 'stop-units'], {
      params: { kind: 'update' },
      onFailure: 'rollback',
    });
    const now = following(
      update,
      begun('set-chains'),
      done('set-chains'),
      begun('stop-units'),
      failed('stop-units'),
    );
    expect(now.state).toBe('FAILED_TEMP');
    expect(advance(now, { kind: 'rollback' }, 9)).toMatchObject({
      ok: false,
      message: expect.stringContaining('stopped already'),
    });
  });

  test('that is cancelled stops after the step that is being done', () => {
    const now = following(operation(STEPS), begun('place'), { kind: 'cancel' });
    expect(now).toMatchObject({ state: 'PROCESSING', cancelPending: true });
    expect(following(now, done('place'))).toMatchObject({ state: 'FAILED_TEMP', cancelPending: false });
  });

  test('whatever happens to it: over is over, and nothing is undone that was not begun', () => {
    const kind = fc.constantFrom(...STEPS);
    const event: fc.Arbitrary<OperationEvent> = fc.oneof(
      kind.map(begun),
      kind.map(done),
      kind.map(failed),
      kind.map((step): OperationEvent => ({ kind: 'step-undone', step })),
      kind.map((step): OperationEvent => ({ kind: 'undo-failed', step, message: 'no', mend: 'mend' })),
      fc.constantFrom<OperationEvent>(
        { kind: 'retry' },
        { kind: 'rollback' },
        { kind: 'fail' },
        { kind: 'cancel' },
      ),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, rolls) => {
        let now = operation(STEPS, { onFailure: rolls ? 'rollback' : 'wait' });
        for (const each of events) {
          const move = nextMove(now);
          // The driver does only what is next; operators do what they like.
          if ('step' in each && !(move.kind !== 'rest' && move.step === each.step)) continue;
          const advanced = advance(now, each, 1);
          if (isOver(now.state)) expect(advanced.ok).toBe(false);
          if (!advanced.ok) continue;
          now = advanced.operation;
          if (now.state === 'COMPLETED') expect(now.steps.every(({ state }) => state === 'done')).toBe(true);
          if (now.state === 'ROLLED_BACK')
            expect(now.steps.every(({ state }) => state === 'waiting' || state === 'undone')).toBe(true);
          const next = nextMove(now);
          if (next.kind === 'undo')
            expect(now.steps.find((step) => step.kind === next.step)?.state).not.toBe('waiting');
        }
      }),
    );
  });
});

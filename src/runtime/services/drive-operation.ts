import {
  advance,
  nextMove,
  type OperationEvent,
  stopCancelled,
} from '../../core/lifecycle/operation-machine.ts';
import {
  afterStep,
  afterUndo,
  atEnd,
  beforeStep,
  type Records,
  type StepResult,
} from '../../core/lifecycle/step-records.ts';
import type { Store } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { carryOutStep, type StepTools, undoStep } from './carry-out-step.ts';
import { changeService } from './service-records.ts';
import { reasonOf } from './step-failure.ts';

export interface DriveTools extends StepTools {
  readonly store: Store;
  /** ms since 1970, or what stands for it. */
  wallMs(): number;
  onStored(service: ServiceInstance | undefined, operation: Operation): void;
}

/**
 * Carries an operation on from where its records say that it is, until it is over or waits for an operator. What a step has brought about
 * and that the next one begins is one change of the store, so that at most one step is in doubt after a crash; steps may be repeated.
 * Rejects when the store cannot be written, or the signal aborts: the records then say where to go on.
 */
export async function driveOperation(
  service: string,
  operation: string,
  tools: DriveTools,
  cancel: AbortSignal,
  end: AbortSignal,
): Promise<void> {
  let result: Parameters<typeof commit>[2] | undefined;
  for (;;) {
    end.throwIfAborted();
    const { records, move } = await commit(service, operation, result, tools);
    if (records === undefined || move.kind === 'rest') return;
    result = await attempt(move, records, tools, AbortSignal.any([cancel, end]));
  }
}

type Move = ReturnType<typeof nextMove>;

interface StepEnd {
  readonly event: OperationEvent;
  readonly result: StepResult;
}

async function attempt(
  move: Exclude<Move, { kind: 'rest' }>,
  records: Records,
  tools: DriveTools,
  signal: AbortSignal,
): Promise<StepEnd> {
  const { kind, step } = move;
  try {
    if (kind === 'undo') {
      const { warnings = [], ...result } = await undoStep(step, records, tools);
      return { event: { kind: 'step-undone', step, warnings }, result };
    }
    const { warnings = [], ...result } = await carryOutStep(step, records, tools, signal);
    return { event: { kind: 'step-done', step, warnings }, result };
  } catch (error) {
    const failed = kind === 'undo' ? ('undo-failed' as const) : ('step-failed' as const);
    return { event: { kind: failed, step, ...reasonOf(error) }, result: {} };
  }
}

/** Stores what came of a step, and that the next one begins; answers it. */
async function commit(service: string, operation: string, ended: StepEnd | undefined, tools: DriveTools) {
  const nowMs = tools.wallMs();
  const answer = await changeService(tools.store, service, operation, async (found) => {
    if (found.operation === undefined) return { stored: undefined, answer: undefined };
    let records: Records = { service: found.service, operation: found.operation };
    if (ended !== undefined) records = applied(records, ended, nowMs);
    let move = nextMove(records.operation);
    if (move.kind !== 'rest' && records.operation.cancelPending) {
      records = { ...records, operation: stopCancelled(records.operation, nowMs) };
      move = { kind: 'rest' };
    }
    if (move.kind !== 'rest') {
      const { kind, step } = move;
      const begun = stepped(
        records.operation,
        { kind: kind === 'do' ? 'step-begun' : 'undo-begun', step },
        nowMs,
      );
      records = { ...records, operation: begun };
      if (kind === 'do') records = beforeStep(step, records);
    }
    const after = atEnd(records, nowMs);
    const stored = after === undefined ? undefined : { ...after, updatedAtMs: nowMs };
    return {
      stored: { service: stored, operations: [records.operation] },
      answer: {
        records: { service: stored ?? records.service, operation: records.operation },
        move,
        after: stored,
      },
    };
  });
  if (answer === undefined) {
    throw new MusterError('NOT_FOUND', `there is no operation ${operation}`, {
      hint: 'muster service operation list',
    });
  }
  tools.onStored(answer.after, answer.records.operation);
  return answer;
}

function applied(records: Records, { event, result }: StepEnd, nowMs: number): Records {
  const changed =
    event.kind === 'step-done'
      ? afterStep(event.step, records, result)
      : event.kind === 'step-undone'
        ? afterUndo(event.step, records, result)
        : records;
  return { ...changed, operation: stepped(changed.operation, event, nowMs) };
}

function stepped(operation: Operation, event: OperationEvent, nowMs: number): Operation {
  const advanced = advance(operation, event, nowMs);
  if (advanced.ok) return advanced.operation;
  throw new MusterError('INTERNAL', advanced.message, { hint: advanced.mend });
}

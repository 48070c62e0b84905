import type {
  Operation,
  OperationError,
  OperationState,
  Step,
  StepKind,
} from '../../protocol/operation-record.ts';

/** What can happen to an operation: what its steps come to, and what an operator asks for. */
export type OperationEvent =
  | { readonly kind: 'step-begun'; readonly step: StepKind }
  | { readonly kind: 'step-done'; readonly step: StepKind; readonly warnings?: readonly Complaint[] }
  | ({ readonly kind: 'step-failed'; readonly step: StepKind } & Complaint)
  | { readonly kind: 'undo-begun'; readonly step: StepKind }
  | { readonly kind: 'step-undone'; readonly step: StepKind; readonly warnings?: readonly Complaint[] }
  | ({ readonly kind: 'undo-failed'; readonly step: StepKind } & Complaint)
  | { readonly kind: 'retry' | 'rollback' | 'fail' | 'cancel' };

export interface Complaint {
  readonly message: string;
  readonly mend: string;
}

export type Advanced =
  | { readonly ok: true; readonly operation: Operation }
  | ({ readonly ok: false } & Complaint);

/** What is to be done next for an operation. */
export type NextMove =
  | { readonly kind: 'do' | 'undo'; readonly step: StepKind }
  /** It is over, or waits for an operator. */
  | { readonly kind: 'rest' };

const OVER: readonly OperationState[] = ['COMPLETED', 'PARTIALLY_COMPLETED', 'FAILED', 'ROLLED_BACK'];
const MOST_ERRORS = 100;

export function isOver(state: OperationState): boolean {
  return OVER.includes(state);
}

/** Why an operation waits for an operator, is undone, or came to nothing; undefined: it goes well, or nobody has said. */
export function whatWentWrong({ state, errors }: Pick<Operation, 'state' | 'errors'>): string | undefined {
  if (state === 'PROCESSING' || state === 'COMPLETED') return undefined;
  return errors.findLast(({ severity }) => severity === 'error')?.message;
}

/** Steps are done in their order, and undone from the last one that was begun. */
export function nextMove({ state, steps }: Operation): NextMove {
  if (state === 'PROCESSING') {
    const step = steps.find((each) => each.state !== 'done');
    return step === undefined ? { kind: 'rest' } : { kind: 'do', step: step.kind };
  }
  if (state === 'ROLLING_BACK') {
    const step = steps.findLast((each) => each.state !== 'waiting' && each.state !== 'undone');
    return step === undefined ? { kind: 'rest' } : { kind: 'undo', step: step.kind };
  }
  return { kind: 'rest' };
}

/** The operation after an event, at `nowMs`; or why that cannot be (SOL005 6.4, SOL003 5.6.2: which transitions there are). */
export function advance(operation: Operation, event: OperationEvent, nowMs: number): Advanced {
  const { state } = operation;
  switch (event.kind) {
    case 'step-begun':
      return during(operation, 'PROCESSING', marked(operation, event.step, 'doing', nowMs));
    case 'step-done': {
      const warnings = (event.warnings ?? []).map((each) => told(each, event.step, 'warning', nowMs));
      const done = withErrors(marked(operation, event.step, 'done', nowMs), warnings);
      return during(operation, 'PROCESSING', settled(done, nowMs));
    }
    case 'step-failed': {
      const failed = withErrors(marked(operation, event.step, 'failed', nowMs), [
        told(event, event.step, 'error', nowMs),
      ]);
      const back =
        operation.onFailure === 'rollback' && !operation.cancelPending && whyNoRollback(failed) === undefined;
      // A primitive on demand is asked for again, or not: nothing of the service waits for that.
      const end = event.step === 'act' ? 'FAILED' : 'FAILED_TEMP';
      return during(operation, 'PROCESSING', entering(failed, back ? 'ROLLING_BACK' : end, nowMs));
    }
    case 'undo-begun':
      return during(operation, 'ROLLING_BACK', marked(operation, event.step, 'undoing', nowMs));
    case 'step-undone': {
      const warnings = (event.warnings ?? []).map((each) => told(each, event.step, 'warning', nowMs));
      const undone = withErrors(marked(operation, event.step, 'undone', nowMs), warnings);
      return during(operation, 'ROLLING_BACK', settled(undone, nowMs));
    }
    case 'undo-failed': {
      const failed = withErrors(marked(operation, event.step, 'failed', nowMs), [
        told(event, event.step, 'error', nowMs),
      ]);
      return during(operation, 'ROLLING_BACK', entering(failed, 'FAILED_TEMP', nowMs));
    }
    case 'retry': {
      if (state !== 'FAILED_TEMP') return no(operation, 'be tried again');
      const steps = operation.steps.map(
        (step): Step => (step.state === 'done' ? step : { ...step, state: 'waiting' }),
      );
      // Warnings of steps that are done again come again.
      const errors = operation.errors.filter(
        ({ severity, step }) =>
          severity === 'error' || steps.some((each) => each.kind === step && each.state === 'done'),
      );
      return {
        ok: true,
        operation: settled(entering({ ...operation, steps, errors }, 'PROCESSING', nowMs), nowMs),
      };
    }
    case 'rollback': {
      if (state !== 'FAILED_TEMP') return no(operation, 'be rolled back');
      const why = whyNoRollback(operation);
      if (why !== undefined) return { ok: false, ...why };
      return { ok: true, operation: settled(entering(operation, 'ROLLING_BACK', nowMs), nowMs) };
    }
    case 'fail':
      if (state !== 'FAILED_TEMP') return no(operation, 'be given up');
      return { ok: true, operation: entering(operation, 'FAILED', nowMs) };
    case 'cancel':
      if (state !== 'PROCESSING' && state !== 'ROLLING_BACK') return no(operation, 'be cancelled');
      return { ok: true, operation: { ...operation, cancelPending: true } };
    default:
      return event satisfies never;
  }
}

/** What an operation comes to when it is stopped between two steps, because an operator has cancelled it. */
export function stopCancelled(operation: Operation, nowMs: number): Operation {
  const said = told(
    { message: 'cancelled by the operator', mend: 'retry, rollback or fail' },
    null,
    'error',
    nowMs,
  );
  return entering(withErrors(operation, [said]), 'FAILED_TEMP', nowMs);
}

/** Why what has been done cannot be undone any more; undefined: it can. */
export function whyNoRollback({ params, steps }: Operation): Complaint | undefined {
  const begun = (kind: StepKind) =>
    steps.some((each) => each.kind === kind && each.state !== 'waiting' && each.state !== 'undone');
  if (params.kind === 'action') {
    return { message: 'what a primitive has done to a function cannot be undone', mend: 'retry or fail' };
  }
  if (params.kind === 'terminate' && steps.some(({ state }) => state !== 'waiting')) {
    return {
      message: 'a service that is being terminated does not come back',
      mend: 'retry: it goes on where it stopped',
    };
  }
  if (params.kind !== 'heal' && (begun('stop-units') || begun('deconfigure'))) {
    return {
      message: 'units that were there before have been stopped already',
      mend: 'retry: what is new runs, only the old has still to go',
    };
  }
  return undefined;
}

/** After a step: is that all, is it to stop here? */
function settled(operation: Operation, nowMs: number): Operation {
  if (nextMove(operation).kind === 'rest') {
    if (operation.state === 'ROLLING_BACK') return entering(operation, 'ROLLED_BACK', nowMs);
    const warned = operation.errors.some(({ severity }) => severity === 'warning');
    return entering(operation, warned ? 'PARTIALLY_COMPLETED' : 'COMPLETED', nowMs);
  }
  return operation.cancelPending ? stopCancelled(operation, nowMs) : operation;
}

function entering(operation: Operation, state: OperationState, nowMs: number): Operation {
  return { ...operation, state, enteredAtMs: nowMs, cancelPending: false };
}

function marked(operation: Operation, kind: StepKind, state: Step['state'], nowMs: number): Operation {
  const steps = operation.steps.map((step): Step => {
    if (step.kind !== kind) return step;
    const begins = state === 'doing' || state === 'undoing';
    return {
      ...step,
      state,
      attempts: state === 'doing' ? step.attempts + 1 : step.attempts,
      startedAtMs: begins ? nowMs : step.startedAtMs,
      endedAtMs: begins ? null : nowMs,
    };
  });
  return { ...operation, steps };
}

function withErrors(operation: Operation, errors: readonly OperationError[]): Operation {
  return { ...operation, errors: [...operation.errors, ...errors].slice(-MOST_ERRORS) };
}

const MOST_CHARS = 2000;

function told(
  { message, mend }: Complaint,
  step: StepKind | null,
  severity: OperationError['severity'],
  atMs: number,
): OperationError {
  return { atMs, step, message: message.slice(0, MOST_CHARS), mend: mend.slice(0, MOST_CHARS), severity };
}

function during(before: Operation, state: OperationState, after: Operation): Advanced {
  return before.state === state ? { ok: true, operation: after } : no(before, `go on as ${state}`);
}

function no({ id, state }: Operation, what: string): Advanced {
  const mend = isOver(state)
    ? 'it is over: begin a new one'
    : `wait until it is in another state (${state} now)`;
  return { ok: false, message: `the operation ${id} is ${state} and cannot ${what}`, mend };
}

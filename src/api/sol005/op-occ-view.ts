import { z } from 'zod';
import { isOver, whyNoRollback } from '../../core/lifecycle/operation-machine.ts';
import type { Operation, OperationKind } from '../../protocol/operation-record.ts';
import type { LCM_OPERATION_TYPES, NsLcmOpOcc } from '../../protocol/sol005/nslcm-answers.ts';
import { problemDetails } from '../http/http-problem.ts';
import { dateTime, NS_INSTANCES, OP_OCCS } from './ns-instance-view.ts';

type LcmOperationType = (typeof LCM_OPERATION_TYPES)[number];

const TYPES: Readonly<Record<OperationKind, LcmOperationType>> = {
  instantiate: 'INSTANTIATE',
  scale: 'SCALE',
  heal: 'HEAL',
  // SOL005 knows no type for it: what is there before and after is the same service.
  migrate: 'UPDATE',
  update: 'UPDATE',
  action: 'ACTION',
  terminate: 'TERMINATE',
};

export function operationType({ params }: Operation): LcmOperationType {
  return TYPES[params.kind];
}

export function opOccPath(operation: string): string {
  return `${OP_OCCS}/${encodeURIComponent(operation)}`;
}

/** What went wrong with an operation; undefined: nothing did. */
export function operationProblem({ errors, serviceName }: Operation) {
  const serious = errors.filter(({ severity }) => severity === 'error');
  const last = serious.at(-1);
  if (last === undefined) return undefined;
  return problemDetails({
    status: 500,
    reason: last.message,
    hint: last.mend,
    code: 'UNSATISFIED',
    more: {
      instance: serviceName,
      problems: serious.map(({ step, message, mend }) => ({ step, message, mend })),
    },
  });
}

const ParamsSchema = z.record(z.string(), z.unknown());

/** An operation as SOL005 shows it. `startedBy`: who asked for it, as far as that is known. */
export function opOccView(operation: Operation, startedBy: string | undefined): NsLcmOpOcc {
  const self = opOccPath(operation.id);
  const error = operationProblem(operation);
  const { kind: _, ...params } = operation.params;
  const waits = operation.state === 'FAILED_TEMP';
  const rollback = whyNoRollback(operation) === undefined ? ['rollback'] : [];
  const verbs = waits ? ['retry', 'fail', ...rollback] : isOver(operation.state) ? [] : ['cancel'];
  return {
    id: operation.id,
    operationState: operation.state,
    statusEnteredTime: dateTime(operation.enteredAtMs),
    stateEnteredTime: dateTime(operation.enteredAtMs),
    nsInstanceId: operation.service,
    lcmOperationType: operationType(operation),
    startTime: dateTime(operation.startedAtMs),
    isAutomaticInvocation: operation.automatic,
    // Without what is undefined, as it is sent.
    operationParams: ParamsSchema.parse(JSON.parse(JSON.stringify(params))),
    isCancelPending: operation.cancelPending,
    ...(operation.cancelPending ? { cancelMode: 'GRACEFUL' as const } : {}),
    ...(error === undefined ? {} : { error }),
    ...(startedBy === undefined ? {} : { startedBy }),
    _links: {
      self: { href: self },
      nsInstance: { href: `${NS_INSTANCES}/${encodeURIComponent(operation.service)}` },
      ...Object.fromEntries(verbs.map((verb) => [verb, { href: `${self}/${verb}` }])),
    },
    musterOperation: operation,
  };
}

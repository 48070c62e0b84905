import { setTimeout as pause } from 'node:timers/promises';
import { isOver } from '../../../core/lifecycle/operation-machine.ts';
import { progressInWords } from '../../../core/lifecycle/operation-steps.ts';
import { MusterError } from '../../../protocol/errors.ts';
import type { Operation } from '../../../protocol/operation-record.ts';
import { interruptible } from '../../interruptible.ts';
import { note } from '../../printer.ts';
import type { ServiceClient } from '../../service-client.ts';
import { wholeNumber } from '../../whole-number.ts';

const LOOK_EVERY_MS = 100;

export interface WaitFlags {
  readonly wait?: boolean;
  readonly timeout: string;
}

/** Waits for an operation if that was asked for, telling how far it is; else says where to look. */
export async function followed(
  client: ServiceClient,
  operation: Operation,
  flags: WaitFlags,
): Promise<Operation> {
  const withinS = wholeNumber('timeout', flags.timeout, 86_400);
  if (flags.wait !== true && !isOver(operation.state)) {
    note(
      `${operation.params.kind} of ${operation.serviceName} is under way: muster service operation describe ${operation.id}`,
    );
    return operation;
  }
  return waited(client, operation, withinS);
}

/** @throws UNSATISFIED when no place is found or the time is over, CONFLICT when it failed otherwise, INTERRUPTED by ctrl-C: it goes on. */
function waited(client: ServiceClient, operation: Operation, withinS: number): Promise<Operation> {
  const untilMs = Date.now() + withinS * 1000;
  const { id, serviceName, params } = operation;
  const goesOn = { hint: `it goes on: muster service operation describe ${id}, or cancel ${id}` };
  return interruptible(async (interrupted) => {
    let said = '';
    for (let now = operation; ; now = await client.operation(id)) {
      const progress = `${now.state.toLowerCase()}, ${progressInWords(now.steps)}`;
      if (progress !== said && now.steps.length > 0) note(`${serviceName}: ${progress}`);
      said = progress;
      if (isOver(now.state) || now.state === 'FAILED_TEMP') return judged(now);
      if (interrupted())
        throw new MusterError('INTERRUPTED', `${params.kind} of ${serviceName} is not waited for`, goesOn);
      if (Date.now() > untilMs)
        throw new MusterError(
          'UNSATISFIED',
          `${params.kind} of ${serviceName} is not over after ${withinS} s`,
          goesOn,
        );
      await pause(LOOK_EVERY_MS);
    }
  });
}

function judged(operation: Operation): Operation {
  const { state, errors, serviceName, params, id } = operation;
  for (const { severity, message, mend } of errors)
    if (severity === 'warning') note(`warning: ${message}\n  = ${mend}`);
  if (state === 'COMPLETED' || state === 'PARTIALLY_COMPLETED') return operation;
  const failed = errors.findLast(({ severity }) => severity === 'error');
  const message = `${params.kind} of ${serviceName} is ${state}: ${failed?.message ?? 'no reason is told'}`;
  const next =
    state === 'FAILED_TEMP' ? `muster service operation retry ${id}, or rollback` : (failed?.mend ?? '');
  throw new MusterError(failed?.step === 'place' ? 'UNSATISFIED' : 'CONFLICT', message, { hint: next });
}

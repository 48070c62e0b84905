import { advance, isOver } from '../../core/lifecycle/operation-machine.ts';
import { atEnd } from '../../core/lifecycle/step-records.ts';
import type { Store } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { NodeName } from '../../protocol/ids.ts';
import { type Operation, type OperationParams, OperationSchema } from '../../protocol/operation-record.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { type Draft, draftOperation } from './draft-operation.ts';
import type { PlanSources } from './plan-of.ts';
import { changeService, noService, readOperation, readOperations, readService } from './service-records.ts';

/** What an operation is begun for. */
export interface Occasion {
  readonly reason: string;
  /** Whether Muster begins it by itself. */
  readonly automatic: boolean;
  readonly avoidSites?: readonly NodeName[];
}

/** Of what an operator asks for. */
export const BY_HAND: Occasion = { reason: 'asked for by the operator', automatic: false };

export interface AcceptTools extends PlanSources {
  readonly store: Store;
  wallMs(): number;
  newId(): string;
}

export interface Accepted {
  /** Undefined: the operation was over at once, and the service is forgotten. */
  readonly service: ServiceInstance | undefined;
  readonly operation: Operation;
  /** The one that waited for an operator and whose place it has taken. */
  readonly givenUp: Operation | undefined;
}

/** Operations that are kept of a service beside the one that is not over. */
const KEPT_OPERATIONS = 50;

/** What an operation would be. @throws BAD_SERVICE, NOT_FOUND, CONFLICT, USAGE for one that cannot be. */
export async function draftFor(
  service: ServiceInstance,
  params: OperationParams,
  occasion: Occasion,
  { packages, imageFor, newId, wallMs }: AcceptTools,
): Promise<Draft> {
  const asked = 'onFailure' in params ? params.onFailure : undefined;
  const draft = await draftOperation(service, params, {
    packages,
    imageFor,
    id: newId(),
    nowMs: wallMs(),
    automatic: occasion.automatic,
    reason: occasion.reason,
    // Where it runs it runs as well as before.
    onFailure: asked ?? (occasion.automatic || params.kind === 'migrate' ? 'rollback' : 'wait'),
    avoidSites: occasion.avoidSites ?? [],
  });
  const kept = OperationSchema.safeParse(draft.operation);
  if (kept.success) return draft;
  // Once it is stored nobody could read it again.
  const [issue] = kept.error.issues;
  throw new MusterError(
    'BAD_SERVICE',
    `${service.name} would be more than can be kept: ${issue?.path.join('/')}: ${issue?.message}`,
    { hint: 'ask for fewer or shorter values, or split it into several services' },
  );
}

/**
 * Drafts an operation and stores it; drafts anew when the service has changed meanwhile. `wanted`: takes the place of what was asked for
 * so far.
 */
export async function acceptOperation(
  id: string,
  params: OperationParams,
  occasion: Occasion,
  tools: AcceptTools,
  wanted?: ServiceFile,
): Promise<Accepted> {
  const { store } = tools;
  for (;;) {
    const found = await readService(await store.view(), id);
    if (found === undefined) throw noService(id);
    const base = wanted === undefined ? found : { ...found, wanted };
    await checkFree(base, params, store);
    const drafted = await draftFor(base, params, occasion, tools);
    const accepted = await changeService(store, id, undefined, async ({ service }) =>
      service.revision === found.revision
        ? storedDraft(service, drafted, store, tools.wallMs())
        : { stored: undefined, answer: undefined },
    );
    if (accepted !== undefined) return accepted;
  }
}

async function storedDraft(
  before: ServiceInstance,
  { service, operation }: Draft,
  store: Store,
  nowMs: number,
) {
  const old = await readOperations(await store.view(), before.id);
  const given = old.find((each) => each.id === before.operation && !isOver(each.state));
  const ended = given === undefined ? undefined : advance(given, { kind: 'fail' }, nowMs);
  const givenUp = ended?.ok === true ? ended.operation : undefined;
  const forget = old
    .filter(({ state }) => isOver(state))
    .toSorted((a, b) => b.startedAtMs - a.startedAtMs)
    .slice(KEPT_OPERATIONS)
    .map((each) => each.id);
  const begun = { ...service, operation: operation.id, updatedAtMs: operation.startedAtMs };
  // One without steps is over as soon as it is accepted.
  const after = atEnd({ service: begun, operation }, operation.startedAtMs);
  const operations = [...(givenUp === undefined ? [] : [givenUp]), operation];
  return { stored: { service: after, operations, forget }, answer: { service: after, operation, givenUp } };
}

/** One operation at a time; only a termination may take the place of one that waits for an operator. */
async function checkFree(service: ServiceInstance, params: OperationParams, store: Store): Promise<void> {
  const { name, state } = service;
  const there = state === 'INSTANTIATED' || service.shape.units.length > 0;
  if (service.operation !== null) {
    const current = await readOperation(await store.view(), service.operation);
    if (params.kind === 'terminate' && current?.state === 'FAILED_TEMP') return;
    throw new MusterError(
      'CONFLICT',
      `${name} is being changed: ${current?.params.kind} is ${current?.state}`,
      {
        hint: `muster service operation describe ${service.operation}`,
      },
    );
  }
  if (params.kind === 'instantiate' && there) {
    throw new MusterError('CONFLICT', `${name} is instantiated already`, {
      hint: `muster service describe ${name}`,
    });
  }
  if (params.kind === 'terminate' && !there && !params.remove) {
    throw new MusterError('CONFLICT', `nothing of ${name} runs`, {
      hint: `muster service terminate ${name} --remove forgets it`,
    });
  }
  if (params.kind !== 'instantiate' && params.kind !== 'terminate' && state !== 'INSTANTIATED') {
    throw new MusterError('CONFLICT', `${name} is not instantiated`, {
      hint: 'muster service apply, or instantiate it over the API',
    });
  }
}

import { ask } from '../../data/ask.ts';

export type ServiceVerb = 'instantiate' | 'scale' | 'heal' | 'update' | 'action' | 'terminate';

/** Begins an operation. @throws Refused. */
export async function doToService(service: string, verb: ServiceVerb, body: object): Promise<void> {
  await ask(`/v1/services/${encodeURIComponent(service)}/${verb}`, { method: 'POST', body });
}

export type OperationVerb = 'retry' | 'rollback' | 'fail' | 'cancel';

/** Steers an operation. @throws Refused. */
export async function steer(operation: string, verb: OperationVerb): Promise<void> {
  await ask(`/v1/operations/${encodeURIComponent(operation)}/${verb}`, { method: 'POST', body: {} });
}

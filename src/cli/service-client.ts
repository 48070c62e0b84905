import { z } from 'zod';
import { NS_INSTANCES, NS_LCM_OP_OCCS } from '../core/lifecycle/sol005-views.ts';
import { ERROR_CODES, type ErrorCode, MusterError } from '../protocol/errors.ts';
import type { Operation } from '../protocol/operation-record.ts';
import type { ServiceInstance } from '../protocol/service-record.ts';
import type {
  ActionRequest,
  ApplyRequest,
  HealRequest,
  ScaleRequest,
  TerminateRequest,
  UpdateRequest,
} from '../protocol/service-requests.ts';
import {
  AppliedSchema,
  NsInstanceSchema,
  NsLcmOpOccSchema,
  ProblemDetailsSchema,
} from '../protocol/sol005.ts';
import type { UpFile } from '../runtime/up/up-file.ts';

const WITHIN_MS = 15_000;
const LONGEST_ANSWER = 64 * 1024 * 1024;

/** What steers an operation from outside. */
export type OperationVerb = 'retry' | 'rollback' | 'cancel' | 'fail';

/** Services of what is up, over its API: SOL005 paths, and `/v1/services/apply`. All throw MusterError, with the API's reason and hint. */
export interface ServiceClient {
  apply(request: ApplyRequest): Promise<z.infer<typeof AppliedSchema>>;
  list(): Promise<readonly ServiceInstance[]>;
  get(id: string): Promise<ServiceInstance>;
  remove(id: string): Promise<void>;
  scale(id: string, request: ScaleRequest): Promise<Operation>;
  heal(id: string, request: HealRequest): Promise<Operation>;
  update(id: string, request: UpdateRequest): Promise<Operation>;
  action(id: string, request: ActionRequest): Promise<Operation>;
  terminate(id: string, request: TerminateRequest): Promise<Operation>;
  /** Newest first. */
  operations(service?: string): Promise<readonly Operation[]>;
  operation(id: string): Promise<Operation>;
  steer(id: string, verb: OperationVerb): Promise<Operation>;
}

export function createServiceClient(up: Pick<UpFile, 'api' | 'token' | 'pid'>): ServiceClient {
  const ask = (method: string, path: string, body?: unknown) => asked(up, method, path, body);
  const at = (id: string, verb = '') =>
    `${NS_INSTANCES}/${encodeURIComponent(id)}${verb === '' ? '' : `/${verb}`}`;
  const operationAt = async (path: string) =>
    NsLcmOpOccSchema.parse((await ask('GET', path)).body).musterOperation;
  /** 202: the operation is where `Location` says. */
  const accepted = async (path: string, body: unknown): Promise<Operation> => {
    const { location } = await ask('POST', path, body);
    const id = location === undefined ? undefined : /\/ns_lcm_op_occs\/([^/?#]+)$/.exec(location)?.[1];
    if (id !== undefined) return operationAt(`${NS_LCM_OP_OCCS}/${id}`);
    throw new MusterError('INTERNAL', `${path}: the answer does not say where the operation is`, {
      hint: 'muster service operation list',
    });
  };
  return {
    apply: async (request) => AppliedSchema.parse((await ask('POST', '/v1/services/apply', request)).body),
    list: async () => {
      const { body } = await ask('GET', NS_INSTANCES);
      return z
        .array(NsInstanceSchema)
        .parse(body)
        .map((each) => each.musterService);
    },
    get: async (id) => NsInstanceSchema.parse((await ask('GET', at(id))).body).musterService,
    remove: async (id) => {
      await ask('DELETE', at(id));
    },
    scale: (id, { vnf, aspect, direction, steps = 1 }) =>
      accepted(at(id, 'scale'), {
        scaleType: 'SCALE_VNF',
        scaleVnfData: [
          {
            vnfInstanceId: vnf,
            scaleVnfType: direction === 'out' ? 'SCALE_OUT' : 'SCALE_IN',
            scaleByStepData: { ...(aspect === undefined ? {} : { aspectId: aspect }), numberOfSteps: steps },
          },
        ],
      }),
    heal: (id, { cause, units, vnf, vdu, day1 }) =>
      accepted(at(id, 'heal'), {
        healVnfData: [
          {
            ...(vnf === undefined ? {} : { vnfInstanceId: vnf }),
            ...(cause === undefined ? {} : { cause }),
            additionalParams: {
              ...(units === undefined ? {} : { units }),
              ...(vdu === undefined ? {} : { vdu }),
              ...(day1 === undefined ? {} : { 'run-day1': day1 }),
            },
          },
        ],
      }),
    update: (id, request) => accepted(at(id, 'update'), request),
    action: (id, { vnf, primitive, vdu, unit, parameters = {}, timeoutMs }) =>
      accepted(at(id, 'action'), {
        member_vnf_index: vnf,
        primitive,
        primitive_params: parameters,
        ...(vdu === undefined ? {} : { vdu_id: vdu }),
        ...(unit === undefined ? {} : { unit }),
        ...(timeoutMs === undefined ? {} : { timeout_ns_action: timeoutMs / 1000 }),
      }),
    terminate: (id, { remove = false }) => accepted(at(id, 'terminate'), remove ? { autoremove: true } : {}),
    operations: async (service) => {
      const filter =
        service === undefined ? '' : `?filter=${encodeURIComponent(`(eq,nsInstanceId,${service})`)}`;
      const { body } = await ask('GET', `${NS_LCM_OP_OCCS}${filter}`);
      const all = z
        .array(NsLcmOpOccSchema)
        .parse(body)
        .map((each) => each.musterOperation);
      return all.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
    },
    operation: (id) => operationAt(`${NS_LCM_OP_OCCS}/${encodeURIComponent(id)}`),
    steer: async (id, verb) => {
      const path = `${NS_LCM_OP_OCCS}/${encodeURIComponent(id)}`;
      await ask('POST', `${path}/${verb}`, {});
      return operationAt(path);
    },
  };
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'USAGE',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'BAD_SERVICE',
};

async function asked(
  up: Pick<UpFile, 'api' | 'token' | 'pid'>,
  method: string,
  path: string,
  body: unknown,
): Promise<{ readonly body: unknown; readonly location: string | undefined }> {
  const hint = `is process ${up.pid} well? see up.log beside up.json`;
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(`${up.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${up.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    text = await answer.text();
  } catch (cause) {
    throw new MusterError('INTERNAL', `${up.api} does not answer`, { hint, cause });
  }
  const said: unknown = text.length > LONGEST_ANSWER ? undefined : parsed(text);
  if (answer.ok) return { body: said, location: answer.headers.get('location') ?? undefined };
  const problem = ProblemDetailsSchema.safeParse(said).data;
  if (problem === undefined) {
    throw new MusterError('INTERNAL', `${path}: ${answer.status} ${answer.statusText}`, { hint });
  }
  const named = [problem.code, problem.title].find(
    (each): each is ErrorCode => each !== undefined && Object.hasOwn(ERROR_CODES, each),
  );
  throw new MusterError(named ?? BY_STATUS[answer.status] ?? 'INTERNAL', problem.detail, {
    hint: problem.hint ?? '',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

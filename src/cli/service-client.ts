import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, MusterError } from '../protocol/errors.ts';
import { type Improved, ImprovedSchema } from '../protocol/improved-service.ts';
import { type Operation, OperationSchema } from '../protocol/operation-record.ts';
import { ServiceControlSchema, type ServiceControlView } from '../protocol/service-control.ts';
import { type ServiceInstance, ServiceInstanceSchema } from '../protocol/service-record.ts';
import type {
  ActionRequest,
  ApplyRequest,
  HealRequest,
  ImproveRequest,
  ScaleRequest,
  TerminateRequest,
  UpdateRequest,
} from '../protocol/service-requests.ts';
import {
  type ExecRequest,
  type Executed,
  ExecutedSchema,
  type UnitEntry,
  UnitEntrySchema,
  type UnitLog,
  UnitLogSchema,
} from '../protocol/unit-doors.ts';
import type { UpFile } from '../runtime/up/up-file.ts';

const WITHIN_MS = 15_000;
const LONGEST_ANSWER = 64 * 1024 * 1024;

/** What steers an operation from outside. */
export type OperationVerb = 'retry' | 'rollback' | 'cancel' | 'fail';

/** Services of what is up, over its API. All throw MusterError, with the API's reason and hint. */
export interface ServiceClient {
  apply(request: ApplyRequest): Promise<z.infer<typeof AppliedSchema>>;
  list(): Promise<readonly ServiceInstance[]>;
  get(id: string): Promise<ServiceInstance>;
  remove(id: string): Promise<void>;
  scale(id: string, request: ScaleRequest): Promise<Operation>;
  heal(id: string, request: HealRequest): Promise<Operation>;
  improve(id: string, request: ImproveRequest): Promise<Improved>;
  update(id: string, request: UpdateRequest): Promise<Operation>;
  action(id: string, request: ActionRequest): Promise<Operation>;
  terminate(id: string, request: TerminateRequest): Promise<Operation>;
  /** Its control agents. */
  control(id: string): Promise<ServiceControlView>;
  /** The end of what a unit has said. */
  logs(id: string, unit: string, bytes: number): Promise<UnitLog>;
  exec(id: string, unit: string, request: ExecRequest): Promise<Executed>;
  /** Where a shell enters it. */
  shell(id: string, unit: string): Promise<UnitEntry>;
  /** Newest first. */
  operations(service?: string): Promise<readonly Operation[]>;
  operation(id: string): Promise<Operation>;
  steer(id: string, verb: OperationVerb): Promise<Operation>;
}

export function createServiceClient(up: Pick<UpFile, 'api' | 'token' | 'pid'>): ServiceClient {
  const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) =>
    asked(up, method, path, body);
  const service = (id: string) => `/v1/services/${encodeURIComponent(id)}`;
  const unitAt = (id: string, unit: string) => `${service(id)}/units/${encodeURIComponent(unit)}`;
  const operationAt = (id: string) => `/v1/operations/${encodeURIComponent(id)}`;
  const begun = async (id: string, verb: string, request: unknown) =>
    OperationSchema.parse(await ask('POST', `${service(id)}/${verb}`, request));
  return {
    apply: async (request) => AppliedSchema.parse(await ask('POST', '/v1/services/apply', request)),
    list: async () => z.array(ServiceInstanceSchema).parse(await ask('GET', '/v1/services')),
    get: async (id) => ServiceInstanceSchema.parse(await ask('GET', service(id))),
    remove: async (id) => {
      await ask('DELETE', service(id));
    },
    scale: (id, request) => begun(id, 'scale', request),
    heal: (id, request) => begun(id, 'heal', request),
    improve: async (id, request) =>
      ImprovedSchema.parse(await ask('POST', `${service(id)}/improve`, request)),
    update: (id, request) => begun(id, 'update', request),
    action: (id, request) => begun(id, 'action', request),
    terminate: (id, request) => begun(id, 'terminate', request),
    control: async (id) => ServiceControlSchema.parse(await ask('GET', `${service(id)}/control`)),
    logs: async (id, unit, bytes) =>
      UnitLogSchema.parse(await ask('GET', `${unitAt(id, unit)}/logs?bytes=${bytes}`)),
    exec: async (id, unit, request) =>
      ExecutedSchema.parse(
        await asked(up, 'POST', `${unitAt(id, unit)}/exec`, request, WITHIN_MS + (request.timeoutMs ?? 0)),
      ),
    shell: async (id, unit) => UnitEntrySchema.parse(await ask('POST', `${unitAt(id, unit)}/shell`, {})),
    operations: async (of) => {
      const query = of === undefined ? '' : `?service=${encodeURIComponent(of)}`;
      return z.array(OperationSchema).parse(await ask('GET', `/v1/operations${query}`));
    },
    operation: async (id) => OperationSchema.parse(await ask('GET', operationAt(id))),
    steer: async (id, verb) => OperationSchema.parse(await ask('POST', `${operationAt(id)}/${verb}`, {})),
  };
}

/** RFC 9457, with what to do next (`hint`) and our own code (`code`). */
const ProblemSchema = z.looseObject({
  title: z.string().optional(),
  detail: z.string(),
  /** `detail` without the hint. */
  reason: z.string().optional(),
  hint: z.string().optional(),
  code: z.string().optional(),
});

const AppliedSchema = z.looseObject({
  outcome: z.enum(['created', 'updated', 'unchanged', 'planned']),
  changes: z.array(z.looseObject({ about: z.string(), change: z.string() })),
  service: ServiceInstanceSchema.optional(),
  operation: OperationSchema.optional(),
});

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
  withinMs = WITHIN_MS,
): Promise<unknown> {
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
      signal: AbortSignal.timeout(withinMs),
    });
    text = await answer.text();
  } catch (cause) {
    throw new MusterError('INTERNAL', `${up.api} does not answer`, { hint, cause });
  }
  const said: unknown = text.length > LONGEST_ANSWER ? undefined : parsed(text);
  if (answer.ok) return said;
  const problem = ProblemSchema.safeParse(said).data;
  if (problem === undefined) {
    throw new MusterError('INTERNAL', `${path}: ${answer.status} ${answer.statusText}`, { hint });
  }
  const named = [problem.code, problem.title].find(
    (each): each is ErrorCode => each !== undefined && Object.hasOwn(ERROR_CODES, each),
  );
  throw new MusterError(named ?? BY_STATUS[answer.status] ?? 'INTERNAL', problem.reason ?? problem.detail, {
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

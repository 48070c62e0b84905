import { z } from 'zod';
import { withoutGivenValues } from '../../core/lifecycle/hidden-values.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import {
  ExecRequestSchema,
  ExecutedSchema,
  LogQuerySchema,
  UnitEntrySchema,
  UnitLogSchema,
} from '../../protocol/unit-doors.ts';
import { unitOfService } from '../../runtime/services/unit-of-service.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import type { Northbound } from '../northbound.ts';

const tag = 'Muster: services';
const params = z.object({ service: IdentifierSchema, unit: IdentifierSchema });
const one = '/v1/services/{service}/units/{unit}';

/** What operators look at and do inside a unit. Each POST is an entry of the journal, with the name of who asked and without what was asked. */
export function unitEndpoints({ services, infrastructure }: Northbound): readonly Endpoint[] {
  const here = () => {
    const found = infrastructure();
    if (found !== undefined) return found;
    throw new HttpProblem({
      status: 503,
      reason: 'nothing runs functions yet, or nothing does any more',
      hint: 'muster status tells when it is up; then ask again',
    });
  };
  return [
    endpoint({
      method: 'GET',
      path: `${one}/logs`,
      tag,
      summary: 'The last lines of what a unit says; for viewers without the values that it was given',
      params,
      query: LogQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'Its last lines', schema: UnitLogSchema } },
      handle: async ({ params: { service, unit: typed }, query: { bytes }, caller }) => {
        const { id, recipe } = await unitOfService(services, service, typed);
        const said = await here().logs(id, bytes);
        const given = { ...valuesIn((await services.get(service)).wanted), ...recipe.parameters };
        const text = caller?.role === 'operator' ? said : withoutGivenValues(said, given);
        return { status: 200, body: { unit: id, text } };
      },
    }),
    endpoint({
      method: 'POST',
      path: `${one}/exec`,
      tag,
      summary: 'Runs a command inside a unit, within its limits; of its output the first 64 KiB are told',
      params,
      query: NOTHING,
      body: ExecRequestSchema,
      answers: { 200: { description: 'What came of it', schema: ExecutedSchema } },
      handle: async ({ params: { service, unit: typed }, body: { command, timeoutMs } }) => {
        const { id } = await unitOfService(services, service, typed);
        const { exec, kind: plane } = here();
        const { exitCode, stdout, stderr } = await exec(id, command, timeoutMs);
        return { status: 200, body: { unit: id, plane, exitCode, stdout, stderr } };
      },
    }),
    endpoint({
      method: 'POST',
      path: `${one}/shell`,
      tag,
      summary: 'Where root of this machine enters a unit with a shell: for muster service shell',
      params,
      query: NOTHING,
      body: z.strictObject({}).optional(),
      answers: { 200: { description: 'Its processes and control groups', schema: UnitEntrySchema } },
      handle: async ({ params: { service, unit: typed } }) => {
        const { id } = await unitOfService(services, service, typed);
        const { entry } = here();
        if (entry !== undefined) return { status: 200, body: await entry(id) };
        throw new HttpProblem({
          status: 422,
          reason: 'functions of the twin are models: there is nothing to enter',
          hint: 'muster service logs, or muster service exec for its primitives; real processes: muster up --plane linux',
          code: 'NOT_SUPPORTED',
        });
      },
    }),
  ];
}

/** All values of a service file; where two members give one name, the value is known by the member's. */
function valuesIn({ parameters, members }: ServiceFile): Readonly<Record<string, string>> {
  const own = Object.entries(members ?? {}).flatMap(([member, given]) =>
    Object.entries({ ...given.parameters, ...given.day1 }).map(([name, value]) => [
      `${member}.${name}`,
      value,
    ]),
  );
  return { ...parameters, ...Object.fromEntries(own) };
}

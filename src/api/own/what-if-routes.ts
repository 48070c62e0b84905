import { z } from 'zod';
import { RunIdSchema } from '../../protocol/run-view.ts';
import {
  WhatIfAppliedSchema,
  WhatIfOrderSchema,
  WhatIfRemedySchema,
  WhatIfViewSchema,
} from '../../protocol/what-if.ts';
import { applyRemedy, remedyFor } from '../../runtime/what-if/remedy.ts';
import type { WhatIfDesk } from '../../runtime/what-if/what-if-desk.ts';
import type { Caller } from '../access/caller.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import { begun, type Northbound } from '../northbound.ts';

const tag = 'Muster: what if';
const one = z.object({ whatIf: RunIdSchema });
/** What is up stays as it is: who may look may ask. */
const forViewers = true;

/** What-ifs: what is up forked into the twin, changed there, run ahead, and compared. `to`: whoever manages services; undefined: nobody. */
export function whatIfEndpoints(desk: WhatIfDesk, to: Northbound | undefined): readonly Endpoint[] {
  const changeOf = async (id: z.infer<typeof RunIdSchema>) => (await desk.detail(id)).order.change;
  const sites = () => to?.sites() ?? [];
  /** Who may only look ends what is their own. */
  const mayEnd = async (id: z.infer<typeof RunIdSchema>, caller: Caller | undefined): Promise<void> => {
    const { by } = await desk.detail(id);
    if (caller?.role === 'operator' || caller?.name === by) return;
    throw new HttpProblem({
      status: 403,
      reason: `${id} was asked by ${by}`,
      hint: `${by} or an operator can stop it or throw it away`,
    });
  };
  return [
    endpoint({
      method: 'GET',
      path: '/v1/what-ifs',
      tag,
      summary: 'What-ifs, the newest first',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'As they are', schema: z.array(WhatIfViewSchema) } },
      handle: async () => ({ status: 200, body: await desk.list() }),
    }),
    endpoint({
      method: 'POST',
      path: '/v1/what-ifs',
      tag,
      summary: 'Forks what is up and runs it ahead, with a change and without; one at a time',
      forViewers,
      params: NOTHING,
      query: NOTHING,
      body: WhatIfOrderSchema,
      answers: { 202: { description: 'It is being forked', schema: WhatIfViewSchema } },
      handle: async ({ body, caller }) => ({
        status: 202,
        body: await desk.start(body, caller?.name ?? 'nobody'),
      }),
    }),
    endpoint({
      method: 'GET',
      path: '/v1/what-ifs/{whatIf}',
      tag,
      summary: 'How far it is, and what came of it',
      params: one,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'As it is', schema: WhatIfViewSchema } },
      handle: async ({ params }) => ({ status: 200, body: await desk.detail(params.whatIf) }),
    }),
    endpoint({
      method: 'POST',
      path: '/v1/what-ifs/{whatIf}/stop',
      tag,
      summary: 'Stops it; nothing is recorded',
      forViewers,
      params: one,
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: 'It is gone' } },
      handle: async ({ params, caller }) => {
        await mayEnd(params.whatIf, caller);
        await desk.stop(params.whatIf);
        return { status: 204 };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/v1/what-ifs/{whatIf}',
      tag,
      summary: 'Throws it away, with what was recorded of it',
      forViewers,
      params: one,
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: 'It is gone' } },
      handle: async ({ params, caller }) => {
        await mayEnd(params.whatIf, caller);
        await desk.remove(params.whatIf);
        return { status: 204 };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/v1/what-ifs/{whatIf}/remedy',
      tag,
      summary: 'What could be done about it in the live network; changes nothing',
      params: one,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'As it is now', schema: WhatIfRemedySchema } },
      handle: async ({ params }) => ({
        status: 200,
        body: await remedyFor(await changeOf(params.whatIf), to?.services, sites()),
      }),
    }),
    endpoint({
      method: 'POST',
      path: '/v1/what-ifs/{whatIf}/apply',
      tag,
      summary: 'Does what can be done about it in the live network',
      params: one,
      query: NOTHING,
      body: NOTHING,
      answers: { 202: { description: 'Begun', schema: WhatIfAppliedSchema } },
      handle: async ({ params, caller }) => {
        const applied = await applyRemedy(await changeOf(params.whatIf), to?.services, sites());
        for (const { operation } of applied) {
          if (to !== undefined && operation !== undefined)
            await begun(to, caller, Promise.resolve(operation));
        }
        return {
          status: 202,
          body: { applied: applied.map((each) => ({ ...each, operation: each.operation?.id ?? null })) },
        };
      },
    }),
  ];
}

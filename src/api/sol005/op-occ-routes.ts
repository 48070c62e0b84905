import { z } from 'zod';
import type { Operation } from '../../protocol/operation-record.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import { NsLcmOpOccSchema } from '../../protocol/sol005/nslcm-answers.ts';
import { CancelModeSchema } from '../../protocol/sol005/nslcm-requests.ts';
import { callerOfOperation } from '../../runtime/services/operation-callers.ts';
import { seenBy } from '../access/seen-by.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { taggedAnswer } from '../http/entity-tag.ts';
import { ListQuerySchema, listAnswer } from '../http/list-answer.ts';
import type { Northbound } from '../northbound.ts';
import { OP_OCCS } from './ns-instance-view.ts';
import { opOccPath, opOccView } from './op-occ-view.ts';

const tag = 'SOL005: operations';
const params = z.object({ nsLcmOpOccId: IdentifierSchema });
const one = `${OP_OCCS}/{nsLcmOpOccId}`;
/** Later than any time: times are subtracted from it, so that the newest come first. */
const END_MS = 10 ** 15;

/** Newest first. */
export function keyOfOperation({ startedAtMs, id }: Operation): string {
  return `${String(END_MS - startedAtMs).padStart(16, '0')} ${id}`;
}

/** `/nslcm/v1/ns_lcm_op_occs` of ETSI GS NFV-SOL 005. */
export function opOccEndpoints({ services, records }: Northbound, pageSize?: number): readonly Endpoint[] {
  const view = async (operation: Operation) =>
    opOccView(operation, await callerOfOperation(await records.view(), operation.id));
  /** What is done with an operation that waits or goes on. */
  const verb = (
    name: string,
    summary: string,
    body: z.ZodType,
    act: (id: string) => Promise<Operation>,
  ): Endpoint =>
    endpoint({
      method: 'POST',
      path: `${one}/${name}`,
      tag,
      summary,
      params,
      query: NOTHING,
      body,
      answers: { 202: { description: 'Taken: the operation shows how it goes on' } },
      handle: async ({ params: { nsLcmOpOccId } }) => {
        const { id } = await act(nsLcmOpOccId);
        return { status: 202, headers: { location: opOccPath(id) } };
      },
    });
  const empty = z.strictObject({}).optional();
  return [
    endpoint({
      method: 'GET',
      path: OP_OCCS,
      tag,
      summary: 'Operations, newest first, one page of them',
      params: NOTHING,
      query: ListQuerySchema,
      body: NOTHING,
      answers: {
        200: { description: 'Those that fit the filter', schema: z.array(NsLcmOpOccSchema.partial()) },
      },
      handle: async ({ query, caller }) => {
        const seen = seenBy(caller);
        const list = {
          items: await services.operations(),
          keyOf: keyOfOperation,
          // Who began each is told of one at a time.
          view: (operation: Operation) => opOccView(seen.operation(operation), undefined),
          byDefaultWithout: ['musterOperation'],
        };
        return listAnswer(list, query, OP_OCCS, pageSize);
      },
    }),
    endpoint({
      method: 'GET',
      path: one,
      tag,
      summary: 'One operation, with its steps and how far it is',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: {
        200: { description: 'As it is', schema: NsLcmOpOccSchema },
        304: { description: 'As you have it' },
      },
      handle: async ({ params: { nsLcmOpOccId }, headers, caller }) =>
        taggedAnswer(await view(seenBy(caller).operation(await services.operation(nsLcmOpOccId))), headers),
    }),
    verb('retry', 'FAILED_TEMP: again, from the step that failed', empty, (id) => services.retry(id)),
    verb('rollback', 'FAILED_TEMP: undoes what has been done', empty, (id) => services.rollback(id)),
    verb('cancel', 'Stops after the step that is being done', CancelModeSchema, (id) => services.cancel(id)),
    endpoint({
      method: 'POST',
      path: `${one}/fail`,
      tag,
      summary: 'FAILED_TEMP: it stays as it is',
      params,
      query: NOTHING,
      body: empty,
      answers: { 200: { description: 'It has failed', schema: NsLcmOpOccSchema } },
      handle: async ({ params: { nsLcmOpOccId } }) => ({
        status: 200,
        body: await view(await services.fail(nsLcmOpOccId)),
      }),
    }),
  ];
}

import { z } from 'zod';
import { AgentAdditionSchema, AgentMoveSchema, AgentRevocationSchema } from '../../protocol/agent-change.ts';
import { Hex32Schema } from '../../protocol/agent-control.ts';
import { MusterError } from '../../protocol/errors.ts';
import { JournalEntrySchema } from '../../protocol/journal.ts';
import { NetworkCountersSchema } from '../../protocol/network-counters.ts';
import { NetworkViewSchema } from '../../protocol/network-view.ts';
import { PipelineViewSchema, RoundOrderSchema } from '../../protocol/pipeline-view.ts';
import type { Supervisor } from '../../runtime/up/supervisor.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';

/** What the API asks of what runs here. */
export type Supervised = Pick<
  Supervisor,
  | 'status'
  | 'record'
  | 'appraisal'
  | 'entriesAfter'
  | 'listen'
  | 'change'
  | 'group'
  | 'network'
  | 'counters'
  | 'orderRounds'
  | 'upgrade'
  | 'planUpgrade'
  | 'upgradeTo'
  | 'startAgent'
  | 'block'
  | 'unblock'
  | 'blocks'
  | 'recordRequest'
>;

const tag = 'Muster: what runs here';
const anything = z.looseObject({});
const agentName = z.object({ name: z.string().min(1).max(64) });

export interface StatusOptions {
  readonly supervisor: Supervised;
  onStop(keepFunctions: boolean): void;
}

/** Status, agents and record of what runs here, and what an operator may change of it. */
export function statusEndpoints({ supervisor, onStop }: StatusOptions): readonly Endpoint[] {
  return [...readings(supervisor), ...changes(supervisor, onStop)];
}

function readings(supervisor: Supervised): readonly Endpoint[] {
  const read = (path: string, summary: string, schema: z.ZodType, answer: () => unknown): Endpoint =>
    endpoint({
      method: 'GET',
      path,
      tag,
      summary,
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'As it is now', schema } },
      handle: async () => ({ status: 200, body: await answer() }),
    });
  return [
    read('/v1/status', 'What runs, and how it fares', anything, () => supervisor.status()),
    read('/v1/agents', 'The agents', z.array(anything), () => supervisor.status().agents),
    read('/v1/pipeline', 'The group of agents, as pipelines are planned for it', PipelineViewSchema, () =>
      supervisor.group(),
    ),
    read('/v1/network', 'The network that it runs on', NetworkViewSchema, () => supervisor.network()),
    read(
      '/v1/network/counters',
      'What has gone over its links, and what units have used',
      NetworkCountersSchema,
      () => supervisor.counters(),
    ),
    read('/v1/record', 'For who checks from outside what has been done', anything, () => {
      const record = supervisor.record();
      if (record !== undefined) return record;
      throw notYet('there is no ledger yet');
    }),
    read('/v1/checkpoint', 'The last checkpoint that was co-signed', anything, () => {
      const { pipeline, operator, checkpoint } = supervisor.record() ?? {};
      if (checkpoint) return { pipeline, operator, checkpoint };
      throw notYet('no block has been co-signed yet');
    }),
    read('/v1/entries', 'The journal, as far as it is kept', z.array(JournalEntrySchema), () =>
      supervisor.entriesAfter(0).map(({ entry }) => entry),
    ),
    endpoint({
      method: 'GET',
      path: '/v1/appraisals/{hash}',
      tag,
      summary: 'An appraisal, by the hash that its verdict carries',
      params: z.object({ hash: Hex32Schema }),
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'Its text', schema: z.strictObject({ text: z.string() }) } },
      handle: async ({ params: { hash } }) => {
        const text = supervisor.appraisal(hash);
        if (text !== undefined) return { status: 200, body: { text } };
        throw new HttpProblem({
          status: 404,
          reason: 'no appraisal with that hash is known here, or not any more',
          hint: 'muster ledger list tells which there are',
        });
      },
    }),
  ];
}

function changes(supervisor: Supervised, onStop: StatusOptions['onStop']): readonly Endpoint[] {
  const changed = z.strictObject({ changed: z.string() });
  return [
    endpoint({
      method: 'POST',
      path: '/v1/agents',
      tag,
      summary: 'Adds an agent',
      params: NOTHING,
      query: NOTHING,
      body: AgentAdditionSchema,
      answers: { 202: { description: 'It is there', schema: changed } },
      handle: async ({ body }) => {
        await supervisor.change({ ...body, kind: 'add' });
        return { status: 202, body: { changed: body.name } };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/v1/agents/{name}/move',
      tag,
      summary: 'Moves an agent to another host, or gives it other capabilities',
      params: agentName,
      query: NOTHING,
      body: AgentMoveSchema,
      answers: { 202: { description: 'It is there', schema: changed } },
      handle: async ({ params: { name }, body }) => {
        await supervisor.change({ ...body, kind: 'move', name });
        return { status: 202, body: { changed: name } };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/v1/agents/{name}',
      tag,
      summary: 'Removes an agent',
      params: agentName,
      query: NOTHING,
      body: NOTHING,
      answers: { 202: { description: 'It is gone', schema: changed } },
      handle: async ({ params: { name } }) => {
        await supervisor.change({ kind: 'remove', name });
        return { status: 202, body: { changed: name } };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/v1/agents/{name}/revoke',
      tag,
      summary: 'Throws out the incarnation of an agent that is there now; its next one is attested anew',
      params: agentName,
      query: NOTHING,
      body: AgentRevocationSchema,
      answers: { 202: { description: 'It is on the ledger', schema: changed } },
      handle: async ({ params: { name }, body, caller }) => {
        const reason = `${body.reason} (operator ${caller?.name ?? 'nobody'})`;
        await supervisor.change({ kind: 'revoke', name, reason });
        return { status: 202, body: { changed: name } };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/v1/pipeline/order',
      tag,
      summary: 'Sets the order in which agents attest one another',
      params: NOTHING,
      query: NOTHING,
      body: RoundOrderSchema,
      answers: { 202: { description: 'It is on the ledger', schema: changed } },
      handle: async ({ body: { order } }) => {
        await supervisor.orderRounds(order);
        return { status: 202, body: { changed: 'order' } };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/v1/agents/{name}/start',
      tag,
      summary: 'Starts an agent that stays down',
      params: agentName,
      query: NOTHING,
      body: NOTHING,
      answers: {
        202: { description: 'It is being started', schema: z.strictObject({ starting: z.literal(true) }) },
      },
      handle: async ({ params: { name } }) => {
        if (supervisor.startAgent(name)) return { status: 202, body: { starting: true } };
        throw new MusterError('CONFLICT', 'there is no agent of that name that stays down', {
          hint: 'muster agent list',
        });
      },
    }),
    endpoint({
      method: 'POST',
      path: '/v1/stop',
      tag,
      summary: 'Stops everything; functions of services only if they are not to be kept',
      params: NOTHING,
      query: z.object({ functions: z.enum(['stop', 'keep']).default('stop') }),
      body: NOTHING,
      answers: {
        202: { description: 'It is being stopped', schema: z.strictObject({ stopping: z.literal(true) }) },
      },
      // What is stopped ends all connections: the answer goes first.
      handle: async ({ query: { functions } }) => ({
        status: 202,
        body: { stopping: true },
        after: () => onStop(functions === 'keep'),
      }),
    }),
  ];
}

function notYet(reason: string): HttpProblem {
  return new HttpProblem({
    status: 503,
    reason,
    hint: 'ask again in a second',
    headers: { 'retry-after': '1' },
  });
}

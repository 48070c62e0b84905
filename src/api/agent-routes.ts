import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { AgentChange } from '../protocol/agent-change.ts';
import { AgentAdditionSchema, AgentMoveSchema } from '../protocol/agent-change.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import { MusterError } from '../protocol/errors.ts';

const HTTP_STATUS: Partial<Record<ErrorCode, number>> = { USAGE: 409, NOT_FOUND: 404, LEDGER_FAILED: 502 };

/** `change` resolves once it is made; it throws MusterError. */
export function addAgentRoutes(api: FastifyInstance, change: (what: AgentChange) => Promise<void>): void {
  const make = async (reply: FastifyReply, parse: () => AgentChange): Promise<void> => {
    try {
      const what = parse();
      await change(what);
      await reply.code(202).send({ changed: what.name });
    } catch (error) {
      if (error instanceof z.ZodError) {
        await reply
          .code(400)
          .send({ status: 400, title: 'Bad request', detail: z.prettifyError(error), hint: '' });
      } else if (error instanceof MusterError) {
        const status = HTTP_STATUS[error.code] ?? 500;
        const { message: detail, hint } = error;
        await reply.code(status).send({ status, title: error.code, detail, hint });
      } else throw error;
    }
  };
  const nameIn = (params: unknown) => z.object({ name: z.string().max(64) }).parse(params).name;
  api.post('/v1/agents', (request, reply) =>
    make(reply, () => ({ ...AgentAdditionSchema.parse(request.body), kind: 'add' })),
  );
  api.post('/v1/agents/:name/move', (request, reply) =>
    make(reply, () => ({
      ...AgentMoveSchema.parse(request.body),
      kind: 'move',
      name: nameIn(request.params),
    })),
  );
  api.delete('/v1/agents/:name', (request, reply) =>
    make(reply, () => ({ kind: 'remove', name: nameIn(request.params) })),
  );
}

import { Document } from 'yaml';
import { z } from 'zod';
import { pipelineOf } from '../../core/pipeline-plan/complete-pipeline.ts';
import { pipelineChanges } from '../../core/pipeline-plan/pipeline-changes.ts';
import type { PipelineCheck } from '../../protocol/pipeline-check.ts';
import {
  PipelineCheckSchema,
  PipelineFileTextSchema,
  PipelineTextSchema,
  PlannedPipelineSchema,
} from '../../protocol/pipeline-check.ts';
import { PipelineNameSchema } from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { ServiceControlSchema } from '../../protocol/service-control.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import { readPipeline } from '../../runtime/pipelines/load-pipeline.ts';
import { changeRows, figuresInWords } from '../../runtime/pipelines/pipeline-in-words.ts';
import { planServicePipeline } from '../../runtime/pipelines/plan-service-pipeline.ts';
import { serviceToControl } from '../../runtime/pipelines/service-to-control.ts';
import { refusedPlan } from '../../runtime/services/plan-of.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import type { Northbound } from '../northbound.ts';

const tag = 'Muster: pipelines';
const FILE = 'pipeline.yaml';

/** The control agents that services need, as `muster pipeline plan` has them. */
export function pipelinePlanEndpoints(
  { services, packages, site, control }: Pick<Northbound, 'services' | 'packages' | 'site' | 'control'>,
  group: () => PipelineView,
): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/v1/services/{service}/pipeline',
      tag,
      summary: 'The control agents that a service needs, and where, as a file to edit and apply',
      params: z.object({ service: IdentifierSchema }),
      query: z.strictObject({ bidders: z.coerce.number().int().min(1).max(16).default(2) }),
      body: NOTHING,
      answers: { 200: { description: 'YAML, with what it amounts to', schema: PlannedPipelineSchema } },
      handle: async ({ params: { service: ref }, query: { bidders } }) => {
        const toControl = await serviceToControl(await services.get(ref), packages, site);
        const open = { substrate: undefined, perRound: undefined };
        const planned = planServicePipeline({ ...toControl, ...open, view: group(), bidders });
        const { pipeline, notes, figures, naive } = planned;
        return {
          status: 200,
          body: {
            name: pipeline.name,
            text: new Document({ pipeline }).toString(),
            notes: [...notes, ...figuresInWords(figures, naive)],
          },
        };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/v1/services/{service}/control',
      tag,
      summary:
        'The control agents that a service has, and what stands in the way of those that it is to have',
      params: z.object({ service: IdentifierSchema }),
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'As it is now', schema: ServiceControlSchema } },
      handle: async ({ params: { service } }) => {
        if (control !== undefined) return { status: 200, body: await control(service) };
        throw new HttpProblem({
          status: 503,
          reason: 'nobody looks after control agents here',
          hint: 'muster up --sites FILE',
        });
      },
    }),
  ];
}

/** The pipelines of what is up as files: read, checked, and compared, as `muster pipeline get`, `validate` and `diff` do. */
export function pipelineEndpoints(group: () => PipelineView): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/v1/pipeline/file',
      tag,
      summary: 'A pipeline of what is up as a file to edit and apply',
      params: NOTHING,
      query: z.strictObject({ name: PipelineNameSchema.optional() }),
      body: NOTHING,
      answers: { 200: { description: 'YAML', schema: PipelineFileTextSchema } },
      handle: async ({ query }) => ({ status: 200, body: fileOf(group(), query.name) }),
    }),
    endpoint({
      method: 'POST',
      path: '/v1/pipeline/check',
      tag,
      summary: 'What is wrong with a pipeline file, and what applying it would change; changes nothing',
      params: NOTHING,
      query: NOTHING,
      body: PipelineTextSchema,
      answers: { 200: { description: 'What would change', schema: PipelineCheckSchema } },
      handle: async ({ body: { text } }) => ({ status: 200, body: checked(text, group()) }),
    }),
  ];
}

function fileOf(view: PipelineView, name = view.name) {
  const names = new Set([view.name, ...view.agents.map(({ pipeline }) => pipeline)]);
  if (!names.has(name)) {
    throw new HttpProblem({
      status: 404,
      reason: `there is no pipeline ${name}`,
      hint: `there are: ${[...names].join(', ')}`,
    });
  }
  return { name, text: new Document({ pipeline: pipelineOf(view, name) }).toString() };
}

function checked(text: string, view: PipelineView): PipelineCheck {
  const { pipeline, problems } = readPipeline(text, FILE, view);
  const told = problems.map(({ line, column, path, message, mend, severity = 'error' as const }) => ({
    ...{ line, column, path, message, mend, severity },
  }));
  const nothing = { problems: told, rows: [], changes: [], order: null, refusal: null };
  if (pipeline === undefined) return { ...nothing, pipeline: null };
  const { name } = pipeline;
  const about = { name, agents: pipeline.agents.map((agent) => agent.name) };
  const plan = pipelineChanges(pipeline, view);
  if ('refusals' in plan) {
    const { message: reason, hint } = refusedPlan(name, plan.refusals);
    return { ...nothing, pipeline: about, refusal: { reason, hint } };
  }
  return {
    problems: told,
    pipeline: about,
    rows: [...changeRows(plan, view)],
    changes: plan.changes.map((change) =>
      change.kind === 'remove' ? change : { ...change, capabilities: [...change.capabilities] },
    ),
    order: plan.order === undefined ? null : [...plan.order],
    refusal: null,
  };
}

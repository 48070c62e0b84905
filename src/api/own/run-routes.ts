import { z } from 'zod';
import type { RunId } from '../../protocol/run-view.ts';
import { RunDetailSchema, RunIdSchema, RunOrderSchema, RunViewSchema } from '../../protocol/run-view.ts';
import type { RunShelf } from '../../runtime/runs/run-shelf.ts';
import { findScenario, shippedScenarios } from '../../runtime/scenario/find-scenario.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';

const tag = 'Muster: scenarios and their runs';
const run = z.object({ run: RunIdSchema });

const ScenarioViewSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  durationMs: z.number(),
  users: z.int(),
  attackers: z.int(),
});

/** Scenarios that come with Muster, and runs of them: recorded ones, and one at a time that is started here. */
export function runEndpoints(shelf: RunShelf): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/v1/scenarios',
      tag,
      summary: 'Scenarios that come with Muster',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'By name', schema: z.array(ScenarioViewSchema) } },
      handle: async () => ({ status: 200, body: await Promise.all(shippedScenarios().map(scenarioView)) }),
    }),
    endpoint({
      method: 'GET',
      path: '/v1/runs',
      tag,
      summary: 'Runs, the newest first',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'Without what happened in them', schema: z.array(RunViewSchema) } },
      handle: async () => ({ status: 200, body: await shelf.list() }),
    }),
    endpoint({
      method: 'POST',
      path: '/v1/runs',
      tag,
      summary: 'Runs a scenario; one at a time',
      params: NOTHING,
      query: NOTHING,
      body: RunOrderSchema,
      answers: { 202: { description: 'It is being started', schema: RunViewSchema } },
      handle: async ({ body }) => {
        await findScenario(body.scenario);
        return { status: 202, body: shelf.start(body) };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/v1/runs/{run}',
      tag,
      summary: 'A run, with its scenario, its traffic, and its report once it has ended',
      params: run,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'As it is', schema: RunDetailSchema } },
      handle: async ({ params }) => ({ status: 200, body: await shelf.detail(params.run) }),
    }),
    endpoint({
      method: 'POST',
      path: '/v1/runs/{run}/stop',
      tag,
      summary: 'Stops a run that was started here; it cleans up, and records nothing',
      params: run,
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: 'It is gone' } },
      handle: async ({ params }) => {
        await shelf.stop(params.run);
        return { status: 204 };
      },
    }),
  ];
}

async function scenarioView(name: string): Promise<z.input<typeof ScenarioViewSchema>> {
  const { title, durationMs, users, attacks } = await findScenario(name);
  return {
    name,
    title,
    durationMs,
    users: users.reduce((sum, each) => sum + each.count, 0),
    attackers: attacks.reduce((sum, each) => sum + each.ratesPps.length, 0),
  };
}

/** The run in the path of its stream; undefined: it is no name of one. */
export function runIdOf(text: string | undefined): RunId | undefined {
  return RunIdSchema.safeParse(text).data;
}

import { z } from 'zod';
import { ScenarioSchema } from './scenario.ts';

/** The JSON Schema of scenario files, for editors; published as scenarios/scenario.schema.json. */
export function scenarioJsonSchema(): object {
  return { title: 'Muster scenario', ...z.toJSONSchema(ScenarioSchema, { io: 'input' }) };
}

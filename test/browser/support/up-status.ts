import { z } from 'zod';
import type { RunningUp } from './up.ts';

const StatusSchema = z.looseObject({
  agents: z.array(
    z.looseObject({
      name: z.string(),
      site: z.string(),
      host: z.string(),
      status: z.string(),
      incarnation: z.number(),
      pid: z.number().nullable(),
      roles: z.array(z.string()),
    }),
  ),
});

/** What `muster status` tells of the agents. */
export async function agentsOf(up: RunningUp) {
  return StatusSchema.parse(JSON.parse(await up.muster('status', '-o', 'json'))).agents;
}
